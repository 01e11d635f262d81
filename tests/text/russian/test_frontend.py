"""The frontend `russian` lays phonemes, boundaries and marks in a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from intone.core.errors import TextError
from intone.text import frontend

RUSSIAN = frontend.build("russian", "ru")


def test_words_keep_their_symbols() -> None:
    made = RUSSIAN.symbols("Привет, в 5 лет!")
    assert made.tokens[0] == "^" and made.tokens[-1] == "!"
    spoken = {word.text: made.tokens[word.start : word.end] for word in made.words}
    assert spoken["Привет"] == ("p", "rʲ", "i", "vʲ", "e1", "t")
    assert spoken["5"] == ("pʲ", "a1", "tʲ")
    assert made.tokens.count(",") == 1


def test_latin_words_are_read_by_russian_sounds() -> None:
    made = RUSSIAN.symbols("Я купил iPhone и Windows.")
    assert [word.text for word in made.words] == ["Я", "купил", "iPhone", "и", "Windows"]


def test_a_state_makes_the_same_frontend() -> None:
    own = frontend.build("russian", "ru", narrow=True)
    again = frontend.from_state(own.state())
    assert again.symbols("Говорить").tokens == own.symbols("Говорить").tokens
    assert again.inventory == own.inventory


def test_it_is_the_default_for_russian() -> None:
    assert frontend.default_name("ru") == frontend.default_name("ru-RU") == "russian"


@pytest.mark.parametrize("text", ["", "   ", "🙂", "...", "—"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    with pytest.raises(TextError):
        RUSSIAN.symbols(text)


def test_other_languages_are_refused() -> None:
    with pytest.raises(TextError, match="'de'"):
        frontend.build("russian", "de")


@given(some.text(max_size=50))
def test_whatever_is_typed_is_said_or_refused(text: str) -> None:
    try:
        made = RUSSIAN.symbols(text)
    except TextError:
        return
    assert len(made.ids) == len(made.tokens)
    assert all(0 < word.start < word.end < len(made.tokens) for word in made.words)
