"""`fragments_of`: a long recording in pieces that end at pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intone.corpus.transcription import Spoken

LONGEST_SECONDS = 10.0
SHORTEST_SECONDS = 1.5

_KEPT_SECONDS = 0.25
"""Of a pause so much is kept on either side; the times of words are seldom exact."""


@dataclass(frozen=True)
class Fragment:
    """Words `first` to `last` (not included) and the sound that speaks them, in seconds.

    `fault` says why it cannot be used.
    """

    first: int
    last: int
    start_seconds: float
    end_seconds: float
    fault: str = ""


def fragments_of(
    words: Sequence[Spoken],
    seconds: float,
    *,
    longest: float = LONGEST_SECONDS,
    shortest: float = SHORTEST_SECONDS,
) -> list[Fragment]:
    """Pieces of at most `longest` seconds, each ended at the widest pause within reach.

    `words` are as `intone.corpus.transcription.within` checked them. A word without a time
    stays with the word before it; a piece with a fault in it says so.
    """
    groups = _groups(words)
    bounds = _bounds(words, groups, seconds)
    fragments: list[Fragment] = []
    at = 0
    while at < len(groups):
        start = bounds[at][0]
        reach = at + 1
        while reach < len(groups) and bounds[reach][1] - start <= longest:
            reach += 1
        if reach < len(groups):
            reach = _widest(bounds, at, reach, shortest)
        end = bounds[reach - 1][1]
        before = bounds[at - 1][1] if at else 0.0
        after = bounds[reach][0] if reach < len(groups) else seconds
        inside = words[groups[at][0] : groups[reach - 1][1]]
        fault = next((f"{w.text!r} {w.fault}" for w in inside if w.fault), "")
        if not fault and end - start > longest:
            fault = f"{end - start:.1f} s without a time inside, over {longest:g} s; align it first"
        fragments.append(
            Fragment(
                groups[at][0],
                groups[reach - 1][1],
                max(0.0, start - min(_KEPT_SECONDS, max(0.0, start - before) / 2)),
                min(seconds, end + min(_KEPT_SECONDS, max(0.0, after - end) / 2)),
                fault,
            )
        )
        at = reach
    return fragments


def _groups(words: Sequence[Spoken]) -> list[tuple[int, int]]:
    """Spans of words that cannot be parted: a word with a time and those without after it."""
    firsts = [i for i, word in enumerate(words) if word.start_seconds is not None]
    if not firsts:
        return []
    return list(zip([0, *firsts[1:]], [*firsts[1:], len(words)], strict=True))


def _bounds(
    words: Sequence[Spoken], groups: Sequence[tuple[int, int]], seconds: float
) -> list[tuple[float, float]]:
    """When each group is spoken; words without a time fill the gap that they stand in."""
    starts: list[float] = []
    ends: list[float] = []
    for first, last in groups:
        timed = next(word for word in words[first:last] if word.start_seconds is not None)
        assert timed.start_seconds is not None and timed.end_seconds is not None
        starts.append(timed.start_seconds)
        ends.append(timed.end_seconds)
    if groups and words[0].start_seconds is None:
        starts[0] = 0.0
    for i, (_, last) in enumerate(groups):
        if words[last - 1].start_seconds is None:
            ends[i] = starts[i + 1] if i + 1 < len(groups) else seconds
    return list(zip(starts, ends, strict=True))


def _widest(bounds: Sequence[tuple[float, float]], at: int, reach: int, shortest: float) -> int:
    """The place after `at`, up to `reach`, behind the widest pause, not too soon after `at`."""
    start = bounds[at][0]
    late = [i for i in range(at + 1, reach + 1) if bounds[i - 1][1] - start >= shortest]
    return max(late or [reach], key=lambda i: (bounds[i][0] - bounds[i - 1][1], i))
