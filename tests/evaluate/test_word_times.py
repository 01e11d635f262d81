"""Where the letters of a known text lie in a long recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.core.errors import CorpusError
from intone.core.types import Audio
from intone.evaluate.word_times import best_path, word_times


class Ear:
    """Hears each letter for two frames and then nothing for one, whatever the sound is."""

    letters = " abcdefghijklmnopqrstuvwxyz"

    def __init__(self, said: str) -> None:
        self.said = said

    def as_heard(self, text: str) -> str:
        return "".join(c for c in text.lower() if c in self.letters)

    def scores(self, audio: Audio) -> np.ndarray:
        return certain([self.letters.index(c) + 1 for c in self.said], 27)


def certain(labels: list[int], size: int, noise: float = 0.0) -> np.ndarray:
    """Log probabilities of labels that take three frames each, the third one a blank."""
    frames = np.zeros((3 * len(labels), size + 1), np.float32)
    for number, label in enumerate(labels):
        frames[3 * number : 3 * number + 2, label] = 6.0
        frames[3 * number + 2, 0] = 6.0
    frames += noise * np.random.default_rng(0).standard_normal(frames.shape).astype(np.float32)
    return frames - np.log(np.exp(frames).sum(axis=1, keepdims=True))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.sampled_from([20, 2_000]))
def test_labels_are_found_where_they_are(labels: list[int], band: int) -> None:
    """Also those that repeat, and by a band that is far shorter than the text."""
    begun, ended = best_path(certain(labels, 5, noise=0.5), np.array(labels), band)
    assert begun.tolist() == [3 * n for n in range(len(labels))]
    assert ended.tolist() == [3 * n + 2 for n in range(len(labels))]


def test_a_text_that_cannot_fit_is_refused() -> None:
    with pytest.raises(CorpusError, match="cannot be said"):
        best_path(certain([1], 5), np.array([1, 2, 3, 4, 5]))


def test_words_end_at_silences_and_signs_stay_with_their_word() -> None:
    """Two words with a silence between: the silence belongs to neither."""
    rate = 16_000
    said = "good day"
    loud = 0.3 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)
    sound = np.concatenate([loud, np.zeros(rate // 2), loud])
    # Of 24 frames the space has the middle three: 1.0 s to 1.5 s of 2.5 s is silent.
    words = word_times(Audio(sound.astype(np.float32), rate), "Good – day!", Ear(said))  # type: ignore[arg-type]
    assert [w.text for w in words] == ["Good –", "day!"]
    assert words[0].start_seconds == pytest.approx(0.0, abs=0.05)
    assert words[0].end_seconds == pytest.approx(1.25, abs=0.3)
    assert words[0].end_seconds <= words[1].start_seconds
    with pytest.raises(CorpusError, match="no letters"):
        word_times(Audio(sound.astype(np.float32), rate), "1 2", Ear(said))  # type: ignore[arg-type]
