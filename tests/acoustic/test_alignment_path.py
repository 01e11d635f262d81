"""Paths through symbols, against every path written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.acoustic.alignment_path import best_durations, occupancies


def all_paths(frames: int, optional: list[bool]) -> list[tuple[int, ...]]:
    """Every monotonic assignment of frames to symbols that skips only optional ones."""
    symbols = len(optional)
    found = []
    for path in itertools.combinations_with_replacement(range(symbols), frames):
        visited = set(path)
        missed = [s for s in range(symbols) if s not in visited]
        steps = [b - a for a, b in zip((-1, *path), (*path, symbols), strict=False)]
        # At most one symbol is passed over at a time, as two pauses never follow each other.
        if all(optional[s] for s in missed) and max(steps) <= 2:
            found.append(path)
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[bool]]:
    symbols = draw(st.integers(2, 5))
    optional = [draw(st.booleans()) and s % 2 == 0 for s in range(symbols)]
    frames = draw(st.integers(symbols, 7))
    seed = draw(st.integers(0, 10_000))
    source = np.random.default_rng(seed)
    return source.normal(0, 2, (frames, symbols)), source.normal(0, 1, frames), optional


def score(path: tuple[int, ...], scores: np.ndarray, changes: np.ndarray) -> float:
    """What a path is worth: its frames, and the changes at which it moves on."""
    moves = sum(changes[f] for f in range(1, len(path)) if path[f] != path[f - 1])
    return float(moves + sum(scores[f, s] for f, s in enumerate(path)))


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_best_path_is_the_best_of_all(case: tuple[np.ndarray, np.ndarray, list[bool]]) -> None:
    scores, changes, optional = case
    paths = all_paths(len(scores), optional)
    best = max(paths, key=lambda p: score(p, scores, changes))
    expected = np.bincount(best, minlength=len(optional))
    made = best_durations(
        scores[None].astype(np.float32),
        changes[None].astype(np.float32),
        np.array([optional]),
        np.array([len(scores)]),
        np.array([len(optional)]),
    )
    assert made[0].tolist() == expected.tolist()


@settings(max_examples=60, deadline=None)
@given(cases())
def test_occupancies_weigh_all_paths(case: tuple[np.ndarray, np.ndarray, list[bool]]) -> None:
    scores, changes, optional = case
    expected = np.zeros(scores.shape)
    total = 0.0
    for path in all_paths(len(scores), optional):
        weight = np.exp(score(path, scores, changes))
        total += weight
        for f, s in enumerate(path):
            expected[f, s] += weight
    made = occupancies(
        scores[None].astype(np.float32),
        changes[None].astype(np.float32),
        np.array([optional]),
        np.array([len(scores)]),
        np.array([len(optional)]),
    )
    assert np.allclose(made[0], expected / total, atol=1e-5)


def test_padding_changes_nothing() -> None:
    source = np.random.default_rng(0)
    scores = source.normal(0, 1, (1, 9, 4)).astype(np.float32)
    optional = np.array([[True, False, True, False]])
    padded = np.full((1, 15, 7), -1e4, np.float32)
    padded[:, :9, :4] = scores
    wide = np.zeros((1, 7), bool)
    wide[:, :4] = optional
    frames, symbols = np.array([9]), np.array([4])
    changes = source.normal(0, 1, (1, 9)).astype(np.float32)
    later = np.pad(changes, ((0, 0), (0, 6)))
    assert np.allclose(
        occupancies(scores, changes, optional, frames, symbols),
        occupancies(padded, later, wide, frames, symbols)[:, :9, :4],
        atol=1e-6,
    )
    assert np.array_equal(
        best_durations(scores, changes, optional, frames, symbols),
        best_durations(padded, later, wide, frames, symbols)[:, :4],
    )


@pytest.mark.parametrize("frames", [1, 2])
def test_too_few_frames_give_no_path(frames: int) -> None:
    made = best_durations(
        np.zeros((1, frames, 4), np.float32),
        np.zeros((1, frames), np.float32),
        np.zeros((1, 4), bool),
        np.array([frames]),
        np.array([4]),
    )
    assert made.sum() == 0
