"""`Drawing`: which utterances random pieces of sound are cut from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import CorpusError

if TYPE_CHECKING:
    from intone.data.prepared import PreparedCorpus


class Drawing:
    """Those of `ids` that have at least `frames` frames, drawn as often as their length tells.

    So all sound is heard alike. `batches` of `count` pieces of so many frames cover it once.
    Raises `CorpusError` if there are none; `piece` says what was looked for.
    """

    def __init__(
        self, corpus: PreparedCorpus, ids: Sequence[str], *, frames: int, count: int, piece: str
    ) -> None:
        self._ids = [key for key in ids if corpus.entries[key].frames >= frames]
        if not self._ids:
            raise CorpusError(
                f"no utterance of {corpus.folder} has the {piece} of a segment; "
                "lower data.segment_frames or add longer recordings"
            )
        lengths = np.array([corpus.entries[key].frames for key in self._ids], dtype=np.float64)
        self._shares = lengths / lengths.sum()
        self._count = count
        self.batches = max(1, int(lengths.sum() / (frames * count)))

    def batch(self, source: np.random.Generator) -> list[str]:
        """The utterances of a batch, at random."""
        picks = source.choice(len(self._ids), self._count, p=self._shares)
        return [self._ids[i] for i in picks]
