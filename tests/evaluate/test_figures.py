"""The figures of some sentences count what their readings lost and won."""

from __future__ import annotations

import numpy as np

from intone.core.types import Audio
from intone.evaluate.figures import readings, summary
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.text import comparable


class Parrot:
    """A recogniser that hears the given sentences, one after another."""

    language = "en"

    def __init__(self, heard: list[str]) -> None:
        self._heard = iter(heard)

    def hear(self, audio: Audio) -> str:
        """The next sentence."""
        return next(self._heard)

    def as_heard(self, text: str) -> str:
        """The text itself."""
        return text


def test_figures_count_words_and_their_interval_holds_the_rate() -> None:
    texts = ["the grey cat sat down", "one one one two", "nothing was wrong"]
    heard = ["the grey cat sat down sat down", "one one two", "nothing was wrong"]
    silence = Audio(np.zeros(22_050, np.float32), 22_050)
    figures = summary(readings([silence] * 3, texts, Parrot(heard)))
    assert figures["words_skipped"] == 1
    assert figures["words_repeated"] == 2
    assert figures["words"] == 12
    assert figures["word_error"] == 0.25
    assert figures["seconds"] == 3
    low, high = figures["character_error_interval"]
    assert low <= figures["character_error"] <= high
    assert low < high


def test_figures_are_compared_in_words() -> None:
    heard = comparable(PocketSphinx().as_heard("Flight 417 cost $12 in 1945."))
    assert "nineteen forty five" in heard
    assert "twelve dollars" in heard
    assert not any(character.isdigit() for character in heard)
