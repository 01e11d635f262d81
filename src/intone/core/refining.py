"""In which order codebooks are filled in; a family and its engine agree about it here."""

from __future__ import annotations


def passes(steps: int, books: int) -> list[tuple[int, int, int]]:
    """Which codebooks are filled in how many passes: (first, behind last, passes), coarse first.

    Fewer steps than codebooks fill the finest ones together.
    """
    if steps < books:
        alone = [(book, book + 1, 1) for book in range(steps - 1)]
        return [*alone, (steps - 1, books, 1)]
    fine = max(1, steps // 8)
    if steps - fine * (books - 1) < fine:
        fine = 1
    return [
        (0, 1, steps - fine * (books - 1)),
        *((book, book + 1, fine) for book in range(1, books)),
    ]
