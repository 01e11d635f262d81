"""Monotonic paths of frames through symbols: all of them weighed, or the best one.

A path visits the symbols in order, a frame at least on each, but may pass over symbols
that are optional (pauses, word boundaries). The recurrence is over frames by nature;
each step is one vector operation over all utterances and symbols of a batch, and the
whole is under a hundredth of a training step's time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Emissions further than this below a frame's best are as good as impossible, and clipping
# them keeps the scaled recurrences away from underflow.
_FLOOR = -60.0


def _likelihoods(scores: Floats) -> Doubles:
    """Scores (B, F, S) as likelihoods relative to each frame's best, bounded below."""
    relative = scores.astype(np.float64) - scores.max(axis=2, keepdims=True)
    likelihoods: Doubles = np.exp(np.maximum(relative, _FLOOR))
    return likelihoods


def _shift(values: Doubles, by: int) -> Doubles:
    """`values` (B, S) moved `by` symbols on, zeros coming in."""
    moved = np.zeros_like(values)
    if by > 0:
        moved[:, by:] = values[:, :-by]
    else:
        moved[:, :by] = values[:, -by:]
    return moved


def _ends(optional: Bools, symbols: Ints) -> Doubles:
    """1.0 (B, S) at the symbols on which a path may end: the last, or before an optional last."""
    rows = np.arange(len(symbols))
    ends = np.zeros(optional.shape)
    ends[rows, symbols - 1] = 1.0
    before = np.maximum(symbols - 2, 0)
    ends[rows, before] = np.maximum(ends[rows, before], optional[rows, symbols - 1])
    return ends


def occupancies(
    scores: Floats, changes: Floats, optional: Bools, frames: Ints, symbols: Ints
) -> Floats:
    """Probability (B, F, S) that frame f lies on symbol s, over all monotonic paths.

    Args:
        scores: (B, F, S) log-likelihood of each frame under each symbol.
        changes: (B, F) log-likelihood ratio that a symbol begins at each frame.
        optional: (B, S) True at symbols that a path may pass over.
        frames: (B,) real frames.
        symbols: (B,) real symbols.
    """
    batch, most, _ = scores.shape
    likelihoods = _likelihoods(scores)
    ratios = np.exp(changes.astype(np.float64))
    may_skip_to = _shift(optional.astype(np.float64), 1)  # (B, S): the symbol before is optional
    forward = np.zeros(scores.shape)
    start = np.zeros(optional.shape)
    start[:, 0] = 1.0
    start[:, 1] = optional[:, 0]
    current = start * likelihoods[:, 0]
    forward[:, 0] = current
    for f in range(1, most):
        current = current / np.maximum(current.sum(axis=1, keepdims=True), 1e-300)
        moved = _shift(current, 1) + _shift(current, 2) * may_skip_to
        current = (current + moved * ratios[:, f, None]) * likelihoods[:, f]
        forward[:, f] = current
    ends = _ends(optional, symbols)
    backward = ends.copy()
    result = np.zeros(scores.shape, np.float32)
    last = frames - 1
    for f in range(most - 1, -1, -1):
        # An utterance's recursion begins at its own last frame.
        backward = np.where((last == f)[:, None], ends, backward)
        joint = forward[:, f] * backward
        joint = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        result[:, f] = joint * (f <= last)[:, None]
        ahead = backward * likelihoods[:, f]
        ahead = ahead / np.maximum(ahead.sum(axis=1, keepdims=True), 1e-300)
        moved = _shift(ahead, -1) + _shift(ahead * may_skip_to, -2)
        backward = ahead + moved * ratios[:, f, None]
    return result


def best_durations(
    scores: Floats, changes: Floats, optional: Bools, frames: Ints, symbols: Ints
) -> Ints:
    """Frames (B, S) of each symbol on the best monotonic path; arguments as in `occupancies`.

    Each row sums to its `frames`. Where there are fewer frames than symbols that must be
    spoken, no path exists and the row is all zeros.
    """
    batch, most, width = scores.shape
    emission = scores.astype(np.float64)
    skip_cost = np.where(_shift(optional.astype(np.float64), 1) > 0, 0.0, -np.inf)
    total = np.full((batch, width), -np.inf)
    total[:, 0] = emission[:, 0, 0]
    if width > 1:
        total[:, 1] = np.where(optional[:, 0], emission[:, 0, 1], -np.inf)
    moves = np.zeros((most, batch, width), np.int8)
    finals = np.zeros((batch, width))
    finals[frames == 1] = total[frames == 1]
    for f in range(1, most):
        one = np.full_like(total, -np.inf)
        one[:, 1:] = total[:, :-1]
        two = np.full_like(total, -np.inf)
        two[:, 2:] = total[:, :-2]
        begin = changes[:, f, None]
        options = np.stack([total, one + begin, two + skip_cost + begin])  # (3, B, S)
        moves[f] = options.argmax(axis=0)
        total = options.max(axis=0) + emission[:, f]
        done = frames == f + 1
        finals[done] = total[done]
    allowed = _ends(optional, symbols) > 0
    finals = np.where(allowed, finals, -np.inf)
    place = finals.argmax(axis=1)  # (B,)
    rows = np.arange(batch)
    possible = np.isfinite(finals[rows, place])
    durations = np.zeros((batch, width), np.int64)
    for f in range(most - 1, -1, -1):
        alive = (f < frames) & possible
        durations[rows[alive], place[alive]] += 1
        place = np.where(alive, np.maximum(place - moves[f, rows, place], 0), place)
    return durations
