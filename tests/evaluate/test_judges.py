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


def test_the_shipped_voice_is_understood(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    assert judge([spoken], [SENTENCE])["cer"] < 0.25


def test_another_sentence_is_not_what_was_heard(spoken: Audio) -> None:
    judge = judge_of("en")
    assert judge is not None
    assert judge([spoken], ["Nothing grows beneath that enormous tree."])["cer"] > 0.5


def test_noise_costs_opinion(spoken: Audio) -> None:
    noise = np.random.default_rng(0).normal(0, 1, len(spoken.samples)).astype(np.float32)
    level = float(np.std(spoken.samples)) * 10 ** (-5 / 20)
    noisy = Audio(np.clip(spoken.samples + level * noise, -1, 1), spoken.sample_rate)
    assert dnsmos(noisy) < dnsmos(spoken) - 0.5


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
