"""A voice says every word of a text once, at the times it tells, however it is asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intone.core.errors import SettingsError, TextError, VoiceError
from intone.core.types import MEL_22K, Audio, Conditions, Controls, Speech
from intone.speech import Voice
from intone.speech.passages import PARAGRAPH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS
from intone.speech.voice import MAX_SYMBOLS, MOST_FRAMES

RATE = MEL_22K.sample_rate
LETTER_SECONDS = 3 * MEL_22K.hop_samples / RATE

WORDS = st.text(st.sampled_from("abcdefgh1é"), min_size=1, max_size=9)
MARKS = st.sampled_from(["", "", "", ",", ";", ".", "!", "?", "…", ".\n\n", "\n", ":"])
TEXTS = st.lists(st.tuples(WORDS, MARKS), min_size=1, max_size=120).map(
    lambda pairs: " ".join(word + mark for word, mark in pairs)
)
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def words_of(speech: Speech) -> list[str]:
    return [word.text for word in speech.words]


def joined(pieces: list[Speech]) -> np.ndarray[Any, Any]:
    return np.concatenate([piece.audio.samples for piece in pieces])


def test_says_something(voice: Voice) -> None:
    speech = voice.speak("Hello there.")
    assert speech.audio.sample_rate == RATE
    assert speech.audio.samples.dtype == np.float32
    assert np.abs(speech.audio.samples).max() > 0.01
    assert words_of(speech) == ["Hello", "there."]


def test_word_times_are_where_the_symbols_are(voice: Voice) -> None:
    """One mark before, then three frames a letter."""
    first, second = voice.speak("Hello there.").words
    assert first.start_seconds == pytest.approx(LETTER_SECONDS)
    assert first.end_seconds == pytest.approx(6 * LETTER_SECONDS)
    assert second.end_seconds == pytest.approx(12 * LETTER_SECONDS)


def test_second_sentence_begins_after_the_first_and_a_pause(voice: Voice) -> None:
    alone = voice.speak("Second one.")
    both = voice.speak("First one. Second one.")
    offset = voice.speak("First one.").audio.seconds + SENTENCE_PAUSE_SECONDS
    assert both.words[2].start_seconds == pytest.approx(
        alone.words[0].start_seconds + offset, abs=1e-4
    )
    assert both.audio.samples[-len(alone.audio.samples) :] == pytest.approx(
        alone.audio.samples, abs=1e-5
    )


def test_a_paragraph_pauses_longer_and_speed_shortens_pauses(voice: Voice) -> None:
    sentence = voice.speak("One two. Three four.").audio.seconds
    paragraph = voice.speak("One two.\n\nThree four.").audio.seconds
    assert paragraph - sentence == pytest.approx(
        PARAGRAPH_PAUSE_SECONDS - SENTENCE_PAUSE_SECONDS, abs=1e-3
    )
    fast = voice.speak("One two. Three four.", controls=Controls(speed=3.0)).audio.seconds
    assert fast == pytest.approx(sentence / 3, abs=1e-3)


@SLOW
@given(TEXTS)
def test_no_word_is_lost_or_repeated(voice: Voice, text: str) -> None:
    speech = voice.speak(text)
    assert words_of(speech) == text.split()
    for word, following in pairwise(speech.words):
        assert word.start_seconds < word.end_seconds <= following.start_seconds
    assert speech.words[-1].end_seconds <= speech.audio.seconds + 1e-6


@SLOW
@given(TEXTS, st.integers(1, 30))
def test_a_text_that_arrives_in_parts_sounds_the_same(voice: Voice, text: str, size: int) -> None:
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    pieces = list(voice.stream(parts))
    whole = voice.speak(text)
    assert [word.text for piece in pieces for word in piece.words] == text.split()
    assert joined(pieces) == pytest.approx(whole.audio.samples, abs=1e-4)


def test_words_without_end_are_cut_between_words(voice: Voice) -> None:
    text = " ".join(f"word{i}" for i in range(400))
    assert words_of(voice.speak(text)) == text.split()


def test_one_word_of_a_thousand_letters_is_said_once(voice: Voice) -> None:
    speech = voice.speak("a" * 1000 + " end")
    assert "".join(words_of(speech)) == "a" * 1000 + "end"
    assert speech.audio.seconds > 1000 * LETTER_SECONDS


def test_no_run_of_the_model_is_longer_than_allowed(voice: Voice) -> None:
    lengths = []
    inner = voice.engine

    class Counting:
        format = inner.format

        def frames(self, symbols: Any, speaker: int, controls: Controls) -> Any:
            lengths.append(len(symbols))
            return inner.frames(symbols, speaker, controls)

    Voice(voice.manifest, voice.frontend, Counting(), voice.renderer).speak("ab, cd " * 500)
    assert len(lengths) > 5
    assert max(lengths) <= MAX_SYMBOLS


def test_pieces_of_a_rendering_equal_the_whole(voice: Voice) -> None:
    """The first sentence is rendered in growing pieces; no seam may be heard."""
    text = "this is a long first sentence that is rendered in more than one piece of sound"
    pieces = list(voice.stream(text))
    assert len(pieces) > 2
    symbols = voice.frontend.symbols(text)
    frames, _ = voice.engine.frames(symbols.ids, 0, Controls())
    assert len(frames) < MOST_FRAMES
    whole = voice.renderer.render(frames)
    fade = round(0.003 * RATE)
    assert joined(pieces)[fade:-fade] == pytest.approx(whole[fade:-fade], abs=1e-4)


def test_the_first_piece_is_short_and_comes_before_the_text_is_complete(voice: Voice) -> None:
    asked = 0

    def arriving() -> Iterator[str]:
        nonlocal asked
        for _ in range(50):
            asked += 1
            yield "This is one more sentence. "

    first = next(iter(voice.stream(arriving())))
    assert 0.2 < first.audio.seconds < 0.5
    assert asked < 5


def test_each_word_is_in_the_piece_where_it_begins(voice: Voice) -> None:
    begin = 0.0
    for piece in voice.stream("One sentence, of some length. Another sentence of some length."):
        end = begin + piece.audio.seconds
        for word in piece.words:
            assert begin - 1e-6 <= word.start_seconds < end
        begin = end


def test_a_long_text_streams_in_memory_of_one_sentence(voice: Voice) -> None:
    """Held sound is what one sentence makes, not what twenty thousand words make."""
    longest, words = 0, 0
    sentence = "These are ten words of a text that goes on. "
    for piece in voice.stream(sentence for _ in range(300)):
        longest = max(longest, len(piece.audio.samples))
        words += len(piece.words)
    assert words == 3000
    assert longest < 10 * RATE


def test_speed_pitch_energy_and_speaker_are_heard(voice: Voice) -> None:
    plain = voice.speak("Hello there.").audio.samples
    assert len(voice.speak("Hello there.", controls=Controls(speed=1.5)).audio.samples) < len(plain)
    for changed in (
        voice.speak("Hello there.", controls=Controls(pitch=1.2)),
        voice.speak("Hello there.", controls=Controls(energy=1.2)),
        voice.speak("Hello there.", Conditions(speaker="ben")),
    ):
        assert np.abs(changed.audio.samples - plain).max() > 1e-3
    again = voice.speak("Hello there.", Conditions(speaker="ada"))
    assert np.array_equal(again.audio.samples, plain)


def test_unknown_speaker_names_the_nearest(voice: Voice) -> None:
    with pytest.raises(VoiceError, match="did you mean 'ben'"):
        voice.stream("Hello.", Conditions(speaker="bem"))


@pytest.mark.parametrize(
    "conditions",
    [Conditions(emotion="glad"), Conditions(reference=Audio(np.zeros(9, np.float32), RATE))],
)
def test_what_the_voice_cannot_take_is_refused(voice: Voice, conditions: Conditions) -> None:
    with pytest.raises(VoiceError, match="does not take"):
        voice.speak("Hello.", conditions)


def test_speed_out_of_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="speed"):
        Controls(speed=9.0)


@pytest.mark.parametrize("text", ["", "   \n ", "🙂", "🙂 🙂.\n\n— !!"])
def test_nothing_to_say_is_an_error(voice: Voice, text: str) -> None:
    with pytest.raises(TextError):
        voice.speak(text)


def test_a_sentence_without_words_is_left_out(
    voice: Voice, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="intone"):
        speech = voice.speak("🙂🙂!\n\nHello there.\n\n🙂!\n\nGood bye.")
    assert words_of(speech) == ["Hello", "there.", "Good", "bye."]
    assert speech.words[0].start_seconds == pytest.approx(LETTER_SECONDS)
    assert caplog.text.count("left out") == 2


def test_samples_stay_in_range(voice: Voice) -> None:
    loud = voice.speak("zzz zzz.", controls=Controls(energy=4.0, pitch=4.0)).audio.samples
    assert np.abs(loud).max() <= 1.0
