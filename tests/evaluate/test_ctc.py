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
