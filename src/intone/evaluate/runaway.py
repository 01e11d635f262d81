"""How long a voice goes on when its text is over: babble, repeats, noise or silence."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from intone.core.types import Audio
from intone.evaluate.text import comparable

ALLOWED_SECONDS = 0.5
"""A last word may ring out, and a recogniser misses its end, for so long."""

SLOW_SECONDS_A_LETTER = 0.11
"""Half as slow again as people read; what takes longer than this is overlong."""


@dataclass(frozen=True)
class HeardWord:
    """A word that a recogniser heard, and when, in seconds from the start of the sound."""

    text: str
    start_seconds: float
    end_seconds: float


@runtime_checkable
class Timed(Protocol):
    """A recogniser that knows when it heard each word."""

    def hear_words(self, audio: Audio) -> list[HeardWord]:
        """The words that `audio` seems to say, in order."""
        ...


def runaway_seconds(written: str, words: Sequence[HeardWord], seconds: float) -> float:
    """How long a sound of `seconds` goes on behind the last word that belongs to `written`.

    A word belongs if it was written, or was heard in the place of one that was. Written words
    that were not heard at the end may take the time that the others took on average; then
    `ALLOWED_SECONDS` are free. Where no word belongs, the sound's length alone is judged.
    """
    wanted = comparable(written).split()
    heard = [(part, w.end_seconds) for w in words for part in comparable(w.text).split()]
    last_wanted, last_heard, count = -1, -1, 0
    matcher = difflib.SequenceMatcher(None, wanted, [word for word, _ in heard], autojunk=False)
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        both = min(a_end - a, b_end - b)
        if both:
            last_wanted, last_heard, count = a + both - 1, b + both - 1, count + both
    if not count:
        return overlong_seconds(written, seconds)
    end = heard[last_heard][1]
    unheard = (len(wanted) - 1 - last_wanted) * end / count
    return max(0.0, seconds - end - unheard - ALLOWED_SECONDS)


def overlong_seconds(written: str, seconds: float) -> float:
    """How much longer a sound is than a slow reading of `written`, a text in words.

    It stands for the runaway time where a recogniser does not tell when it heard a word, and
    finds less: what a quick voice babbles hides in the time that a slow one would need.
    """
    slow = ALLOWED_SECONDS + SLOW_SECONDS_A_LETTER * len(comparable(written))
    return max(0.0, seconds - slow)
