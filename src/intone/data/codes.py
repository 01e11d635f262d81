"""`Coded`: what a codec made of a prepared corpus, kept beside its shards; and its own timing.

Nothing here knows a codec: codes come as arrays, named by the fingerprint of what made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError, SettingsError
from intone.core.files import replacing
from intone.core.types import FrameFormat
from intone.data.schema import CODES, CODES_FOLDER

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray
    from intone.data.prepared import PreparedCorpus


@dataclass(frozen=True)
class Coded:
    """The codes (F, K) of utterances by id, their `format`, and the codec's `fingerprint`.

    `voices` (V) say whose voice each utterance is, where the codec keeps that beside the codes.
    """

    format: FrameFormat
    fingerprint: str
    values: Mapping[str, IntArray]
    voices: Mapping[str, FloatArray] = field(default_factory=dict)

    def first(self, codebooks: int | None) -> Coded:
        """The same in the first `codebooks` alone, or all; `SettingsError` if there are fewer."""
        if codebooks is None:
            return self
        if codebooks > self.format.codebooks:
            raise SettingsError(
                f"data.codebooks={codebooks}, but the codec has {self.format.codebooks}"
            )
        format = replace(self.format, codebooks=codebooks)
        values = {key: codes[:, :codebooks] for key, codes in self.values.items()}
        return replace(self, format=format, values=values)

    def voices_of(self, corpus: PreparedCorpus) -> list[list[float]]:
        """Whose voice each speaker's is, the mean over the own utterances; [] if none is told.

        A speaker of whom nothing is told is nobody, which is zeros.
        """
        if not self.voices:
            return []
        nobody = [0.0] * len(next(iter(self.voices.values())))
        made = []
        for number in range(len(corpus.speakers)):
            own = [v for key, v in self.voices.items() if corpus.entries[key].speaker == number]
            made.append(np.mean(own, axis=0).round(4).tolist() if own else nobody)
        return made


def codes_folder(corpus: Path, fingerprint: str, codebooks: int) -> Path:
    """Where the codes of the prepared corpus in `corpus` by one codec are kept.

    A codec that gets one more codebook keeps its fingerprint.
    """
    return corpus / CODES_FOLDER / f"{fingerprint}-{codebooks}"


def read_codes(corpus: PreparedCorpus, format: FrameFormat, fingerprint: str) -> Coded:
    """The codes kept so far of `corpus`; those of a recording that has changed are left out.

    Raises `CorpusError` if a file of them cannot be read.
    """
    folder = codes_folder(corpus.folder, fingerprint, format.codebooks)
    values: dict[str, IntArray] = {}
    voices: dict[str, FloatArray] = {}
    for path in sorted(folder.glob("part-*.parquet")):
        try:
            table = pq.read_table(path)
            ids, prints = table["id"].to_pylist(), table["fingerprint"].to_pylist()
            lists = table["codes"].combine_chunks()
            # Parts that were kept before there were voices beside codes have no column of them.
            told = table["voice"].to_pylist() if "voice" in table.column_names else []
        except (pa.ArrowException, OSError, KeyError) as error:
            raise CorpusError(
                f"{path} cannot be read ({error}); remove it, and it is made again"
            ) from None
        if isinstance(lists, pa.ChunkedArray):
            lists = lists.chunk(0)
        flat, ends = lists.values.to_numpy(), lists.offsets.to_numpy()
        for row, (key, known) in enumerate(zip(ids, prints, strict=True)):
            entry = corpus.entries.get(key)
            if entry is not None and entry.fingerprint == known:
                one = flat[ends[row] : ends[row + 1]]
                values[key] = one.reshape(-1, format.codebooks)
                if told and told[row]:
                    voices[key] = np.array(told[row], dtype=np.float32)
    return Coded(format, fingerprint, values, voices)


def write_part(
    corpus: PreparedCorpus,
    fingerprint: str,
    values: Mapping[str, IntArray],
    voices: Mapping[str, FloatArray] | None = None,
) -> Path:
    """Keep the codes (F, K) and voices (V) of some utterances as one more file, or not at all.

    There is at least one utterance, and all have as many codebooks.
    """
    codebooks = next(iter(values.values())).shape[1]
    folder = codes_folder(corpus.folder, fingerprint, codebooks)
    taken = [int(path.stem.removeprefix("part-")) for path in folder.glob("part-*.parquet")]
    rows = [
        {
            "id": key,
            "fingerprint": corpus.entries[key].fingerprint,
            "codes": codes.astype(np.int32).reshape(-1),
            "voice": (voices or {}).get(key),
        }
        for key, codes in values.items()
    ]
    path = folder / f"part-{max(taken, default=-1) + 1:06}.parquet"
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=CODES), temporary)
    return path


def rescaled(durations: IntArray, ratio: float, total: int) -> IntArray:
    """`durations` (S) in frames of another rate, `ratio` of them to one, that sum to `total`.

    Ends are rounded, not durations, so that no symbol is spoken more than half a frame early
    or late. What ends with the last frame ends with the last of the others: `total` may be
    rounded up.
    """
    ends = np.cumsum(durations)
    moved = np.floor(ends * ratio + 0.5).astype(np.int64)
    moved = np.where(ends >= ends[-1:], total, np.minimum(moved, total))
    return np.diff(moved, prepend=0)


def nearest_frames(count: int, ratio: float, frames: int) -> IntArray:
    """Which of `frames` frames lies at the middle of each of `count` codes, `ratio` to a frame."""
    middles = (np.arange(count) + 0.5) / ratio
    return np.minimum(middles.astype(np.int64), frames - 1)
