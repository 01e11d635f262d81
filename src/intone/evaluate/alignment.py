"""How far an alignment's boundaries lie from those that a teacher really spoke."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from intone.core.protocols import Needs

if TYPE_CHECKING:
    from intone.data.prepared import PreparedCorpus

PAUSE = "pau"
CLOSE_SECONDS = 0.05

_SAME = {
    # Flite's and Festival's finer phones, as CMUdict writes them.
    "ax": "ah", "axr": "er", "ix": "ih", "dx": "t", "el": "l", "em": "m", "en": "n",
    "sil": PAUSE, "sp": PAUSE,
    # What eSpeak says of American English, in the same phones.
    "ə": "ah", "ɐ": "ah", "ʌ": "ah", "ɪ": "ih", "ᵻ": "ih", "i": "iy", "iː": "iy", "ɛ": "eh",
    "æ": "ae", "a": "ae", "ɑː": "aa", "ɑ": "aa", "ɔ": "ao", "ɔː": "ao", "ʊ": "uh", "u": "uw",
    "uː": "uw", "eɪ": "ey", "aɪ": "ay", "ɔɪ": "oy", "oʊ": "ow", "aʊ": "aw", "ɚ": "er",
    "ɜː": "er", "ɾ": "t", "ɹ": "r", "θ": "th", "ð": "dh", "ʃ": "sh", "ʒ": "zh", "tʃ": "ch",
    "dʒ": "jh", "ŋ": "ng", "h": "hh", "j": "y", "ɡ": "g", "n̩": "n", "əl": "l",
}  # fmt: skip


@dataclass(frozen=True)
class BoundaryFigures:
    """What boundary errors come to; `close` is the share within 50 ms."""

    boundaries: int
    mean_seconds: float
    median_seconds: float
    bias_seconds: float
    close: float


def comparable_phone(symbol: str) -> str:
    """A phone without stress and case; every mark and silence is `PAUSE`."""
    plain = re.sub(r"[\dˈˌ]", "", symbol).lower()
    if not any(character.isalpha() for character in plain):
        return PAUSE
    return _SAME.get(plain, plain)


def boundary_errors(
    ours: Sequence[tuple[str, float]], truth: Sequence[tuple[str, float]]
) -> list[float]:
    """Our end of a phone minus the true one, in seconds, for each boundary on both sides.

    Both are (phone, end in seconds), in order. Pauses in a row are one. A boundary counts
    where the phone and its successor stand in both sequences; the first and last edges of
    the recording do not.
    """
    own, true = _merged(ours), _merged(truth)
    matcher = difflib.SequenceMatcher(
        None, [phone for phone, _ in own], [phone for phone, _ in true], autojunk=False
    )
    return [
        own[a + n][1] - true[b + n][1]
        for a, b, size in matcher.get_matching_blocks()
        for n in range(size - 1)
    ]


def _merged(sequence: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    merged: list[tuple[str, float]] = []
    for symbol, end in sequence:
        phone = comparable_phone(symbol)
        if merged and phone == PAUSE and merged[-1][0] == PAUSE:
            merged[-1] = (phone, end)
        else:
            merged.append((phone, end))
    return merged


def aligned_phones(corpus: PreparedCorpus, key: str) -> list[tuple[str, float]]:
    """(symbol, end in seconds) of each symbol of an aligned utterance that lasts."""
    (example,) = corpus.load([key], Needs(durations=True))
    assert example.durations is not None
    ends = np.cumsum(example.durations) / corpus.format.frames_per_second
    tokens = corpus.frontend().inventory.tokens
    return [
        (tokens[symbol], float(end))
        for symbol, end, frames in zip(
            example.symbols.tolist(), ends, example.durations.tolist(), strict=True
        )
        if frames > 0
    ]


def boundary_figures(corpus: PreparedCorpus, ids: Iterable[str]) -> BoundaryFigures | None:
    """The boundary errors of aligned utterances whose truth is known; None if there are none."""
    errors = [
        error
        for key in ids
        if key in corpus.aligned and (truth := corpus.truth(key))
        for error in boundary_errors(aligned_phones(corpus, key), truth)
    ]
    if not errors:
        return None
    sizes = np.abs(errors)
    return BoundaryFigures(
        boundaries=len(errors),
        mean_seconds=float(sizes.mean()),
        median_seconds=float(np.median(sizes)),
        bias_seconds=float(np.mean(errors)),
        close=float((sizes < CLOSE_SECONDS).mean()),
    )
