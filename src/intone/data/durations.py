"""How long each symbol lasts in each recording: alignments, kept beside the shards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.core.files import replacing
from intone.data.schema import DURATION, DURATIONS

if TYPE_CHECKING:
    from intone.core.types import IntArray

_FILE = "durations.parquet"


@dataclass(frozen=True)
class Aligned:
    """`durations` int64 (S) in frames, and how well the text fits the sound (0 is best).

    `fingerprint` is the prepared row's; an alignment of another row is no longer true.
    """

    id: str
    durations: IntArray
    score: float
    fingerprint: str


def write_durations(folder: Path, aligned: Iterable[Aligned]) -> Path:
    """Write the alignments of the prepared corpus in `folder`, whole or not at all."""
    rows = [
        {
            "id": a.id,
            "durations": a.durations.astype(np.int32),
            "score": a.score,
            "fingerprint": a.fingerprint,
        }
        for a in aligned
    ]
    path = folder / DURATIONS / _FILE
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=DURATION), temporary)
    return path


def read_durations(folder: Path) -> Mapping[str, Aligned]:
    """The alignments in `folder` by utterance; empty if it was never aligned.

    Raises `CorpusError` if the file cannot be read.
    """
    path = folder / DURATIONS / _FILE
    if not path.is_file():
        return {}
    try:
        rows = pq.read_table(path).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); run: intone align") from None
    return {
        r["id"]: Aligned(r["id"], np.array(r["durations"], np.int64), r["score"], r["fingerprint"])
        for r in rows
    }
