"""`describe_corpus`: what a corpus holds, from its files' heads alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intone.audio.files import duration_seconds
from intone.core.errors import AudioError
from intone.core.types import Utterance
from intone.corpus.readers import AUTO, read_corpus
from intone.corpus.rejection import Rejection


@dataclass(frozen=True)
class Description:
    """A corpus in figures: seconds of sound of each speaker, and what cannot be used."""

    utterances: tuple[Utterance, ...]
    speaker_seconds: Mapping[str, float]
    rejections: tuple[Rejection, ...]

    @property
    def hours(self) -> float:
        """Hours of sound in all."""
        return sum(self.speaker_seconds.values()) / 3_600

    @property
    def speaker_utterances(self) -> Mapping[str, int]:
        """How many utterances each speaker has."""
        counts: dict[str, int] = defaultdict(int)
        for utterance in self.utterances:
            counts[utterance.speaker] += 1
        return counts


def describe_corpus(path: Path, layout: str = AUTO, language: str = "en") -> Description:
    """Read the corpus in `path` without decoding its sound; raises as `read_corpus` does.

    A recording whose head cannot be read is among the rejections.
    """
    utterances, rejections = read_corpus(path, layout, language)
    readable = []
    seconds: dict[str, float] = defaultdict(float)
    for utterance in utterances:
        try:
            seconds[utterance.speaker] += duration_seconds(utterance.audio_path)
        except AudioError as error:
            rejections.append(Rejection(utterance.id, str(error)))
        else:
            readable.append(utterance)
    return Description(tuple(readable), dict(seconds), tuple(rejections))
