"""A voice that goes on when its text is over is found, and one that stops is not."""

from __future__ import annotations

import numpy as np
import pytest

from intone.core.types import Audio
from intone.evaluate.figures import Reading, readings
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.runaway import HeardWord, overlong_seconds, runaway_seconds
from intone.speech import Voice

SENTENCE = "The children built a castle out of wet sand."


def said(text: str, pace: float = 0.3) -> list[HeardWord]:
    """The words of `text`, each as long as `pace`."""
    return [HeardWord(w, i * pace, (i + 1) * pace) for i, w in enumerate(text.split())]


def test_a_reading_that_ends_with_its_text_does_not_run_away() -> None:
    assert runaway_seconds("One, two, three.", said("one two three"), 0.9) == 0
    assert runaway_seconds("One, two, three.", said("one two three"), 1.3) == 0


def test_what_follows_the_last_word_runs_away() -> None:
    babble = said("one two three and so and so")
    assert runaway_seconds("One, two, three.", babble, 5.0) == pytest.approx(5 - 0.9 - 0.5)
    again = said("one two three one two three")
    assert runaway_seconds("One, two, three.", again, 1.8) == pytest.approx(0.4)


def test_a_word_heard_as_another_belongs() -> None:
    assert runaway_seconds("one two three four", said("one two tree for"), 1.3) == 0


def test_words_not_heard_at_the_end_have_their_time() -> None:
    found = runaway_seconds("one two three four", said("one two"), 3.0)
    assert found == pytest.approx(3.0 - 4 * 0.3 - 0.5)


def test_where_nothing_was_heard_the_length_tells() -> None:
    assert runaway_seconds("one two", [], 30) == overlong_seconds("one two", 30) > 25
    assert overlong_seconds("The children built a castle.", 2.5) == 0


@pytest.fixture(scope="module")
def spoken() -> Audio:
    """The shipped voice, saying `SENTENCE`."""
    return Voice.load("english", threads=1).speak(SENTENCE).audio


@pytest.fixture(scope="module")
def judged(spoken: Audio) -> dict[str, Reading]:
    """Readings of `SENTENCE` whose faults are known: what was cut, repeated or appended."""
    recogniser = PocketSphinx()
    rate = spoken.sample_rate
    times = {w.text: w for w in recogniser.hear_words(spoken)}
    places = {
        word: (int(times[word].start_seconds * rate), int(times[word].end_seconds * rate))
        for word in ("castle", "out", "wet", "sand")
    }
    start, end = places["castle"]
    phrase = spoken.samples[places["wet"][0] : places["sand"][1]]
    noise = np.random.default_rng(0).normal(0, 0.05, 3 * rate).astype(np.float32)
    sounds = {
        "whole": spoken.samples,
        "cut": np.concatenate([spoken.samples[:start], spoken.samples[end:]]),
        "repeated": np.concatenate([spoken.samples, phrase, phrase]),
        "noise": np.concatenate([spoken.samples, noise]),
    }
    found = readings(
        [Audio(s, rate) for s in sounds.values()], [SENTENCE] * len(sounds), recogniser
    )
    return dict(zip(sounds, found, strict=True))


def test_a_word_cut_out_of_a_sound_is_skipped(judged: dict[str, Reading]) -> None:
    assert "castle" not in judged["whole"].errors.skipped
    assert "castle" in judged["cut"].errors.skipped
    assert judged["cut"].phones.skipped >= judged["whole"].phones.skipped + 4


def test_a_phrase_appended_again_runs_away(judged: dict[str, Reading]) -> None:
    whole, repeated = judged["whole"], judged["repeated"]
    assert whole.runaway_seconds == 0
    longer = repeated.seconds - whole.seconds
    assert repeated.runaway_seconds == pytest.approx(longer - 0.5, abs=0.3)
    assert len(repeated.errors.repeated + repeated.errors.added) >= 2


def test_a_tail_of_noise_runs_away(judged: dict[str, Reading]) -> None:
    assert judged["noise"].runaway_seconds == pytest.approx(2.5, abs=0.6)
