"""Our own recogniser hears what was said."""

from __future__ import annotations

import numpy as np
import pytest

from intone.core.errors import SettingsError
from intone.core.types import Audio
from intone.evaluate.ctc import CTCRecogniser, is_there, letters_of


def test_texts_become_what_is_heard() -> None:
    assert letters_of("В 1945 году — всё ещё... по-русски!", "ru") == (
        "в тысяча девятьсот сорок пятом году все еще по русски"
    )
    assert letters_of("Don’t pay $3, O’Neil — café!", "en") == "don't pay three dollars o'neil cafe"


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(SettingsError, match="'xx'"):
        CTCRecogniser("xx")


@pytest.mark.skipif(not is_there("ru"), reason="the package has no Russian recogniser")
def test_silence_says_little() -> None:
    heard = CTCRecogniser("ru").hear(Audio(np.zeros(22_050, np.float32), 22_050))
    assert len(heard) < 5


@pytest.mark.skipif(not is_there("ru"), reason="the package has no Russian recogniser")
def test_words_are_heard_in_their_order_and_within_the_sound() -> None:
    from intone.speech import Voice

    audio = Voice.load("russian", threads=1).speak("Мама мыла белую раму.").audio
    recogniser = CTCRecogniser("ru")
    words = recogniser.hear_words(audio)
    assert " ".join(word.text for word in words) == recogniser.hear(audio)
    starts = [word.start_seconds for word in words]
    assert len(words) >= 3
    assert starts == sorted(set(starts))
    assert audio.seconds / 2 < words[-1].end_seconds <= audio.seconds
