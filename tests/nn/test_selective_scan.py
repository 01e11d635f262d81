"""The parallel scan and the step are the definition; memory grows with length, not its square."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.nn.mamba import Mamba
from intone.nn.selective_scan import scan, scan_in_order, scan_step

Inputs = tuple[torch.Tensor, ...]


def inputs(length: int, seed: int = 0, *, batch: int = 2, scale: float = 1.0) -> Inputs:
    """Random x, dt, a, b, c in float64."""
    source = torch.Generator().manual_seed(seed)

    def randn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    dt = torch.nn.functional.softplus(randn(batch, length, 3)) * scale
    return randn(batch, length, 3, 4), dt, -randn(3).exp(), *(randn(batch, length, 5),) * 2


@settings(deadline=None, max_examples=30)
@given(
    length=st.integers(1, 150),
    chunk=st.sampled_from([1, 7, 16, 64]),
    scale=st.sampled_from([1e-3, 1.0, 50.0]),
)
def test_the_parallel_form_equals_the_definition(length: int, chunk: int, scale: float) -> None:
    given = inputs(length, scale=scale)
    state = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    ours, last = scan(*given, state, chunk=chunk)
    theirs, last_theirs = scan_in_order(*given, state)
    torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=1e-9)
    torch.testing.assert_close(last, last_theirs, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("length", [1, 30, 300])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_the_form_for_graphs_equals_the_definition(
    length: int, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    given = inputs(length, scale=scale)
    state = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    ours, last = scan(*given, state, chunk=16)
    theirs, last_theirs = scan_in_order(*given, state)
    torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=1e-9)
    torch.testing.assert_close(last, last_theirs, atol=1e-9, rtol=1e-9)


def test_gradients_equal_the_definitions() -> None:
    gradients = []
    for form in (scan, scan_in_order):
        given = [each.clone().requires_grad_() for each in inputs(130)]
        outputs, last = form(*given)
        (outputs.square().sum() + last.sum()).backward()
        gradients.append([each.grad for each in given])
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-8, rtol=1e-8)


def test_a_sequence_may_be_cut_where_the_state_is_handed_on() -> None:
    whole = inputs(100)
    expected, _ = scan(*whole)
    x, dt, a, b, c = whole
    first, state = scan(x[:, :37], dt[:, :37], a, b[:, :37], c[:, :37])
    second, state = scan(x[:, 37:99], dt[:, 37:99], a, b[:, 37:99], c[:, 37:99], state)
    third, _ = scan_step(x[:, 99], dt[:, 99], a, b[:, 99], c[:, 99], state)
    joined = torch.cat([first, second, third[:, None]], dim=1)
    torch.testing.assert_close(joined, expected, atol=1e-9, rtol=1e-9)


def _saved_bytes(length: int) -> int:
    """What autograd keeps for the backward pass."""
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> Any:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    given = [each.requires_grad_() for each in inputs(length, batch=1)]
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        outputs, _ = scan(*given)
    assert outputs.requires_grad
    return sum(kept.values())


def test_memory_is_linear_in_length() -> None:
    assert _saved_bytes(4096) < 1.05 * 8 * _saved_bytes(512)


@pytest.fixture
def layer() -> Mamba:
    torch.manual_seed(0)
    return Mamba(12, inner=16, head=8, state=6).double()


def test_the_layer_steps_as_it_trains(layer: Mamba) -> None:
    sequence = torch.randn(2, 90, 12, dtype=torch.float64)
    memory, stepped = None, []
    for t in range(90):
        output, memory = layer.step(sequence[:, t], memory)
        stepped.append(output)
    torch.testing.assert_close(torch.stack(stepped, 1), layer(sequence), atol=1e-9, rtol=1e-9)


def test_what_comes_later_changes_nothing_before_it(layer: Mamba) -> None:
    sequence = torch.randn(1, 90, 12, dtype=torch.float64)
    changed = sequence.clone()
    changed[:, 70:] += 5
    torch.testing.assert_close(layer(sequence)[:, :70], layer(changed)[:, :70])
    assert not torch.allclose(layer(sequence)[:, 70:], layer(changed)[:, 70:])


def test_the_memory_is_selected_by_the_input(layer: Mamba) -> None:
    """A fixed filter would add up: the response to a sum would be the sum of the responses."""
    one, other = torch.randn(2, 1, 40, 12, dtype=torch.float64).unbind(0)
    assert not torch.allclose(layer(one + other), layer(one) + layer(other), atol=1e-3)
