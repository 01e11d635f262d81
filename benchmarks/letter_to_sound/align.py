"""Aligns the letters of words to their phones: each letter speaks 0, 1 or 2 phones.

Expectation-maximisation over all alignments, vectorised over the words of one shape.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

Word = tuple[str, tuple[str, ...]]
Chunks = tuple[tuple[str, ...], ...]

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def align(words: list[Word], rounds: int = 12) -> dict[str, Chunks]:
    """The likeliest chunk of phones for each letter of each word that can be aligned."""
    bare = sorted({phone.rstrip("012") for _, phones in words for phone in phones})
    code = {phone: i for i, phone in enumerate(bare)}
    shapes: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for word, phones in words:
        if 0 < len(phones) <= 2 * len(word):
            shapes[len(word), len(phones)].append((word, phones))
    groups = [
        (
            np.array([[LETTERS.index(c) for c in w] for w, _ in members]),
            np.array([[code[p.rstrip("012")] for p in ps] for _, ps in members]),
            members,
        )
        for members in shapes.values()
    ]
    n_letters, n_phones = len(LETTERS), len(bare)
    silent = np.full(n_letters, 0.1)
    single = np.full((n_letters, n_phones), 0.85 / n_phones)
    double = np.full((n_letters, n_phones, n_phones), 0.05 / n_phones**2)
    for _ in range(rounds):
        counts = [np.full_like(t, 1e-8) for t in (silent, single, double)]
        for letters, phones, _members in groups:
            _expect(letters, phones, (silent, single, double), counts)
        total = counts[0] + counts[1].sum(1) + counts[2].sum((1, 2))
        silent = counts[0] / total
        single = counts[1] / total[:, None]
        double = counts[2] / total[:, None, None]
    found: dict[str, Chunks] = {}
    for letters, phones, members in groups:
        for (word, spoken), sizes in zip(
            members, _best(letters, phones, (silent, single, double)), strict=True
        ):
            chunks, at = [], 0
            for size in sizes:
                chunks.append(tuple(spoken[at : at + size]))
                at += size
            found[word] = tuple(chunks)
    return found


Tables = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _steps(
    letters: NDArray[np.int64], phones: NDArray[np.int64], tables: Tables, i: int, j: int
) -> list[NDArray[np.float64]]:
    """Probabilities (N) that letter `i` speaks the 0, 1, 2 phones that begin at `j`."""
    silent, single, double = tables
    n_phones = phones.shape[1]
    letter = letters[:, i]
    found = [silent[letter]]
    if j + 1 <= n_phones:
        found.append(single[letter, phones[:, j]])
    if j + 2 <= n_phones:
        found.append(double[letter, phones[:, j], phones[:, j + 1]])
    return found


def _expect(
    letters: NDArray[np.int64],
    phones: NDArray[np.int64],
    tables: Tables,
    counts: list[NDArray[np.float64]],
) -> None:
    n, n_letters = letters.shape
    n_phones = phones.shape[1]
    forward = np.zeros((n_letters + 1, n_phones + 1, n))
    backward = np.zeros_like(forward)
    forward[0, 0] = backward[n_letters, n_phones] = 1.0
    for i in range(n_letters):
        for j in range(n_phones + 1):
            for size, p in enumerate(_steps(letters, phones, tables, i, j)):
                forward[i + 1, j + size] += forward[i, j] * p
    for i in reversed(range(n_letters)):
        for j in range(n_phones + 1):
            for size, p in enumerate(_steps(letters, phones, tables, i, j)):
                backward[i, j] += backward[i + 1, j + size] * p
    evidence = np.maximum(backward[0, 0], 1e-300)
    for i in range(n_letters):
        for j in range(n_phones + 1):
            for size, p in enumerate(_steps(letters, phones, tables, i, j)):
                weight = forward[i, j] * p * backward[i + 1, j + size] / evidence
                where: tuple[NDArray[np.int64], ...] = (
                    letters[:, i],
                    *(phones[:, j + k] for k in range(size)),
                )
                np.add.at(counts[size], where, weight)


def _best(
    letters: NDArray[np.int64], phones: NDArray[np.int64], tables: Tables
) -> NDArray[np.int64]:
    """Phones that each letter speaks (N, letters), along the likeliest alignment."""
    n, n_letters = letters.shape
    n_phones = phones.shape[1]
    score = np.full((n_letters + 1, n_phones + 1, n), -np.inf)
    back = np.zeros((n_letters + 1, n_phones + 1, n), dtype=np.int64)
    score[0, 0] = 0.0
    for i in range(n_letters):
        for j in range(n_phones + 1):
            for size, p in enumerate(_steps(letters, phones, tables, i, j)):
                candidate = score[i, j] + np.log(p + 1e-12)
                better = candidate > score[i + 1, j + size]
                score[i + 1, j + size] = np.where(better, candidate, score[i + 1, j + size])
                back[i + 1, j + size] = np.where(better, size, back[i + 1, j + size])
    sizes = np.zeros((n, n_letters), dtype=np.int64)
    at = np.full(n, n_phones)
    for i in reversed(range(n_letters)):
        sizes[:, i] = back[i + 1, at, np.arange(n)]
        at = at - sizes[:, i]
    return sizes
