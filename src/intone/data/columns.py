"""`Columns`: columns of shards' row groups, kept in memory as long as there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.data.schema import SHARDS

_OPEN_FILES = 64
"""Systems let a process open a few hundred."""


class Lists:
    """A column of lists of numbers; an item is one row's numbers, which nobody may change."""

    def __init__(self, column: pa.ListArray) -> None:
        self._values = column.values.to_numpy()
        self._offsets = column.offsets.to_numpy()
        self.nbytes = int(self._values.nbytes + self._offsets.nbytes)

    def __getitem__(self, row: int) -> np.ndarray[Any, np.dtype[Any]]:
        return self._values[self._offsets[row] : self._offsets[row + 1]]


class Objects:
    """A column of anything else; an item is one row's Python value."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column
        self.nbytes = int(column.nbytes)

    def __getitem__(self, row: int) -> Any:
        return self._column[row].as_py()


class Columns:
    """The shards of `folder`, read by row group and column; the least lately used leave first.

    Up to `room` bytes stay in memory. Several threads may read at once.
    """

    def __init__(self, folder: Path, room: int) -> None:
        self._folder = folder
        self._room = room
        self._held = 0
        self._kept: OrderedDict[tuple[str, int, str], Lists | Objects] = OrderedDict()
        self._files: OrderedDict[str, pq.ParquetFile] = OrderedDict()
        # The loop validates in one thread while another fetches what is next to learn.
        self._guard = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """How much is in memory."""
        return self._held

    def has(self, shard: str, name: str) -> bool:
        """Whether `shard` has a column called `name`."""
        with self._guard:
            return name in self._file(shard).schema_arrow.names

    def read(self, shard: str, group: int, names: Sequence[str]) -> dict[str, Any]:
        """The columns `names` of a row group, by name; `CorpusError` if the shard is broken."""
        with self._guard:
            found: dict[str, Any] = {}
            for name in names:
                if (kept := self._kept.get((shard, group, name))) is not None:
                    self._kept.move_to_end((shard, group, name))
                    found[name] = kept
            if missing := [name for name in names if name not in found]:
                found |= self._fetch(shard, group, missing)
            return found

    def _fetch(self, shard: str, group: int, names: list[str]) -> dict[str, Lists | Objects]:
        try:
            table = self._file(shard).read_row_group(group, columns=names)
        except (pa.ArrowException, OSError) as error:
            raise self._broken(shard, error) from None
        fetched: dict[str, Lists | Objects] = {}
        for name in names:
            column = table[name].combine_chunks()
            numbers = pa.types.is_list(column.type) and not pa.types.is_nested(
                column.type.value_type
            )
            fetched[name] = Lists(column) if numbers else Objects(column)
            self._kept[shard, group, name] = fetched[name]
            self._held += fetched[name].nbytes
        while self._held > self._room and self._kept:
            self._held -= self._kept.popitem(last=False)[1].nbytes
        return fetched

    def _file(self, shard: str) -> pq.ParquetFile:
        if shard in self._files:
            self._files.move_to_end(shard)
            return self._files[shard]
        try:
            opened = pq.ParquetFile(self._folder / SHARDS / shard)
        except (pa.ArrowException, OSError) as error:
            raise self._broken(shard, error) from None
        self._files[shard] = opened
        if len(self._files) > _OPEN_FILES:
            self._files.popitem(last=False)[1].close()
        return opened

    def _broken(self, shard: str, error: Exception) -> CorpusError:
        first = (str(error).splitlines() or [""])[0]
        path = self._folder / SHARDS / shard
        return CorpusError(f"{path} cannot be read ({first}); delete it and prepare again")
