"""Boundaries are compared where both sequences agree about the phones, and nowhere else."""

from __future__ import annotations

import pytest

from intone.evaluate.alignment import boundary_errors

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
