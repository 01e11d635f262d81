"""IPA by eSpeak NG: words keep their sounds, marks keep their place."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.core.errors import MissingExtra, TextError
from intone.core.types import Symbols
from intone.text import espeak, espeak_library, frontend
from intone.text.espeak import INVENTORY, SEGMENTS, languages
from intone.text.layout import MARKS

pytest.importorskip("espeakng_loader")


def spoken(language: str, text: str) -> list[tuple[str, str]]:
    symbols = frontend.build("espeak", language).symbols(text)
    return [(w.text, "".join(symbols.tokens[w.start : w.end])) for w in symbols.words]


def test_words_keep_their_sounds() -> None:
    assert spoken("fr", "Il y a 25 ans !") == [
        ("Il", "il"),
        ("y", "i"),
        ("a", "a"),
        ("25", "vɛ̃tsˈɛ̃k"),
        ("ans", "ˈɑ̃"),
    ]
    assert spoken("de", "Guten Tag.") == [("Guten", "ɡˈuːtən"), ("Tag", "tˈɑːk")]


def test_joined_words_are_told_apart() -> None:
    assert dict(spoken("en-us", "an apple in the house")) == {
        "an": "ɐn",
        "apple": "ˈæpəl",
        "in": "ɪn",
        "the": "ðə",
        "house": "hˈaʊs",
    }


def test_marks_stand_between_words_and_at_the_end() -> None:
    tokens = frontend.build("espeak", "es").symbols("¿Qué tal? Bien, gracias").tokens
    assert [t for t in tokens if t in MARKS] == ["?", ",", "."]
    tokens = frontend.build("espeak", "cmn").symbols("你好，世界。").tokens
    assert [t for t in tokens if t in MARKS] == [",", "."]


def check_layout(symbols: Symbols) -> None:
    tokens = symbols.tokens
    assert tokens[0] == "^"
    assert tokens[-1] in MARKS
    assert set(tokens) <= set(INVENTORY.tokens)
    at = 1
    for word in symbols.words:
        assert at <= word.start < word.end < len(tokens)
        assert any(t in SEGMENTS for t in tokens[word.start : word.end])
        assert not {" ", *MARKS} & {tokens[word.start], tokens[word.end - 1]}
        at = word.end


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["de", "fr", "ru", "cmn", "hi", "en-us"]), st.text(max_size=60))
def test_any_text_has_the_layout_or_a_text_error(language: str, text: str) -> None:
    try:
        symbols = frontend.build("espeak", language).symbols(text)
    except TextError:
        return
    check_layout(symbols)


def test_every_language_loads_and_counts() -> None:
    known = languages()
    assert len(known) > 100
    assert known["de"] == "German"
    quiet = []
    for code in known:
        try:
            check_layout(frontend.build("espeak", code).symbols("1, 2, 3."))
        except TextError:
            quiet.append(code)
    assert len(quiet) <= 3, quiet


def test_unknown_languages_name_near_ones() -> None:
    with pytest.raises(TextError, match=r"'de' \(German\)"):
        frontend.build("espeak", "german")
    with pytest.raises(TextError, match="codes are such as"):
        frontend.build("espeak", "qqqqqq")


def test_a_saved_frontend_says_the_same() -> None:
    made = frontend.build("espeak", "it")
    again = frontend.from_state(json.loads(json.dumps(made.state())))
    assert again.symbols("Ciao, mondo!").ids.tolist() == made.symbols("Ciao, mondo!").ids.tolist()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(espeak, "espeak_library", espeak_library._set_up.__wrapped__)
    monkeypatch.setattr(espeak, "_voices", espeak._voices.__wrapped__)
    with pytest.raises(MissingExtra, match=r"intone\[espeak\]"):
        frontend.build("espeak", "de")
