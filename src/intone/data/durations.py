"""How long each symbol lasts in each recording: alignments, kept beside the shards."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.core.files import replacing, write_text
from intone.data.schema import DURATION, DURATIONS, INDEX_FILE, SET_ASIDE_FILE

if TYPE_CHECKING:
    from intone.core.types import IntArray

log = logging.getLogger("intone.data")

_FILE = "durations.parquet"


@dataclass(frozen=True)
class Aligned:
    """`durations` int64 (S) in frames, and how well the text fits the sound (0 is best).

    `fingerprint` is the prepared row's; an alignment of another row is no longer true. Where
    it is "", the row is not known and only the numbers of frames and symbols must agree.
    """

    id: str
    durations: IntArray
    score: float
    fingerprint: str


def misfit(aligned: Aligned, frames: int, symbols: int, fingerprint: str) -> str | None:
    """Why `aligned` is no alignment of an utterance of so many frames and symbols, or None."""
    if len(aligned.durations) != symbols:
        return f"{len(aligned.durations)} durations for {symbols} symbols"
    if symbols and int(aligned.durations.min()) < 0:
        return "a duration is negative"
    if (total := int(aligned.durations.sum())) != frames:
        return f"durations of {total} frames for {frames}"
    if aligned.fingerprint and fingerprint and aligned.fingerprint != fingerprint:
        return "its recording, its text or the preparation has changed since it was aligned"
    return None


def write_durations(folder: Path, aligned: Iterable[Aligned]) -> Path:
    """Write the alignments of the prepared corpus in `folder`, whole or not at all.

    Those that do not fit their utterance, or whose utterance is not there, are set aside:
    listed in `durations/set_aside.jsonl` and counted in a warning. Raises `CorpusError` if
    `folder` is not a prepared corpus.
    """
    entries = _sizes(folder)
    rows, aside = [], []
    for a in aligned:
        reason = misfit(a, *entries[a.id]) if a.id in entries else "there is no such utterance"
        if reason is not None:
            aside.append((a.id, reason))
            continue
        rows.append(
            {
                "id": a.id,
                "durations": a.durations.astype(np.int32),
                "score": a.score,
                "fingerprint": a.fingerprint,
            }
        )
    table = pa.Table.from_pylist(rows, schema=DURATION)
    path = folder / DURATIONS / _FILE
    with replacing(path) as temporary:
        pq.write_table(table, temporary)
    write_text(
        folder / DURATIONS / SET_ASIDE_FILE,
        "".join(
            json.dumps({"id": key, "reason": reason}, ensure_ascii=False) + "\n"
            for key, reason in aside
        ),
    )
    if aside:
        log.warning("%d alignments were set aside (first: %s: %s)", len(aside), *aside[0])
    return path


def read_durations(folder: Path) -> Mapping[str, Aligned]:
    """The alignments in `folder` by utterance; empty if it was never aligned.

    Raises `CorpusError` if the file cannot be read.
    """
    path = folder / DURATIONS / _FILE
    if not path.is_file():
        return {}
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); run: intone align") from None
    lists = table["durations"].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = lists.chunk(0)
    values, ends = lists.values.to_numpy().astype(np.int64), lists.offsets.to_numpy()
    names, prints = table["id"].to_pylist(), table["fingerprint"].to_pylist()
    return {
        name: Aligned(name, values[ends[i] : ends[i + 1]], score, prints[i])
        for i, (name, score) in enumerate(zip(names, table["score"].to_pylist(), strict=True))
    }


def _sizes(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Frames, symbols and fingerprint of each utterance of the prepared corpus."""
    try:
        rows = pq.read_table(folder / INDEX_FILE).to_pylist()
    except (pa.ArrowException, OSError):
        raise CorpusError(f"{folder} is not a prepared corpus; run: intone prepare") from None
    return {r["id"]: (r["frames"], r["symbols"], r.get("fingerprint", "")) for r in rows}
