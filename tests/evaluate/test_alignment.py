"""Boundaries are compared where both sequences agree about the phones, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.evaluate.alignment import boundary_errors, comparable_phone

TRUTH = [("pau", 0.2), ("dh", 0.3), ("ax", 0.4), ("k", 0.5), ("ae", 0.7), ("t", 0.8), ("pau", 1.0)]


def test_stress_and_names_of_pauses_do_not_matter() -> None:
    ours = [
        ("^", 0.21),
        ("DH", 0.3),
        ("AH0", 0.4),
        ("K", 0.48),
        ("AE1", 0.7),
        ("T", 0.8),
        (".", 1.0),
    ]
    errors = boundary_errors(ours, TRUTH)
    assert errors == pytest.approx([0.01, 0.0, 0.0, -0.02, 0.0, 0.0])


def test_boundaries_of_other_phones_do_not_count() -> None:
    ours = [("^", 0.2), ("DH", 0.3), ("IY0", 0.9), ("K", 0.5), ("AE1", 0.7), ("T", 0.8), (".", 1.0)]
    assert boundary_errors(ours, TRUTH) == pytest.approx([0.0, 0.0, 0.0, 0.0])


def test_pauses_that_follow_each_other_are_one() -> None:
    truth = [("pau", 0.1), ("pau", 0.2), *TRUTH[1:]]
    ours = [("^", 0.2), *((s.upper(), e) for s, e in TRUTH[1:-1]), (",", 0.9), (".", 1.0)]
    assert boundary_errors(ours, truth) == pytest.approx([0.0] * 6)


def test_phones_of_every_teacher_are_those_of_the_lexicon() -> None:
    symbols = ("AH0", "ax", "ə", "DX", "ɾ", "ˈoʊ", " ", "^", "sil")
    phones = ["ah", "ah", "ah", "t", "t", "ow", "pau", "pau", "pau"]
    assert [comparable_phone(symbol) for symbol in symbols] == phones


@given(st.lists(st.sampled_from(["k", "ae", "t", "s"]), min_size=2, max_size=30), st.floats(0, 1))
def test_a_shift_is_found_at_every_boundary(phones: list[str], shift: float) -> None:
    truth = [(phone, 0.1 * n) for n, phone in enumerate(phones)]
    ours = [(phone, end + shift) for phone, end in truth]
    assert boundary_errors(ours, truth) == pytest.approx([shift] * (len(phones) - 1))
