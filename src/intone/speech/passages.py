"""A text of any length, or one that is still arriving → passages short enough to speak at once.

No word is lost or repeated; nothing but the passage at hand and a sentence that is not
yet finished is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intone.text.sentences import clauses, sentences

MAX_CHARACTERS = 240
"""A longer sentence is spoken clause by clause."""

CLAUSE_PAUSE_SECONDS = 0.12
SENTENCE_PAUSE_SECONDS = 0.25
PARAGRAPH_PAUSE_SECONDS = 0.6

PIECE_CHARACTERS = 4_096

_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True)
class Passage:
    """Text to be spoken in one go, and the silence before it at a speed of 1."""

    text: str
    pause_seconds: float


def passages(text: str | Iterable[str], language: str) -> Iterator[Passage]:
    """The passages of `text`, in order; the first one has no pause.

    An iterable's strings are joined as they are: they may be lines, words or letters.
    """
    arriving = _in_pieces(text) if isinstance(text, str) else text
    pause = 0.0
    for paragraph in _paragraphs(arriving):
        for sentence in sentences(paragraph, language):
            for clause in clauses(sentence, MAX_CHARACTERS):
                yield Passage(clause, pause)
                pause = CLAUSE_PAUSE_SECONDS
            pause = SENTENCE_PAUSE_SECONDS
        pause = PARAGRAPH_PAUSE_SECONDS if pause else 0.0


def _in_pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE_CHARACTERS):
        yield text[start : start + PIECE_CHARACTERS]


def _paragraphs(arriving: Iterable[str]) -> Iterator[Iterator[str]]:
    """The parts of each paragraph as they arrive; one is to be used up before the next."""
    source = iter(arriving)
    held = ""
    ended = False

    def parts() -> Iterator[str]:
        nonlocal held, ended
        while True:
            if found := _PARAGRAPH_BREAK.search(held):
                last, held = held[: found.start()], held[found.end() :]
                yield last
                return
            # Space at the end may be the beginning of a break.
            body = held.rstrip()
            held = held[len(body) :]
            if body:
                yield body
            try:
                held += next(source)
            except StopIteration:
                ended = True
                return

    while not ended:
        yield parts()
