"""`CharactersFrontend`: the letters of a text as its symbols, for any language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from intone.core.errors import SettingsError, TextError
from intone.core.types import Symbols
from intone.text.inventory import Inventory
from intone.text.layout import MARKS, SPACE, START, Layout, written_words

_LATIN = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS: dict[str, str] = {
    "cs": _LATIN + "áčďéěíňóřšťúůýž",
    "da": _LATIN + "æøå",
    "de": _LATIN + "äöüß",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "en": _LATIN + "'",
    "es": _LATIN + "áéíñóúü",
    "fi": _LATIN + "åäö",
    "fr": _LATIN + "'àâæçéèêëîïôœùûüÿ",
    "hu": _LATIN + "áéíóöőúüű",
    "it": _LATIN + "'àèéìíîòóùú",
    "nl": _LATIN + "'éëïöü",
    "no": _LATIN + "æøå",
    "pl": _LATIN + "ąćęłńóśźż",
    "pt": _LATIN + "áâãàçéêíóôõúü",
    "ro": _LATIN + "ăâîșț",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "sv": _LATIN + "åäö",
    "tr": _LATIN + "çğıöşü",
    "uk": "'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
"""Letters, in lower case, of languages that need none given."""


class CharactersFrontend:
    """Speaks lower-case letters of one alphabet; drops every other character.

    Knows nothing of numbers, abbreviations or sounds: the corpus must write what is said.
    """

    name = "characters"

    def __init__(self, language: str, alphabet: Iterable[str]) -> None:
        letters = sorted({c for text in alphabet for c in _plain(text) if not c.isspace()})
        letters = [c for c in letters if c not in (START, SPACE, *MARKS)]
        if not letters:
            raise SettingsError("the alphabet has no letters; give those of the language")
        self.language = language
        self.alphabet = "".join(letters)
        self.inventory = Inventory.of(optional=(START, SPACE, *MARKS), lasting=letters)

    @classmethod
    def learn(cls, texts: Iterable[str], language: str = "en") -> CharactersFrontend:
        """The frontend whose alphabet is every letter, sign of a letter and digit of `texts`."""
        seen: set[str] = set()
        for text in texts:
            seen |= {c for c in _plain(text) if unicodedata.category(c)[0] in "LMN" or c == "'"}
        return cls(language, seen)

    def symbols(self, text: str) -> Symbols:
        """The letters of `text`; `TextError` if none is in the alphabet."""
        layout = Layout()
        known = self.inventory.index
        for written in written_words(text, self.language):
            layout.word(written.text)
            layout.speak([c for c in _plain(written.text) if c in known and c not in MARKS])
            layout.separate(written.mark)
        try:
            return layout.symbols(self.inventory, text)
        except TextError:
            if not any(map(str.isalpha, text)):
                raise
            shown = " ".join(text.split())[:40]
            raise TextError(
                f"no letter of {shown!r} is in the alphabet {self.alphabet!r}; "
                "use a voice of the text's language"
            ) from None

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {"frontend": self.name, "language": self.language, "alphabet": self.alphabet}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower()).replace("’", "'")


def build(language: str = "en", alphabet: str | None = None) -> CharactersFrontend:
    """The frontend for `alphabet`, or for the letters that are known of `language`."""
    if alphabet is None:
        alphabet = ALPHABETS.get(language.lower().replace("_", "-").split("-")[0])
    if alphabet is None:
        known = " ".join(sorted(ALPHABETS))
        raise SettingsError(
            f"give the alphabet of language {language!r}; those known already are: {known}"
        )
    return CharactersFrontend(language, alphabet)


def learn(texts: Iterable[str], language: str = "en") -> CharactersFrontend:
    """The frontend of a corpus' `texts`."""
    return CharactersFrontend.learn(texts, language)


def from_state(state: Mapping[str, Any]) -> CharactersFrontend:
    """The frontend whose `state()` this is."""
    return CharactersFrontend(state["language"], state["alphabet"])
