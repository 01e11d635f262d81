"""The index of a prepared corpus and its facts, gathered from the shards."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from intone.core.files import replacing, write_json
from intone.core.types import FrameFormat
from intone.data.schema import CORPUS_FILE, INDEX, INDEX_FILE, SHARD, STATISTICS, VERSION
from intone.data.shards import read_columns, shard_files


@dataclass(frozen=True)
class Size:
    """How much a corpus holds."""

    utterances: int
    hours: float


def write_index(
    folder: Path,
    prints: Mapping[str, str],
    *,
    frontend_state: Mapping[str, Any],
    format: FrameFormat,
    described: str,
    sound: bool = True,
) -> Size:
    """Write the index and the facts of the rows whose fingerprints are among `prints`.

    `described` is all that decides about rows beside the utterances; `sound` says whether they
    hold any. Rows that are no
    longer wanted stay in their shards and out of the index; a shard without any wanted
    row is deleted.
    """
    seen: set[str] = set()
    pieces: list[pa.Table] = []
    idle: list[Path] = []
    for path in shard_files(folder):
        table = read_columns(path, ("id", "speaker", "fingerprint", "symbols", *STATISTICS))
        keys = table["id"].to_pylist()
        wanted = []
        for row, (key, found) in enumerate(
            zip(keys, table["fingerprint"].to_pylist(), strict=True)
        ):
            if prints.get(key) == found and key not in seen:
                seen.add(key)
                wanted.append(row)
        if not wanted:
            idle.append(path)
            continue
        pieces.append(_piece(table.take(wanted), path.name, wanted))
    index = pa.concat_tables(pieces or [_WIDE.empty_table()]).sort_by("id").combine_chunks()
    sums = _sums(index)
    edition = hashlib.sha256(described.encode()).hexdigest()[:24]
    with replacing(folder / INDEX_FILE) as temporary:
        narrow = index.select(INDEX.names).replace_schema_metadata({"edition": edition})
        pq.write_table(narrow, temporary)
    frames = sum(own["frames"] for own in sums.values())
    hours = frames / format.frames_per_second / 3600
    write_json(
        folder / CORPUS_FILE,
        {
            "version": VERSION,
            "edition": edition,
            "format": asdict(format),
            "utterances": len(index),
            "hours": round(hours, 4),
            "sound": sound,
            "speakers": {name: _facts(sums[name], format) for name in sorted(sums)},
            "frontend": dict(frontend_state),
        },
    )
    for path in idle:
        # Where another process still reads it, it stays until the next preparation.
        with contextlib.suppress(OSError):
            path.unlink()
    return Size(len(index), hours)


_WIDE = pa.schema([*INDEX, *(SHARD.field(name) for name in STATISTICS if name != "frames")])
"""Of the index while it is made: with the sums that speakers' scales need."""


def _piece(kept: pa.Table, shard: str, rows: list[int]) -> pa.Table:
    made = {
        "symbols": pc.list_value_length(kept["symbols"]),
        "shard": pa.array([shard] * len(rows)),
        "row": pa.array(rows, pa.int32()),
    }
    columns = [made[name] if name in made else kept[name] for name in _WIDE.names]
    return pa.table(columns, schema=_WIDE)


def _sums(index: pa.Table) -> dict[str, dict[str, float]]:
    """The sums of each speaker's rows; the same for the same rows, whatever their shards."""
    counted = [("id", "count"), *((name, "sum") for name in STATISTICS)]
    totals = index.group_by("speaker", use_threads=False).aggregate(counted)
    return {
        row["speaker"]: {
            "utterances": row["id_count"],
            **{name: row[f"{name}_sum"] for name in STATISTICS},
        }
        for row in totals.to_pylist()
    }


def _facts(own: Mapping[str, float], format: FrameFormat) -> dict[str, float]:
    """A speaker's amount of speech, and means and deviations of log pitch and energy."""
    pitch_mean, pitch_deviation = _scale(own, "pitch", own["voiced_frames"])
    energy_mean, energy_deviation = _scale(own, "energy", own["frames"])
    return {
        "utterances": int(own["utterances"]),
        "seconds": round(own["frames"] / format.frames_per_second, 2),
        "pitch_mean": pitch_mean,
        "pitch_deviation": pitch_deviation,
        "energy_mean": energy_mean,
        "energy_deviation": energy_deviation,
    }


def _scale(own: Mapping[str, float], name: str, count: float) -> tuple[float, float]:
    if count < 2:
        return 0.0, 1.0
    mean = own[f"{name}_sum"] / count
    variance = own[f"{name}_squares"] / count - mean * mean
    return mean, max(variance, 1e-4) ** 0.5
