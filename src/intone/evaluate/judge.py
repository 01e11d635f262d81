"""The judge that training asks: what a recogniser makes of spoken sentences."""

from __future__ import annotations

from collections.abc import Sequence

from intone.core.types import Audio
from intone.evaluate.recogniser import Recogniser, recogniser_of
from intone.evaluate.text import character_edits, pooled_rate, word_edits


class RecogniserJudge:
    """Character and word error of what `recogniser` hears; a `core.protocols.Judge`."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.recogniser = recogniser

    def __call__(self, spoken: Sequence[Audio], texts: Sequence[str]) -> dict[str, float]:
        """{"cer": ..., "wer": ...} over all sentences, as fractions."""
        read = [self.recogniser.hear(audio) for audio in spoken]
        written = [self.recogniser.as_heard(text) for text in texts]
        pairs = list(zip(written, read, strict=True))
        return {
            "cer": pooled_rate([character_edits(a, b) for a, b in pairs]),
            "wer": pooled_rate([word_edits(a, b) for a, b in pairs]),
        }


def judge_of(language: str) -> RecogniserJudge | None:
    """A judge of `language`, or None if no recogniser of it is installed."""
    recogniser = recogniser_of(language)
    return RecogniserJudge(recogniser) if recogniser is not None else None
