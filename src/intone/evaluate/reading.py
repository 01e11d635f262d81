"""Where a reading left its text: words skipped, repeated and added, in order."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from intone.evaluate.text import comparable


@dataclass(frozen=True)
class ReadingErrors:
    """The words that a reading lost or won, as they were written or heard."""

    skipped: tuple[str, ...]
    repeated: tuple[str, ...]
    added: tuple[str, ...]


def reading_errors(written: str, read: str) -> ReadingErrors:
    """What `read` left out of `written`, said again, and said of its own accord.

    An added word is a repeat if the run of added words that it is in says again what was
    read just before or is read just after. A word heard as another is neither skipped nor
    added: within a stretch that differs, only the surplus of the longer side counts.
    """
    wanted, heard = comparable(written).split(), comparable(read).split()
    skipped: list[str] = []
    repeated: list[str] = []
    added: list[str] = []
    matcher = difflib.SequenceMatcher(None, wanted, heard, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(a_end - a, b_end - b)
        skipped += wanted[a + both : a_end]
        surplus = heard[b + both : b_end]
        size = len(surplus)
        start = b + both
        again = size and surplus in (
            heard[max(0, start - size) : start],
            heard[b_end : b_end + size],
        )
        (repeated if again else added).extend(surplus)
    return ReadingErrors(tuple(skipped), tuple(repeated), tuple(added))


def marked_words(written: str, read: str) -> list[tuple[str, str]]:
    """The words of `read` and those it lacks, each with "same", "missing" or "added", in order.

    Where a word was heard as another, the written one is missing and the heard one is added.
    """
    wanted, heard = comparable(written).split(), comparable(read).split()
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, wanted, heard, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            found += [("same", word) for word in heard[b:b_end]]
        else:
            found += [("missing", word) for word in wanted[a:a_end]]
            found += [("added", word) for word in heard[b:b_end]]
    return found
