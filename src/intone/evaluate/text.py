"""Two texts made comparable, and how far apart they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


def comparable(text: str) -> str:
    """`text` in lower case, without accents' variants, punctuation or doubled spaces."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    kept = re.sub(r"[^\w' ]+|_", " ", folded)
    return " ".join(word.strip("'") for word in kept.split())


@dataclass(frozen=True)
class Edits:
    """The cheapest way from what was written to what was read, counted."""

    substituted: int
    skipped: int
    added: int
    length: int

    @property
    def rate(self) -> float:
        """Edits over the written length; 0 is perfect, above 1 is possible."""
        return (self.substituted + self.skipped + self.added) / max(1, self.length)


def edits(written: Sequence[str], read: Sequence[str]) -> Edits:
    """Levenshtein's edits that turn `written` into `read`, each costing one."""
    # Each cell holds (cost, substituted, skipped, added) of the best way to reach it.
    row = [(j, 0, 0, j) for j in range(len(read) + 1)]
    for i, wanted in enumerate(written, start=1):
        before, row = row, [(i, 0, i, 0)]
        for j, heard in enumerate(read, start=1):
            cost, sub, skip, add = before[j - 1]
            if wanted == heard:
                row.append((cost, sub, skip, add))
                continue
            best = min(
                (cost + 1, sub + 1, skip, add),
                (before[j][0] + 1, before[j][1], before[j][2] + 1, before[j][3]),
                (row[j - 1][0] + 1, row[j - 1][1], row[j - 1][2], row[j - 1][3] + 1),
            )
            row.append(best)
    _, sub, skip, add = row[-1]
    return Edits(sub, skip, add, len(written))


def pooled_rate(results: Sequence[Edits]) -> float:
    """Error rate over several texts, long ones counting for more."""
    wrong = sum(e.substituted + e.skipped + e.added for e in results)
    return wrong / max(1, sum(e.length for e in results))


def character_edits(written: str, read: str) -> Edits:
    """Edits between the characters of two texts, made comparable first."""
    return edits(comparable(written), comparable(read))


def word_edits(written: str, read: str) -> Edits:
    """Edits between the words of two texts, made comparable first."""
    return edits(comparable(written).split(), comparable(read).split())
