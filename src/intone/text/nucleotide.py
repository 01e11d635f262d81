"""`NucleotideFrontend`: small learned units of spelling as symbols, and back to the text.

Characters of words are merged greedily, the commonest pair first, until there are as many
symbols as were asked for; Polish begins with its digraphs, each of which is one sound.
Nothing is lost: a character that the corpus never had is spelled by its bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from intone.core.errors import SettingsError, TextError
from intone.core.types import Symbols, Word
from intone.text.inventory import Inventory
from intone.text.layout import (
    MARKS,
    SPACE,
    START,
    nothing_to_speak,
    stronger,
    written_words,
)
from intone.text.merging import Pair, learned_merges, merged

VOCAB_SIZE = 256
"""So many symbols there are where nobody says; few, since each must be heard often."""

PAUSE, BREATH, EMPHASIS = "<pause>", "<breath>", "<emphasis>"
SPOKEN_MARKS = (PAUSE, BREATH, EMPHASIS)
"""Marks that a text may hold: a pause or a breath between words, emphasis before one."""

DIGRAPHS: dict[str, tuple[str, ...]] = {"pl": ("sz", "cz", "dz", "dź", "dż", "ch", "rz")}
"""Two letters that are one sound, by language: merged before any other pair."""

_NIBBLES = tuple(f"<{digit:x}>" for digit in range(16))
"""Half bytes, which spell what the corpus never had."""

_MOST_KNOWN = 50_000
"""Words whose units are remembered; a server must not fill its memory with them."""

_FOLDED = str.maketrans(
    dict.fromkeys("“”„‟«»″〝〞〟", '"')
    | dict.fromkeys("‘’‚‛‹›′`´ʼ", "'")
    | dict.fromkeys("‐‑‒–—―−⸺⸻﹘﹣", "-")
)
_MARK = re.compile("|".join(SPOKEN_MARKS), re.IGNORECASE)


def normalised(text: str) -> str:
    """`text` as it is encoded: NFKC, lower case, plain quotes and dashes, single spaces.

    Doing it twice changes nothing more.
    """
    while True:
        # Lower case may undo a normal form, and folding may let letters compose anew.
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
        plain = " ".join(plain.translate(_FOLDED).split())
        if plain == text:
            return plain
        text = plain


class NucleotideFrontend:
    """Writes a text in units of an `alphabet`, of `merges` of it, and of `signs`.

    `encode` and `decode` are exact. `symbols` is the row that a model speaks: units of
    words, one mark between two. Knows nothing of numbers, abbreviations or sounds: the corpus
    must write what is said.
    """

    name = "nucleotide"

    def __init__(
        self, language: str, alphabet: Iterable[str], signs: Iterable[str], merges: Iterable[Pair]
    ) -> None:
        pairs = [tuple(pair) for pair in merges]
        if not all(len(pair) == 2 and all(map(_is_word, "".join(pair))) for pair in pairs):
            raise SettingsError("each merge of a nucleotide frontend is a pair of its units")
        self.language = language
        self.merges: list[Pair] = [(left, right) for left, right in pairs]
        self.alphabet = "".join(sorted({c for c in alphabet if _is_word(c)}))
        self.signs = "".join(sorted(set(signs) - {START, SPACE, *MARKS, *self.alphabet}))
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self._known: dict[str, list[str]] = {}
        units = dict.fromkeys([*self.alphabet, *("".join(pair) for pair in self.merges)])
        self.inventory = Inventory.of(
            optional=(START, SPACE, *MARKS, *SPOKEN_MARKS, *self.signs, *_NIBBLES),
            lasting=tuple(units),
        )

    @classmethod
    def learn(
        cls, texts: Iterable[str], language: str = "en", vocab_size: int = VOCAB_SIZE
    ) -> NucleotideFrontend:
        """The frontend whose `vocab_size` symbols write the words of `texts` shortest.

        Raises `SettingsError` if there are more characters in the texts than symbols wanted,
        and if they hold no word.
        """
        words: Counter[str] = Counter()
        signs: set[str] = set()
        for text in texts:
            for piece in _MARK.split(normalised(text)):
                for run in _runs(piece):
                    word = run.strip("'") if _is_word(run[0]) else ""
                    signs.update(run.replace(word, "") if word else run)
                    if word:
                        words[word] += 1
        if not words:
            raise SettingsError("the corpus' texts hold no words to learn units from")
        letters = {c for word in words for c in word}
        plain = cls(language, letters, signs, [])
        room = vocab_size - len(plain.inventory)
        if room < 0:
            raise SettingsError(
                f"vocab_size is {vocab_size}, but the corpus' characters and marks alone are "
                f"{len(plain.inventory)}; give at least as many"
            )
        first = [
            (pair[0], pair[1])
            for pair in DIGRAPHS.get(language.lower().replace("_", "-").split("-")[0], ())
            if letters.issuperset(pair)
        ]
        return cls(language, letters, signs, learned_merges(words, first, room))

    def units(self, word: str) -> list[str]:
        """The units of one word, as it is normalised."""
        if word not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[word] = merged(word, self._ranks)
        return self._known[word]

    def encode(self, text: str) -> list[int]:
        """The ids of a text's units; `decode` makes `normalised(text)` of them again."""
        tokens: list[str] = []
        plain = normalised(text)
        at = 0
        for mark in [*_MARK.finditer(plain), None]:
            for run in _runs(plain[at : mark.start() if mark else len(plain)]):
                for unit in self.units(run) if _is_word(run[0]) else run:
                    tokens += [unit] if self._writes(unit) else _as_nibbles(unit)
            if mark:
                tokens.append(mark.group())
                at = mark.end()
        return [int(i) for i in self.inventory.ids(tokens)]

    def decode(self, ids: Sequence[int]) -> str:
        """The text that `encode` wrote in `ids`; `TextError` for ids that no text has."""
        written = bytearray()
        half: int | None = None
        for i in ids:
            if not 0 < i < len(self.inventory):
                raise TextError(f"{i} is no id of this frontend, which has 1 to {len(self) - 1}")
            token = self.inventory.tokens[i]
            if token == START:
                continue
            if token not in _NIBBLES and half is None:
                written += token.encode("utf-8", "surrogatepass")
            elif token not in _NIBBLES:
                break
            elif half is None:
                half = _NIBBLES.index(token)
            else:
                written.append(half * 16 + _NIBBLES.index(token))
                half = None
        broken = TextError("the ids hold bytes that are no text; decode what was encoded")
        if half is not None:
            raise broken
        try:
            return written.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise broken from None

    def __len__(self) -> int:
        return len(self.inventory)

    def symbols(self, text: str) -> Symbols:
        """The units of `text` to speak; `TextError` if there is no word in it.

        Characters that the corpus never had are left out. One mark stands between two words,
        and a pause or a breath is stronger than all punctuation.
        """
        tokens: list[str] = []
        words: list[Word] = []
        gap, emphasis = START, False
        at = 0
        for mark in [*_MARK.finditer(text), None]:
            for written in written_words(text[at : mark.start() if mark else None], self.language):
                start = 0
                for run in _runs(normalised(written.text)):
                    units = [u for u in self.units(run) if self._writes(u)]
                    if not units or not _is_word(run[0]):
                        continue
                    if not (emphasis and gap == SPACE):
                        tokens.append(gap)
                    if emphasis:
                        tokens.append(EMPHASIS)
                    start = start or len(tokens)
                    tokens += units
                    gap, emphasis = SPACE, False
                if start:
                    words.append(Word(written.text, start, len(tokens)))
                if words and gap not in (PAUSE, BREATH):
                    gap = stronger(gap, written.mark)
            if mark and mark.group() == EMPHASIS:
                emphasis = True
            elif mark:
                gap = mark.group()
            at = mark.end() if mark else at
        if not words:
            raise nothing_to_speak(text)
        tokens.append("." if gap == SPACE else gap)
        return Symbols(self.inventory.ids(tokens), tuple(tokens), tuple(words))

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {
            "frontend": self.name,
            "language": self.language,
            "alphabet": self.alphabet,
            "signs": self.signs,
            "merges": [list(pair) for pair in self.merges],
        }

    def _writes(self, unit: str) -> bool:
        return unit != START and unit in self.inventory


def _is_word(character: str) -> bool:
    """Whether a character belongs to words: a letter, a sign of one, a digit, an apostrophe."""
    return character == "'" or unicodedata.category(character)[0] in "LMN"


def _runs(text: str) -> list[str]:
    """`text` cut where words begin and end."""
    return ["".join(run) for _, run in groupby(text, _is_word)]


def _as_nibbles(unit: str) -> list[str]:
    content = unit.encode("utf-8", "surrogatepass")
    return [_NIBBLES[half] for byte in content for half in (byte >> 4, byte & 15)]


def build(language: str = "en") -> NucleotideFrontend:
    """Raise `SettingsError`: units are learned from a corpus."""
    raise SettingsError(
        "nucleotide units are learned from a corpus: intone prepare CORPUS --frontend nucleotide"
    )


def learn(
    texts: Iterable[str], language: str = "en", vocab_size: int = VOCAB_SIZE
) -> NucleotideFrontend:
    """The frontend of a corpus' `texts`."""
    return NucleotideFrontend.learn(texts, language, vocab_size)


def from_state(state: Mapping[str, Any]) -> NucleotideFrontend:
    """The frontend whose `state()` this is."""
    return NucleotideFrontend(state["language"], state["alphabet"], state["signs"], state["merges"])
