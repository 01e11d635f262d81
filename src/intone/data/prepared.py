"""`PreparedCorpus`: a prepared folder, opened for reading."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.core.files import read_json, write_json
from intone.core.protocols import CorpusFacts, Needs
from intone.core.types import FrameFormat, Word
from intone.data.durations import Aligned, read_durations
from intone.data.schema import (
    CORPUS_FILE,
    INDEX_FILE,
    READABLE,
    ROWS_IN_GROUP,
    SHARDS,
    SPEAKER_VECTORS_FILE,
)

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray
    from intone.text.frontend import Frontend

CACHE_BYTES = 2 << 30
_COLUMNS = (
    "symbols",
    "mel",
    "pitch_hz",
    "energy",
    "samples",
    "fingerprint",
    "text",
    "phones",
    "words",
    "start_seconds",
)


@dataclass(frozen=True)
class Entry:
    """Where an utterance is, and how long."""

    id: str
    speaker: int
    frames: int
    symbols: int
    shard: str
    row: int


@dataclass(frozen=True)
class Example:
    """One utterance's features; what was not asked for is None.

    `mel` (F, bands), `pitch` and `energy` (F) normalised by speaker (0 where unvoiced),
    `samples` float32 (T), `durations` int64 (S).
    """

    id: str
    text: str
    speaker: int
    symbols: IntArray
    mel: FloatArray
    fingerprint: str
    pitch: FloatArray | None = None
    voiced: Any = None
    energy: FloatArray | None = None
    samples: FloatArray | None = None
    durations: IntArray | None = None


class PreparedCorpus:
    """A prepared folder: its index in memory, its features fetched as they are asked for.

    Row groups that were read stay in memory, the least lately used leaving first, up to
    `cache_bytes`. Raises `CorpusError` if `folder` is not a prepared corpus.
    """

    def __init__(self, folder: Path, cache_bytes: int = CACHE_BYTES) -> None:
        self.folder = Path(folder)
        if not (self.folder / CORPUS_FILE).is_file():
            raise CorpusError(f"{folder} is not a prepared corpus; run: intone prepare CORPUS")
        self.about = read_json(self.folder / CORPUS_FILE)
        if self.about.get("version") not in READABLE:
            raise CorpusError(
                f"{folder} was prepared by another version of intone; prepare it again"
            )
        self.format = FrameFormat(**self.about["format"])
        self.speakers = tuple(self.about["speakers"])
        rows = pq.read_table(self.folder / INDEX_FILE).to_pylist()
        numbers = {name: i for i, name in enumerate(self.speakers)}
        self.entries = {
            r["id"]: Entry(
                r["id"], numbers[r["speaker"]], r["frames"], r["symbols"], r["shard"], r["row"]
            )
            for r in rows
        }
        self.aligned: Mapping[str, Aligned] = read_durations(self.folder)
        vectors = self.folder / SPEAKER_VECTORS_FILE
        self.speaker_vectors: dict[str, tuple[float, ...]] = (
            {name: tuple(v) for name, v in read_json(vectors).items()} if vectors.is_file() else {}
        )
        self._files: dict[str, pq.ParquetFile] = {}
        self._groups: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()
        self._held = 0
        self._room = cache_bytes

    def keep_speaker_vectors(self, vectors: Mapping[str, Sequence[float]]) -> None:
        """Write a speaker encoder's vector of each speaker beside the shards."""
        self.speaker_vectors = {name: tuple(map(float, v)) for name, v in vectors.items()}
        write_json(self.folder / SPEAKER_VECTORS_FILE, self.speaker_vectors)

    def frontend(self) -> Frontend:
        """The frontend that made the symbols."""
        from intone.text.frontend import from_state

        return from_state(self.about["frontend"])

    def facts(self) -> CorpusFacts:
        """What a model is built for."""
        inventory = self.frontend().inventory
        scales = list(self.about["speakers"].values())
        return CorpusFacts(
            symbols=len(inventory),
            speakers=self.speakers,
            format=self.format,
            pitch_mean=tuple(s["pitch_mean"] for s in scales),
            pitch_deviation=tuple(s["pitch_deviation"] for s in scales),
            energy_mean=tuple(s["energy_mean"] for s in scales),
            energy_deviation=tuple(s["energy_deviation"] for s in scales),
            optional_symbols=tuple(int(i) for i in np.flatnonzero(inventory.optional_mask())),
            speaker_vectors=tuple(self.speaker_vectors.get(s, ()) for s in self.speakers)
            if self.speaker_vectors
            else (),
        )

    def usable(self, needs: Needs) -> list[str]:
        """The ids of utterances that have what `needs` asks for, in order.

        Raises `CorpusError` if none has.
        """
        if needs.speaker_vector and set(self.speakers) - set(self.speaker_vectors):
            raise CorpusError(f"{self.folder} lacks the vectors of some speakers; prepare it again")
        if not needs.durations:
            return list(self.entries)
        found = [
            key
            for key, entry in self.entries.items()
            if (a := self.aligned.get(key)) is not None
            and int(a.durations.sum()) == entry.frames
            and len(a.durations) == entry.symbols
        ]
        if not found:
            raise CorpusError(f"{self.folder} has no alignments; run: intone align {self.folder}")
        return found

    def split(self, ids: Sequence[str], held_out: int) -> tuple[list[str], list[str]]:
        """`ids` for training and `held_out` others, chosen by hashes of their names.

        Adding recordings moves few utterances from one side to the other.
        """
        if held_out >= len(ids):
            raise CorpusError(
                f"{len(ids)} utterances cannot spare {held_out} for validation; "
                "add recordings or lower data.held_out"
            )
        order = sorted(ids, key=lambda key: hashlib.sha256(key.encode()).digest())
        kept = set(order[:held_out])
        return [key for key in ids if key not in kept], sorted(kept)

    def load(self, ids: Sequence[str], needs: Needs) -> list[Example]:
        """The examples of `ids`, in that order."""
        return [self._example(self.entries[key], needs) for key in ids]

    def truth(self, key: str) -> list[tuple[str, float]]:
        """(phone, end in seconds) as the teacher spoke it; empty for a person's recording."""
        table, row = self._find(self.entries[key])
        return [(p["symbol"], p["end_seconds"]) for p in table["phones"][row].as_py() or []]

    def words(self, key: str) -> list[Word]:
        """The words of an utterance and the symbols that speak them."""
        table, row = self._find(self.entries[key])
        return [Word(w["text"], w["start"], w["end"]) for w in table["words"][row].as_py()]

    def start_seconds(self, key: str) -> float:
        """When the first frame of an utterance stands in its original recording.

        Raises `CorpusError` if the corpus was prepared before that was kept.
        """
        table, row = self._find(self.entries[key])
        if "start_seconds" not in table.column_names:
            raise CorpusError(
                f"{self.folder} was prepared by an older intone, which did not keep when its "
                "recordings begin; prepare it again"
            )
        return float(table["start_seconds"][row].as_py())

    def _find(self, entry: Entry) -> tuple[pa.Table, int]:
        """The row group that holds `entry`, and its row there."""
        group, row = divmod(entry.row, ROWS_IN_GROUP)
        key = (entry.shard, group)
        if key in self._groups:
            self._groups.move_to_end(key)
            return self._groups[key], row
        if entry.shard not in self._files:
            path = self.folder / SHARDS / entry.shard
            try:
                self._files[entry.shard] = pq.ParquetFile(path, memory_map=True)
            except (pa.ArrowException, OSError) as error:
                raise CorpusError(f"{path} cannot be read ({error}); prepare again") from None
        table = self._files[entry.shard].read_row_group(group, columns=list(_COLUMNS))
        self._groups[key] = table
        self._held += table.nbytes
        while self._held > self._room and len(self._groups) > 1:
            self._held -= self._groups.popitem(last=False)[1].nbytes
        return table, row

    def _example(self, entry: Entry, needs: Needs) -> Example:
        table, row = self._find(entry)

        def values(column: str) -> Any:
            return table[column][row].values.to_numpy(zero_copy_only=False)

        scales = self.about["speakers"][self.speakers[entry.speaker]]
        pitch = voiced = energy = samples = durations = None
        if needs.pitch:
            hertz = values("pitch_hz")
            voiced = hertz > 0
            logs = np.log(np.where(voiced, hertz, 1.0))
            normal = (logs - scales["pitch_mean"]) / scales["pitch_deviation"]
            pitch = np.where(voiced, normal, 0.0).astype(np.float32)
        if needs.energy:
            normal = (values("energy") - scales["energy_mean"]) / scales["energy_deviation"]
            energy = normal.astype(np.float32)
        if needs.samples:
            samples = values("samples").astype(np.float32) / 32_767
        if needs.durations:
            durations = self.aligned[entry.id].durations
        return Example(
            id=entry.id,
            text=table["text"][row].as_py(),
            speaker=entry.speaker,
            symbols=values("symbols").astype(np.int64),
            mel=values("mel").reshape(-1, self.format.bands),
            fingerprint=table["fingerprint"][row].as_py(),
            pitch=pitch,
            voiced=voiced,
            energy=energy,
            samples=samples,
            durations=durations,
        )
