"""Shards: files of some utterances' features, each whole or absent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.core.files import replacing
from intone.data.schema import ROWS_IN_GROUP, SHARD, SHARDS


def shard_files(folder: Path) -> list[Path]:
    """The shards of the prepared corpus in `folder`, oldest first."""
    return sorted((folder / SHARDS).glob("part-*.parquet"))


def shard_path(folder: Path, number: int) -> Path:
    """The name of a shard."""
    return folder / SHARDS / f"part-{number:05d}.parquet"


def next_number(folder: Path) -> int:
    """The number of the next shard."""
    files = shard_files(folder)
    return int(files[-1].stem.split("-")[1]) + 1 if files else 0


def write_shard(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write `rows` while they come, a few in memory at a time; returns how many there were.

    Without any row there is no file. Raises `IntoneError` if the disk refuses.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return 0
    count = 0
    # Uncompressed: zstd would save a third of the disk and read at 0.6 of the speed.
    plain = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with replacing(path) as temporary, pq.ParquetWriter(temporary, SHARD, **plain) as writer:
        for group in _groups(chain([first], rows), ROWS_IN_GROUP):
            writer.write_table(pa.Table.from_pylist(group, schema=SHARD))
            count += len(group)
    return count


def read_columns(path: Path, columns: Sequence[str]) -> pa.Table:
    """Some columns of a shard; `CorpusError` if it cannot be read."""
    try:
        return pq.ParquetFile(path).read(columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); delete it and prepare again") from None


def fingerprints(folder: Path) -> Iterator[tuple[str, str]]:
    """(id, fingerprint) of every row of every shard."""
    for path in shard_files(folder):
        table = read_columns(path, ("id", "fingerprint"))
        yield from zip(table["id"].to_pylist(), table["fingerprint"].to_pylist(), strict=True)


def remove_leftovers(folder: Path) -> None:
    """Delete shards that a killed process left half written."""
    for path in (folder / SHARDS).glob(".part-*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _groups(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, size)):
        yield group
