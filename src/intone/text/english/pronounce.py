"""Spoken words → phones: own words, heteronyms, weak forms, the lexicon, then guesses."""

from __future__ import annotations

from collections.abc import Sequence

from intone.text.english.lexicon import Lexicon, Phones, phones_of
from intone.text.english.phones import is_vowel
from intone.text.layout import MARKS

_CACHE_WORDS = 65_536
_WEAK: dict[str, Phones] = {
    "a": ("AH0",),
    "an": ("AH0", "N"),
    "and": ("AH0", "N", "D"),
    "of": ("AH0", "V"),
    "the": ("DH", "AH0"),
    "to": ("T", "AH0"),
}
"""Function words in the form they have inside a clause."""

_STRONG: dict[str, Phones] = {
    "a": ("AH0",),
    "an": ("AE1", "N"),
    "and": ("AH0", "N", "D"),
    "of": ("AH1", "V"),
    "the": ("DH", "AH0"),
    "to": ("T", "UW1"),
}
"""The same at the end of a clause."""

_BEFORE_VOWELS: dict[str, Phones] = {"the": ("DH", "IY0"), "to": ("T", "UW0")}

ACCENTED: dict[str, Phones] = {
    "résumé": ("R", "EH1", "Z", "AH0", "M", "EY2"),
    "résumés": ("R", "EH1", "Z", "AH0", "M", "EY2", "Z"),
    "exposé": ("EH2", "K", "S", "P", "OW0", "Z", "EY1"),
    "rosé": ("R", "OW0", "Z", "EY1"),
    "pâté": ("P", "AA0", "T", "EY1"),
    "blasé": ("B", "L", "AA0", "Z", "EY1"),
}
"""Words that an accent tells from others."""

_CORRECTED: dict[str, Phones] = {
    "'s": ("Z",),
    "st": ("S", "EY1", "N", "T"),
    "brrr": ("B", "ER1"),
    "hm": ("HH", "AH1", "M"),
    "m": ("EH1", "M"),
    "sh": ("SH",),
    "psst": ("P", "S", "T"),
    "ok": ("OW2", "K", "EY1"),
    "o'clock": ("AH0", "K", "L", "AA1", "K"),
    "etcetera": ("EH2", "T", "S", "EH1", "T", "ER0", "AH0"),
}
"""Where the lexicon's first entry is not what running text needs."""


class Pronouncer:
    """Speaks words in their context, with a lexicon's words first.

    Keeps what it has looked up, so that a second use of a word costs little.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        from intone.text.english.heteronyms import heteronyms

        self._lexicon = lexicon
        self._contextual = (heteronyms() | frozenset(_WEAK)) - frozenset(lexicon.own)
        self._cache: dict[str, Phones] = {}

    def phones(self, words: Sequence[str], capitals: Sequence[bool]) -> list[Phones]:
        """The phones of each word of a text; marks among the words have none.

        `capitals` says which are written with a capital first letter.
        """
        cache = self._cache
        contextual = self._contextual
        spoken: list[Phones] = []
        waiting: list[int] = []
        for i, word in enumerate(words):
            if word in contextual:
                waiting.append(i)
                spoken.append(())
                continue
            phones = cache.get(word)
            spoken.append(phones if phones is not None else self._remember(word))
        # From the end, since a weak form depends on the sound that follows.
        plain: list[str] = []
        for i in reversed(waiting):
            word = words[i]
            if word in _WEAK:
                spoken[i] = self._weak(word, words, i, spoken)
                continue
            if not plain:
                plain = ["" if w in _MARKS else w for w in words]
            opens = i == 0 or words[i - 1] in _MARKS
            from intone.text.english.heteronyms import resolve

            spoken[i] = resolve(plain, i, opens, capitals[i] and not opens)
        return spoken

    def _weak(self, word: str, words: Sequence[str], i: int, spoken: Sequence[Phones]) -> Phones:
        if i + 1 == len(words) or words[i + 1] in _MARKS:
            return _STRONG[word]
        if word in _BEFORE_VOWELS and spoken[i + 1] and is_vowel(spoken[i + 1][0]):
            return _BEFORE_VOWELS[word]
        return _WEAK[word]

    def _remember(self, word: str) -> Phones:
        if len(self._cache) >= _CACHE_WORDS:
            self._cache.clear()
        phones = () if word in _MARKS else self.alone(word)
        self._cache[word] = phones
        return phones

    def alone(self, word: str) -> Phones:
        """The phones of one word out of context; never empty for a word of letters.

        Raises `TextError` for "{...}" that is not made of phones.
        """
        if word[0] == "{":
            return phones_of(word[1:-1], f"inline phonemes {word[:60]}")
        if own := self._lexicon.own.get(word):
            return own
        if corrected := _CORRECTED.get(word) or ACCENTED.get(word):
            return corrected
        if found := self._lexicon.phones(word):
            return found
        if "'" in word:
            from intone.text.english.morphology import with_apostrophe

            if found := with_apostrophe(word, self.alone):
                return found
            return self.alone(word.replace("'", "")) if word.strip("'") else ()
        if "-" in word:
            return tuple(phone for part in word.split("-") if part for phone in self.alone(part))
        from intone.text.english.letter_to_sound import guess
        from intone.text.english.morphology import compound, inflected

        return (
            inflected(word, self._lexicon.phones)
            or compound(word, self._lexicon.phones)
            or guess(word)
        )


_MARKS = frozenset(MARKS)
