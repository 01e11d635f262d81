"""A recogniser hears what was said, and the judge's figures tell good speech from bad."""

from __future__ import annotations

import numpy as np
import pytest

from intone.core.types import Audio
from intone.evaluate.judge import judge_of
from intone.evaluate.quality import dnsmos, speaker_similarity
from intone.evaluate.sentences import sentence_sets, sentences
from intone.speech import Voice

SENTENCE = "The children built a castle out of wet sand."


@pytest.fixture(scope="module")
def spoken() -> Audio:
    """The shipped voice, saying `SENTENCE`."""
    return Voice.load("english", threads=1).speak(SENTENCE).audio


def noisy(audio: Audio, ratio_db: float) -> Audio:
    """`audio` with white noise `ratio_db` below it."""
    noise = np.random.default_rng(0).normal(0, 1, len(audio.samples)).astype(np.float32)
    level = float(np.std(audio.samples)) * 10 ** (-ratio_db / 20)
    return Audio(np.clip(audio.samples + level * noise, -1, 1), audio.sample_rate)


def test_the_shipped_voice_is_understood(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    assert judge([spoken], [SENTENCE])["cer"] < 0.25


def test_another_sentence_is_not_what_was_heard(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    assert judge([spoken], ["Nothing grows beneath that enormous tree."])["cer"] > 0.5


def test_noise_costs_understanding(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    clean, drowned = (judge([sound], [SENTENCE]) for sound in (spoken, noisy(spoken, 10)))
    assert drowned["cer"] > clean["cer"] + 0.1
    assert drowned["wer"] > clean["wer"]


def test_the_same_sound_is_read_and_liked_the_same(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    assert judge([spoken], [SENTENCE]) == judge([spoken], [SENTENCE])
    assert dnsmos(spoken) == dnsmos(spoken)
    assert speaker_similarity(spoken, spoken) == pytest.approx(1, abs=1e-3)


def test_a_voice_two_semitones_higher_or_in_noise_is_less_alike(spoken: Audio) -> None:
    higher = Audio(spoken.samples, round(spoken.sample_rate * 2 ** (2 / 12)))
    much_higher = Audio(spoken.samples, round(spoken.sample_rate * 2 ** (6 / 12)))
    moved = speaker_similarity(higher, spoken)
    assert speaker_similarity(much_higher, spoken) < moved < 0.995
    assert speaker_similarity(noisy(spoken, 10), spoken) < 0.97


def test_words_cut_out_cost_their_letters(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    half = Audio(spoken.samples[: len(spoken.samples) // 2], spoken.sample_rate)
    whole, cut = judge([spoken], [SENTENCE]), judge([half], [SENTENCE])
    assert cut["cer"] > whole["cer"] + 0.3
    assert speaker_similarity(half, spoken) > 0.75


def test_noise_costs_opinion(spoken: Audio) -> None:
    assert dnsmos(noisy(spoken, 5)) < dnsmos(spoken) - 0.5


def test_a_voice_is_more_like_itself_than_like_noise(spoken: Audio) -> None:
    half = len(spoken.samples) // 2
    first = Audio(spoken.samples[:half], spoken.sample_rate)
    second = Audio(spoken.samples[half:], spoken.sample_rate)
    tone = np.sin(np.arange(half) / 20).astype(np.float32) * 0.3
    assert speaker_similarity(first, second) > 0.7
    assert speaker_similarity(first, Audio(tone, spoken.sample_rate)) < 0.7


def test_sentence_sets_hold_distinct_sentences() -> None:
    for name in sentence_sets():
        found = sentences(name)
        assert len(found) == len(set(found)) == 100
