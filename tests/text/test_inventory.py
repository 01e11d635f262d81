"""Inventories number their tokens, and survive JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from intone.core.errors import SettingsError, TextError
from intone.text import frontend
from intone.text.characters import ALPHABETS, CharactersFrontend
from intone.text.english.phones import INVENTORY
from intone.text.inventory import PAD, Inventory

SMALL = Inventory.of(optional=(" ", "."), lasting=("a", "b"))


def test_ids_begin_with_the_pad_and_follow_the_order() -> None:
    assert SMALL.tokens == (PAD, " ", ".", "a", "b")
    ids = SMALL.ids(["b", " ", "a", "."])
    assert ids.dtype == np.int64
    assert ids.tolist() == [4, 1, 3, 2]
    assert SMALL.optional_mask().tolist() == [True, True, True, False, False]


def test_json_keeps_everything() -> None:
    assert Inventory.from_dict(json.loads(json.dumps(INVENTORY.to_dict()))) == INVENTORY


def test_english_inventory_is_what_voices_were_trained_with() -> None:
    assert len(INVENTORY) == 80
    assert INVENTORY.tokens[:11] == (PAD, "^", " ", ",", "-", ":", ";", "…", ".", "!", "?")
    assert INVENTORY.index["AA0"] == 11
    assert INVENTORY.index["ZH"] == 79
    assert int(INVENTORY.optional_mask().sum()) == 11


def test_mistakes_are_named() -> None:
    with pytest.raises(TextError, match="'z'"):
        SMALL.ids(["a", "z"])
    with pytest.raises(TextError, match="begin with"):
        Inventory(("a", "b"))
    with pytest.raises(TextError, match="twice: a"):
        Inventory((PAD, "a", "a"))
    with pytest.raises(TextError, match="not in the inventory: q"):
        Inventory((PAD, "a"), frozenset("q"))
    with pytest.raises(TextError, match="'optional'"):
        Inventory.from_dict({"tokens": [PAD]})


def test_frontends_are_found_by_name() -> None:
    assert {"characters", "english", "espeak"} <= set(frontend.names())
    assert frontend.build("english").inventory == INVENTORY
    assert frontend.default_name("en-GB") == "english"
    assert frontend.default_name("eo") == "espeak"
    for wrong, message in (("englihs", "did you mean 'english'"), ("sentences", "there is no")):
        with pytest.raises(SettingsError, match=message):
            frontend.build(wrong)
    with pytest.raises(SettingsError, match="no option 'alfabet'; its options are: alphabet"):
        frontend.build("characters", alfabet="abc")


def test_letters_of_a_language() -> None:
    german = frontend.build("characters", "de")
    symbols = german.symbols("Süß, oder? — Ja")
    assert "".join(symbols.tokens) == "^süß,oder?ja."
    assert [(w.text, w.start, w.end) for w in symbols.words] == [
        ("Süß", 1, 4),
        ("oder", 5, 9),
        ("Ja", 10, 12),
    ]
    again = frontend.from_state(json.loads(json.dumps(german.state())))
    assert again.symbols("Süß").ids.tolist() == german.symbols("Süß").ids.tolist()


def test_letters_learned_from_a_corpus() -> None:
    learned = CharactersFrontend.learn(["Да, нет.", "да"], "ru")
    assert learned.alphabet == "адент"
    assert "".join(learned.symbols("ДАЛ x нет").tokens) == "^да нет."
    with pytest.raises(TextError, match="alphabet"):
        learned.symbols("hello")
    with pytest.raises(TextError, match="write some words"):
        learned.symbols("…!")
    with pytest.raises(SettingsError, match="give the alphabet"):
        frontend.build("characters", "xx")
    with pytest.raises(SettingsError, match="no letters"):
        CharactersFrontend("xx", ".,!")


def test_known_alphabets_are_lower_case() -> None:
    for language, letters in ALPHABETS.items():
        assert letters == letters.lower(), language
        assert len(set(letters)) == len(letters), language
