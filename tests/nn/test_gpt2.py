"""GPT-2's layers compute here what they do in `transformers`, and the cache changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from intone.core.errors import SettingsError
from intone.nn.gpt2 import GPT2

transformers = pytest.importorskip("transformers")

SIZE = {"symbols": 10, "channels": 32, "layers": 2, "heads": 2, "positions": 24, "dropout": 0.0}


def reference_model(**changes: int) -> object:
    torch.manual_seed(3)
    numbers = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 24, **changes}
    return transformers.GPT2Model(transformers.GPT2Config(vocab_size=10, **numbers)).eval()


def causal(count: int) -> torch.Tensor:
    return torch.ones(1, count, count, dtype=torch.bool).tril()


def test_it_begins_with_pretrained_weights_and_computes_what_transformers_does(
    tmp_path: Path,
) -> None:
    theirs = reference_model()
    theirs.save_pretrained(tmp_path)  # type: ignore[attr-defined]
    ours = GPT2(**SIZE, pretrained=str(tmp_path)).eval()  # type: ignore[arg-type]
    inputs = torch.randn(2, 9, 32)
    with torch.no_grad():
        out, _ = ours(inputs, torch.arange(9)[None].expand(2, -1), causal(9))
        wanted = theirs(inputs_embeds=inputs).last_hidden_state  # type: ignore[operator]
    assert torch.allclose(out, wanted, atol=1e-5)


@pytest.mark.parametrize("changes", [{"n_embd": 48}, {"n_layer": 3}])
def test_weights_of_another_size_are_refused(tmp_path: Path, changes: dict[str, int]) -> None:
    reference_model(**changes).save_pretrained(tmp_path)  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match="has width"):
        GPT2(**SIZE, pretrained=str(tmp_path))  # type: ignore[arg-type]


def test_weights_that_are_nowhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be had"):
        GPT2(**SIZE, pretrained=str(tmp_path / "none"))  # type: ignore[arg-type]


@pytest.mark.parametrize("adaptive", [False, True])
def test_steps_with_a_cache_equal_the_whole(adaptive: bool) -> None:
    torch.manual_seed(0)
    model = GPT2(**SIZE, adaptive=adaptive).eval()  # type: ignore[arg-type]
    if model.adapt is not None:
        torch.nn.init.normal_(model.adapt.weight, std=0.1)
    inputs, style = torch.randn(2, 7, 32), torch.randn(2, 32)
    places = torch.arange(7)[None].expand(2, -1)
    with torch.no_grad():
        whole, _ = model(inputs, places, causal(7), style=style)
        first, past = model(inputs[:, :4], places[:, :4], causal(4), style=style)
        made = [first]
        for step in range(4, 7):
            at = slice(step, step + 1)
            sight = torch.ones(1, 1, step + 1, dtype=torch.bool)
            out, new = model(inputs[:, at], places[:, at], sight, past, style)
            past = tuple(torch.cat([a, b], dim=3) for a, b in zip(past, new, strict=True))
            made.append(out)
    assert torch.allclose(torch.cat(made, dim=1), whole, atol=1e-5)
