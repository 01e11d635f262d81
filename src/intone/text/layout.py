"""How the symbols of a text stand in a row, the same for every frontend that speaks words.

`^`, the symbols of the first word, one separator (a space or a mark), those of the next
word, and so on; at the end exactly one mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from intone.core.errors import TextError
from intone.core.types import Symbols, Word
from intone.text.inventory import Inventory
from intone.text.sentences import ends_sentence

START = "^"
SPACE = " "
MARKS = (",", "-", ":", ";", "…", ".", "!", "?")
"""Punctuation that is emitted, from the weakest to the strongest."""

_STRENGTH = {SPACE: 0, **{mark: i for i, mark in enumerate(MARKS, 1)}}


def stronger(one: str, other: str) -> str:
    """The stronger of two marks; a space is the weakest."""
    return one if _STRENGTH[one] >= _STRENGTH[other] else other


class Layout:
    """Puts the sounds of words in a row and remembers which word each stands for."""

    def __init__(self) -> None:
        self._tokens: list[str] = [START]
        self._words: list[Word] = []
        self._gap = ""
        self._text = ""
        self._start = 0

    def word(self, text: str) -> None:
        """Begin a written word; what is spoken until the next belongs to it."""
        self._finish()
        self._text = text

    def speak(self, sounds: Sequence[str]) -> None:
        """Add the sounds of one spoken word, behind a separator; none add nothing."""
        if not sounds:
            return
        if self._gap:
            self._tokens.append(self._gap)
        if not self._start:
            self._start = len(self._tokens)
        self._tokens.extend(sounds)
        self._gap = SPACE

    def separate(self, mark: str) -> None:
        """Let `mark` be the next separator if it is one, and none stronger was asked for."""
        if self._gap and mark in _STRENGTH:
            self._gap = stronger(self._gap, mark)

    def symbols(self, inventory: Inventory, text: str) -> Symbols:
        """The row, closed by a mark; `TextError`, showing `text`, if it is empty."""
        self._finish()
        if not self._words:
            raise nothing_to_speak(text)
        tokens = (*self._tokens, "." if self._gap == SPACE else self._gap)
        return Symbols(inventory.ids(tokens), tokens, tuple(self._words))

    def _finish(self) -> None:
        if self._start:
            self._words.append(Word(self._text, self._start, len(self._tokens)))
        self._start = 0


def nothing_to_speak(text: str) -> TextError:
    """The error for a text without words."""
    shown = " ".join(text.split())[:40]
    if not shown:
        return TextError("the text is empty; write some words")
    return TextError(f"there is nothing to speak in {shown!r}; write some words")


@dataclass(frozen=True)
class Written:
    """A word as written, without the punctuation around it, and the mark after it."""

    text: str
    mark: str


_AS_MARK = {
    ".": ".", "!": "!", "?": "?", "…": "…", ",": ",", ";": ";", ":": ":", "—": "-", "–": "-",
    ")": ",", "]": ",", "。": ".", "！": "!", "？": "?", "，": ",", "、": ",", "；": ";",
    "：": ":", "।": ".", "؟": "?", "،": ",", "؛": ";", "．": ".", "）": ",", "։": ".", "·": ";",
}  # fmt: skip
_AROUND = "".join(_AS_MARK) + "\"'“”‘’„«»‹›([{}<>|*_~^`¿¡「」『』《》（-"
_CHUNK = re.compile(r"\n[^\S\n]*\n|[^\s。！？，、；：…—।]+|[。！？，、；：…—।]")


def written_words(text: str, language: str) -> Iterator[Written]:
    """The words of a text in any language, each with the strongest mark before the next."""
    text = re.sub(r"\.(?:\s?\.)+", "…", text.replace("--", "—"))
    chunks = _CHUNK.findall(text)
    word: str | None = None
    mark = SPACE
    for i, chunk in enumerate(chunks):
        if chunk[0] == "\n":
            mark = stronger(mark, ".")
            continue
        core = chunk.lstrip(_AROUND)
        before = chunk[: len(chunk) - len(core)]
        bare = core.rstrip(_AROUND)
        after = core[len(bare) :]
        if not bare:
            mark = _strongest(mark, chunk)
            continue
        if word is not None:
            yield Written(word, _strongest(mark, before.replace("(", ",").replace("[", ",")))
        word, mark = bare, SPACE
        if after.startswith("."):
            following = chunks[i + 1] if i + 1 < len(chunks) else None
            if following is not None and following[0] == "\n":
                following = None
            if not ends_sentence(chunk, following, language):
                word += "."
                after = after[1:]
        mark = _strongest(mark, after)
    if word is not None:
        yield Written(word, mark)


def _strongest(mark: str, punctuation: Iterable[str]) -> str:
    for sign in punctuation:
        mark = stronger(mark, _AS_MARK.get(sign, SPACE))
    return mark
