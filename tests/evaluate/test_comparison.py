"""Figures of several voices over the same sentences, and who is better beyond noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.core.errors import SettingsError
from intone.core.types import Audio
from intone.evaluate.comparison import (
    Comparison,
    Contender,
    Take,
    differences,
    figures_of,
    ratio,
)
from intone.evaluate.figures import readings

TEXTS = ("the grey cat sat down", "one two three", "nothing was wrong", "all is well")


class Parrot:
    """A recogniser that hears the given sentences, one after another."""

    language = "en"

    def __init__(self, heard: tuple[str, ...]) -> None:
        self._heard = iter(heard)

    def hear(self, audio: Audio) -> str:
        """The next sentence."""
        return next(self._heard)

    def as_heard(self, text: str) -> str:
        """The text itself."""
        return text


def contender(name: str, heard: tuple[str, ...], *, seconds: float = 1.0) -> Contender:
    silence = Audio(np.zeros(int(22_050 * seconds), np.float32), 22_050)
    found = readings([silence] * len(TEXTS), TEXTS, Parrot(heard))
    return Contender(name, tuple(Take(silence, 0.25, reading, 3.0) for reading in found))


def test_figures_of_a_voice() -> None:
    heard = ("the grey cat sat down sat down", "one three", "nothing was wrong", "all is well")
    figures = figures_of(contender("a", heard, seconds=0.5))
    assert figures.words_skipped == 1
    assert figures.words_repeated == 2
    assert figures.words == 14
    assert figures.seconds.value == pytest.approx(0.5)
    assert figures.real_time_factor is not None
    assert figures.real_time_factor.value == pytest.approx(0.5)
    assert figures.dnsmos is not None
    assert figures.dnsmos.value == 3.0
    error = figures.word_error
    assert error is not None
    assert error.value == pytest.approx(3 / 14)
    assert error.low < error.value < error.high


def test_recordings_have_no_speed_and_nobody_read_them() -> None:
    silence = Audio(np.zeros(22_050, np.float32), 22_050)
    figures = figures_of(Contender("teacher", (Take(silence), Take(silence))))
    assert figures.real_time_factor is None
    assert figures.character_error is None
    assert figures.dnsmos is None


def test_the_better_voice_comes_first_and_is_certain_only_beyond_noise() -> None:
    wrong = tuple(text.replace("a", "o").replace("o", "oo") for text in TEXTS)
    lost = (TEXTS[0], "", *TEXTS[2:])
    comparison = Comparison(
        "en", TEXTS, (contender("bad", wrong), contender("good", TEXTS), contender("lost", lost))
    )
    found = {(d.better, d.worse): d for d in differences(comparison)}
    assert found["good", "bad"].certain
    assert found["good", "bad"].character_error.value > 0.1
    # One sentence of four alone tells nothing about the others.
    assert not found["good", "lost"].certain


def test_the_sentence_that_one_voice_fails_comes_first() -> None:
    lost = (*TEXTS[:2], "nothing", TEXTS[3])
    comparison = Comparison("en", TEXTS, (contender("a", TEXTS), contender("b", lost)))
    assert comparison.worst_first() == [2, 0, 1, 3]


def test_names_and_takes_must_fit() -> None:
    one = contender("a", TEXTS)
    with pytest.raises(SettingsError, match="two voices are called 'a'"):
        Comparison("en", TEXTS, (one, one))
    with pytest.raises(SettingsError, match="4 takes of 3 sentences"):
        Comparison("en", TEXTS[:3], (one,))


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 100)), min_size=1, max_size=30),
)
def test_an_interval_lies_within_the_sentences_own_ratios(pairs: list[tuple[float, float]]) -> None:
    figure = ratio([a for a, _ in pairs], [b for _, b in pairs])
    single = [a / b for a, b in pairs]
    assert min(single) - 1e-9 <= figure.low <= figure.high <= max(single) * (1 + 1e-9) + 1e-9
    assert min(single) - 1e-9 <= figure.value <= max(single) * (1 + 1e-9) + 1e-9
