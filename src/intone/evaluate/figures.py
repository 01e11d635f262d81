"""The figures of one speaker over some sentences, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intone.core.types import Audio
from intone.evaluate.phones import phone_edits
from intone.evaluate.reading import ReadingErrors, reading_errors
from intone.evaluate.recogniser import Recogniser
from intone.evaluate.runaway import Timed, overlong_seconds, runaway_seconds
from intone.evaluate.text import Edits, character_edits, pooled_rate, word_edits

_RESAMPLES = 500


@dataclass(frozen=True)
class Reading:
    """What a recogniser made of one spoken sentence."""

    text: str
    read: str
    characters: Edits
    words: Edits
    seconds: float
    errors: ReadingErrors
    phones: Edits
    runaway_seconds: float


def readings(
    spoken: Sequence[Audio], texts: Sequence[str], recogniser: Recogniser
) -> list[Reading]:
    """What `recogniser` hears in each recording, against what was written."""
    found = []
    for audio, text in zip(spoken, texts, strict=True):
        own = recogniser.as_heard(text)
        if isinstance(recogniser, Timed):
            words = recogniser.hear_words(audio)
            read = " ".join(word.text for word in words)
            runaway = runaway_seconds(own, words, audio.seconds)
        else:
            read = recogniser.hear(audio)
            runaway = overlong_seconds(own, audio.seconds)
        found.append(
            Reading(
                text,
                read,
                character_edits(own, read),
                word_edits(own, read),
                audio.seconds,
                reading_errors(own, read),
                phone_edits(own, read, recogniser.language),
                runaway,
            )
        )
    return found


def interval(results: Sequence[Edits]) -> tuple[float, float]:
    """Percentiles 2.5 and 97.5 of the pooled rate, by resampling sentences (bootstrap)."""
    source = np.random.default_rng(0)
    rates = [
        pooled_rate([results[i] for i in source.integers(0, len(results), len(results))])
        for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)


def summary(found: Sequence[Reading]) -> dict[str, Any]:
    """Error rates over all sentences, the words skipped, added, repeated, and runaway time."""
    characters = [r.characters for r in found]
    words = [r.words for r in found]
    phones = [r.phones for r in found]
    return {
        "character_error": round(pooled_rate(characters), 4),
        "character_error_interval": [round(x, 4) for x in interval(characters)],
        "phoneme_error": round(pooled_rate(phones), 4),
        "phoneme_error_interval": [round(x, 4) for x in interval(phones)],
        "word_error": round(pooled_rate(words), 4),
        "words": sum(w.length for w in words),
        "words_skipped": sum(w.skipped for w in words),
        "words_added": sum(w.added for w in words),
        "words_repeated": sum(len(r.errors.repeated) for r in found),
        "runaway_seconds": round(sum(r.runaway_seconds for r in found), 2),
        "seconds": round(sum(r.seconds for r in found), 1),
    }
