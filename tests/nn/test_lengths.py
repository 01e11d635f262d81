"""From symbols to frames and back, against numpy's repeat."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.nn.lengths import average_by_symbol, frame_owners, regulate
from intone.nn.masks import mask_of, masked_mean

durations_of = st.lists(st.integers(0, 6), min_size=1, max_size=9).filter(lambda d: sum(d) > 0)


@settings(max_examples=80, deadline=None)
@given(durations_of, st.integers(0, 5))
def test_regulate_repeats_each_symbol(durations: list[int], extra: int) -> None:
    values = torch.randn(1, len(durations), 3)
    total = sum(durations)
    made = regulate(values, torch.tensor([durations]), total + extra)
    expected = np.repeat(values[0].numpy(), durations, axis=0)
    assert np.allclose(made[0, :total].numpy(), expected)
    assert not made[0, total:].any()


@settings(max_examples=80, deadline=None)
@given(durations_of)
def test_owners_are_counted_from_the_start(durations: list[int]) -> None:
    made = frame_owners(torch.tensor([durations]), sum(durations))
    assert made[0].tolist() == np.repeat(np.arange(len(durations)), durations).tolist()


def test_averages_leave_out_what_the_mask_hides() -> None:
    values = torch.tensor([[1.0, 3.0, 10.0, 20.0, 99.0]])
    mask = torch.tensor([[True, True, True, False, True]])
    made = average_by_symbol(values, torch.tensor([[2, 2, 0]]), mask)
    assert made.tolist() == [[2.0, 10.0, 0.0]]


def test_mask_and_masked_mean() -> None:
    mask = mask_of(torch.tensor([1, 3]))
    assert mask.tolist() == [[True, False, False], [True, True, True]]
    values = torch.tensor([[[2.0, 4.0], [9.0, 9.0], [9.0, 9.0]], [[1.0, 1.0]] * 3])
    assert masked_mean(values, mask).item() == 1.5
