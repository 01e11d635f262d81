"""Several voices beside each other: what each said of the same sentences, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import SettingsError
from intone.core.types import Audio
from intone.evaluate.figures import Reading, interval
from intone.evaluate.text import Edits, pooled_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RESAMPLES = 500


@dataclass(frozen=True)
class Take:
    """One sentence as one voice said it.

    `work_seconds` is the processor time it took, None of a recording; `reading` what a recogniser
    heard and `wanted` the words it should have heard, `opinion` the DNSMOS (1 to 5), each None
    where nobody asked.
    """

    audio: Audio
    work_seconds: float | None = None
    reading: Reading | None = None
    opinion: float | None = None
    wanted: str | None = None


@dataclass(frozen=True)
class Contender:
    """A voice and its takes, in the order of the sentences."""

    name: str
    takes: tuple[Take, ...]


@dataclass(frozen=True)
class Figure:
    """A value and its 95 % interval, by resampling sentences."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class VoiceFigures:
    """The figures of one voice over all sentences; None where they could not be taken.

    `seconds` is the mean length of a sentence, `real_time_factor` the seconds of processor
    time for a second of speech.
    """

    name: str
    seconds: Figure
    character_error: Figure | None = None
    word_error: Figure | None = None
    phoneme_error: Figure | None = None
    words: int | None = None
    words_skipped: int | None = None
    words_added: int | None = None
    words_repeated: int | None = None
    runaway_seconds: float | None = None
    real_time_factor: Figure | None = None
    dnsmos: Figure | None = None


@dataclass(frozen=True)
class Difference:
    """How many more characters of `worse` than of `better` were misread, sentence by sentence."""

    better: str
    worse: str
    character_error: Figure

    @property
    def certain(self) -> bool:
        """Whether the interval leaves no doubt about who is better."""
        return self.character_error.low > 0


@dataclass(frozen=True)
class Comparison:
    """The sentences and the voices that say them.

    `recogniser` names who read the takes, None if nobody did. Raises `SettingsError` unless
    names differ and every voice has a take of every sentence.
    """

    language: str
    texts: tuple[str, ...]
    contenders: tuple[Contender, ...]
    recogniser: str | None = None

    def __post_init__(self) -> None:
        names = [contender.name for contender in self.contenders]
        for name in names:
            if names.count(name) > 1:
                raise SettingsError(f"two voices are called {name!r}; write NAME={name} for one")
        for contender in self.contenders:
            if len(contender.takes) != len(self.texts):
                raise SettingsError(
                    f"{contender.name} has {len(contender.takes)} takes of "
                    f"{len(self.texts)} sentences; give one of each"
                )

    def worst_first(self) -> list[int]:
        """The sentences' numbers from 0, by the worst character error of any voice."""
        rates = [
            max((rate(contender.takes[i]) for contender in self.contenders), default=0.0)
            for i in range(len(self.texts))
        ]
        return sorted(range(len(self.texts)), key=lambda i: -rates[i])


def figures_of(contender: Contender) -> VoiceFigures:
    """All figures of one voice."""
    takes = contender.takes
    seconds = [take.audio.seconds for take in takes]
    work = [take.work_seconds for take in takes if take.work_seconds is not None]
    opinions = [take.opinion for take in takes if take.opinion is not None]
    found = VoiceFigures(
        contender.name,
        seconds=ratio(seconds, np.ones(len(seconds))),
        real_time_factor=ratio(work, seconds) if work and len(work) == len(takes) else None,
        dnsmos=ratio(opinions, np.ones(len(opinions))) if opinions else None,
    )
    readings = [take.reading for take in takes if take.reading is not None]
    if not readings:
        return found
    words = [reading.words for reading in readings]
    return VoiceFigures(
        **{
            **vars(found),
            "character_error": _error([reading.characters for reading in readings]),
            "word_error": _error(words),
            "phoneme_error": _error([reading.phones for reading in readings]),
            "words": sum(w.length for w in words),
            "words_skipped": sum(w.skipped for w in words),
            "words_added": sum(w.added for w in words),
            "words_repeated": sum(len(r.errors.repeated) for r in readings),
            "runaway_seconds": sum(r.runaway_seconds for r in readings),
        }
    )


def differences(comparison: Comparison) -> list[Difference]:
    """Each two voices, the one that is read with fewer errors first.

    Both are resampled with the same sentences, so that what makes a sentence hard to read for
    anyone does not widen the interval (the paired bootstrap).
    """
    found = []
    for one, other in combinations(comparison.contenders, 2):
        pairs = [
            (a.reading.characters, b.reading.characters)
            for a, b in zip(one.takes, other.takes, strict=True)
            if a.reading is not None and b.reading is not None
        ]
        if not pairs:
            continue
        more = [wrong(b) - wrong(a) for a, b in pairs]
        figure = ratio(more, [a.length for a, _ in pairs])
        if figure.value >= 0:
            found.append(Difference(one.name, other.name, figure))
        else:
            turned = Figure(-figure.value, -figure.high, -figure.low)
            found.append(Difference(other.name, one.name, turned))
    return found


def ratio(
    above: Sequence[float] | NDArray[np.float64], below: Sequence[float] | NDArray[np.float64]
) -> Figure:
    """The sum of `above` (N) over the sum of `below` (N), with its 95 % bootstrap interval."""
    tops, bottoms = np.asarray(above, np.float64), np.asarray(below, np.float64)
    drawn = np.random.default_rng(0).integers(0, len(tops), (_RESAMPLES, len(tops)))
    ratios = tops[drawn].sum(1) / np.maximum(bottoms[drawn].sum(1), 1e-9)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Figure(float(tops.sum() / max(float(bottoms.sum()), 1e-9)), float(low), float(high))


def rate(take: Take) -> float:
    """The character error of one take; 0 if nobody read it."""
    return take.reading.characters.rate if take.reading is not None else 0.0


def _error(results: Sequence[Edits]) -> Figure:
    return Figure(pooled_rate(results), *interval(results))


def wrong(edits: Edits) -> int:
    """The characters, words or phones that were read otherwise than written."""
    return edits.substituted + edits.skipped + edits.added
