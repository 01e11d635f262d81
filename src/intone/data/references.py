"""`References`: for each utterance another one of the same speaker, as an example of the voice."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from intone.core.errors import CorpusError
from intone.data.prepared import PreparedCorpus


class References:
    """Draws references from `ids`, and from the whole corpus for a speaker with one of them.

    A reference is never the utterance itself: its mel would give away what is to be learned.
    """

    def __init__(self, corpus: PreparedCorpus, ids: Sequence[str]) -> None:
        self._corpus = corpus
        self._own = _by_speaker(corpus, ids)
        self._all = _by_speaker(corpus, list(corpus.entries))

    def of(self, ids: Sequence[str], seed: tuple[int, int]) -> list[str]:
        """A reference for each of `ids`, which `seed` (seed and epoch) and the id decide.

        Raises `CorpusError` if a speaker has a single utterance.
        """
        return [self._one(key, seed) for key in ids]

    def _one(self, key: str, seed: tuple[int, int]) -> str:
        speaker = self._corpus.entries[key].speaker
        others = self._own.get(speaker, [])
        if not any(other != key for other in others[:2]):
            others = self._all[speaker]
        if len(others) < 2:
            raise CorpusError(
                f"{self._corpus.speakers[speaker]!r} has no utterance but {key!r}, and a reference "
                "must be another one; add recordings or leave the speaker out"
            )
        source = np.random.default_rng([*seed, zlib.crc32(key.encode())])
        # One place fewer is drawn, and the utterance's own place stands for the last.
        drawn = others[int(source.integers(len(others) - 1))]
        return others[-1] if drawn == key else drawn


def _by_speaker(corpus: PreparedCorpus, ids: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for key in ids:
        found[corpus.entries[key].speaker].append(key)
    return found
