"""`PreparedCorpus`: a prepared folder, opened for reading."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError
from intone.core.files import read_json, write_json
from intone.core.protocols import CorpusFacts, Needs
from intone.core.types import FrameFormat, Word
from intone.data.codes import Coded, nearest_frames, rescaled
from intone.data.columns import Columns
from intone.data.durations import Aligned, misfit, read_durations
from intone.data.emotions import read_emotions
from intone.data.schema import (
    CORPUS_FILE,
    INDEX,
    INDEX_FILE,
    READABLE,
    ROWS_IN_GROUP,
    SPEAKER_VECTORS_FILE,
)

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray
    from intone.text.frontend import Frontend

log = logging.getLogger("intone.data")

CACHE_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an utterance is, and how long; `fingerprint` is "" in a folder of version 1."""

    id: str
    speaker: int
    frames: int
    symbols: int
    shard: str
    row: int
    fingerprint: str = ""


@dataclass(frozen=True)
class Example:
    """One utterance's features; what was not asked for is None.

    `mel` (F, bands), `pitch` and `energy` (F) normalised by speaker (0 where unvoiced),
    `pitch_hz` (F) as it was measured (0 where unvoiced),
    `samples` float32 (T), `durations` int64 (S), `emotion` (E). With `codes` (F, K),
    everything but `mel` and `samples` is in their frames.
    """

    id: str
    text: str
    speaker: int
    symbols: IntArray
    mel: FloatArray
    fingerprint: str
    pitch: FloatArray | None = None
    voiced: Any = None
    pitch_hz: FloatArray | None = None
    energy: FloatArray | None = None
    samples: FloatArray | None = None
    durations: IntArray | None = None
    codes: IntArray | None = None
    emotion: FloatArray | None = None


class PreparedCorpus:
    """A prepared folder: its index in memory, its features fetched as they are asked for.

    What was read stays in memory up to `cache_bytes`, the least lately used leaving first.
    Raises `CorpusError` if `folder` is not a prepared corpus.
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
        self.has_sound: bool = self.about.get("sound", True)
        self.entries = _read_index(self.folder, self.about.get("edition"), self.speakers)
        self.aligned: Mapping[str, Aligned] = read_durations(self.folder)
        self.speaker_encoder = ""
        self.speaker_vectors: dict[str, tuple[float, ...]] = {}
        if (self.folder / SPEAKER_VECTORS_FILE).is_file():
            kept = read_json(self.folder / SPEAKER_VECTORS_FILE)
            self.speaker_encoder = kept.get("encoder", "")
            self.speaker_vectors = {n: tuple(v) for n, v in kept.get("vectors", {}).items()}
        self.emotions = read_emotions(self.folder)
        self.coded: Coded | None = None
        self._columns = Columns(self.folder, cache_bytes)

    def speak_codes(self, coded: Coded) -> None:
        """From here on, `facts` are of a codec's frames, and examples can have its codes."""
        self.coded = coded

    def keep_speaker_vectors(self, encoder: str, vectors: Mapping[str, Sequence[float]]) -> None:
        """Write what `encoder` makes of each speaker beside the shards."""
        self.speaker_encoder = encoder
        self.speaker_vectors = {name: tuple(map(float, v)) for name, v in vectors.items()}
        kept = {"encoder": encoder, "vectors": self.speaker_vectors}
        write_json(self.folder / SPEAKER_VECTORS_FILE, kept)

    def frontend(self) -> Frontend:
        """The frontend that made the symbols."""
        from intone.text.frontend import from_state

        return from_state(self.about["frontend"])

    def facts(self) -> CorpusFacts:
        """What a model is built for."""
        inventory = self.frontend().inventory
        scales = list(self.about["speakers"].values())
        phones, stress = inventory.phones_and_stress()
        felt = self.emotions
        return CorpusFacts(
            symbols=len(inventory),
            speakers=self.speakers,
            format=self.format if self.coded is None else self.coded.format,
            pitch_mean=tuple(s["pitch_mean"] for s in scales),
            pitch_deviation=tuple(s["pitch_deviation"] for s in scales),
            energy_mean=tuple(s["energy_mean"] for s in scales),
            energy_deviation=tuple(s["energy_deviation"] for s in scales),
            optional_symbols=tuple(int(i) for i in np.flatnonzero(inventory.optional_mask())),
            phones=phones,
            stress=stress,
            speaker_vectors=tuple(self.speaker_vectors.get(s, ()) for s in self.speakers)
            if self.speaker_vectors
            else (),
            emotions=() if felt is None else felt.names,
            emotion_vectors=()
            if felt is None
            else tuple(tuple(map(float, vector)) for vector in felt.vectors[: len(felt.names)]),
            emotion_size=0 if felt is None else felt.vectors.shape[1],
        )

    def usable(self, needs: Needs) -> list[str]:
        """The ids of utterances that have what `needs` asks for, in order.

        Alignments that no longer fit their utterance are passed over with a warning. Raises
        `CorpusError` if no utterance is left.
        """
        self._require_sound(needs)
        if needs.speaker_vector and set(self.speakers) - set(self.speaker_vectors):
            raise CorpusError(f"{self.folder} lacks the vectors of some speakers; prepare it again")
        if needs.codes and self.coded is None:
            raise CorpusError(f"{self.folder} has no codes yet; give a codec by data.codec")
        found = list(self.entries)
        if needs.durations or needs.durations_where_known:
            aligned = self._aligned_ones
            found = list(aligned) if needs.durations else found
        if needs.emotion:
            known = () if self.emotions is None else self.emotions.rows
            found = [key for key in found if key in known]
            if not found:
                raise CorpusError(
                    f"{self.folder} has no emotions; run: intone emotions {self.folder} LABELS"
                )
        if needs.reference:
            spoken = Counter(self.entries[key].speaker for key in self.entries)
            found = [key for key in found if spoken[self.entries[key].speaker] > 1]
            if not found:
                raise CorpusError(
                    f"{self.folder} has no speaker with two utterances, and a reference must be "
                    "another recording of the same speaker; add recordings"
                )
        return found

    def _require_sound(self, needs: Needs) -> None:
        """Raise `CorpusError` if `needs` asks for sound, or what is measured of it, of mels."""
        if not self.has_sound and (needs.samples or needs.pitch or needs.speaker_vector):
            raise CorpusError(
                f"{self.folder} holds mels without sound or pitch, from which only mel-vq, "
                "echolancer, and gpt2-mel with model.guidance=symbol learn; prepare recordings"
            )

    @cached_property
    def _aligned_ones(self) -> Mapping[str, None]:
        """The ids whose alignment fits, in order; raises `CorpusError` if there are none."""
        found: dict[str, None] = {}
        misfits = []
        for key, entry in self.entries.items():
            if (own := self.aligned.get(key)) is None:
                continue
            reason = misfit(own, entry.frames, entry.symbols, entry.fingerprint)
            if reason is None:
                found[key] = None
            else:
                misfits.append(f"{key}: {reason}")
        if misfits:
            log.warning(
                "%d alignments of %s are not used (first: %s); run: intone align %s",
                len(misfits), self.folder, misfits[0], self.folder,
            )  # fmt: skip
        if not found:
            raise CorpusError(
                f"{self.folder} has no alignments that fit; run: intone align {self.folder}"
            )
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
        """The examples of `ids`, in that order.

        Raises `CorpusError` if there is no such utterance, or it lacks what it needs.
        """
        self._require_sound(needs)
        return [self._example(self._entry(key), needs) for key in ids]

    def truth(self, key: str) -> list[tuple[str, float]]:
        """(phone, end in seconds) as the teacher spoke it; empty for a person's recording."""
        return [(p["symbol"], p["end_seconds"]) for p in self._value(key, "phones") or []]

    def words(self, key: str) -> list[Word]:
        """The words of an utterance and the symbols that speak them."""
        return [Word(w["text"], w["start"], w["end"]) for w in self._value(key, "words")]

    def start_seconds(self, key: str) -> float:
        """When the first frame of an utterance stands in its original recording.

        Raises `CorpusError` if the corpus was prepared before that was kept.
        """
        if not self._columns.has(self._entry(key).shard, "start_seconds"):
            raise CorpusError(
                f"{self.folder} was prepared by an older intone, which did not keep when its "
                "recordings begin; prepare it again"
            )
        return float(self._value(key, "start_seconds"))

    def _entry(self, key: str) -> Entry:
        try:
            return self.entries[key]
        except KeyError:
            raise CorpusError(f"{self.folder} has no utterance {key!r}; prepare it again") from None

    def _value(self, key: str, column: str) -> Any:
        entry = self._entry(key)
        group, row = divmod(entry.row, ROWS_IN_GROUP)
        return self._columns.read(entry.shard, group, (column,))[column][row]

    def _example(self, entry: Entry, needs: Needs) -> Example:
        group, row = divmod(entry.row, ROWS_IN_GROUP)
        columns = self._columns.read(entry.shard, group, _columns_for(needs))
        scales = self.about["speakers"][self.speakers[entry.speaker]]
        pitch = voiced = hertz = energy = samples = durations = None
        if needs.pitch:
            hertz = columns["pitch_hz"][row]
            voiced = hertz > 0
            logs = np.log(np.where(voiced, hertz, 1.0))
            normal = (logs - scales["pitch_mean"]) / scales["pitch_deviation"]
            pitch = np.where(voiced, normal, 0.0).astype(np.float32)
        if needs.energy:
            normal = (columns["energy"][row] - scales["energy_mean"]) / scales["energy_deviation"]
            energy = normal.astype(np.float32)
        if needs.samples:
            samples = columns["samples"][row].astype(np.float32) / 32_767
        if needs.durations:
            if entry.id not in self.aligned:
                raise CorpusError(f"{entry.id!r} has no durations; run: intone align {self.folder}")
            durations = self.aligned[entry.id].durations
        elif needs.durations_where_known:
            durations = np.zeros(entry.symbols, np.int64)
            if entry.id in self._aligned_ones:
                durations = self.aligned[entry.id].durations
        codes = None
        if needs.codes:
            codes = self._codes(entry)
            ratio = self._codes_a_frame()
            at = nearest_frames(len(codes), ratio, entry.frames)
            pitch, voiced, hertz, energy = (
                None if each is None else each[at] for each in (pitch, voiced, hertz, energy)
            )
            durations = None if durations is None else rescaled(durations, ratio, len(codes))
        return Example(
            id=entry.id,
            text=columns["text"][row],
            speaker=entry.speaker,
            symbols=columns["symbols"][row].astype(np.int64),
            mel=columns["mel"][row].reshape(-1, self.format.bands),
            fingerprint=columns["fingerprint"][row],
            pitch=pitch,
            voiced=voiced,
            pitch_hz=hertz,
            energy=energy,
            samples=samples,
            durations=durations,
            codes=codes,
            emotion=self.emotions.of(entry.id)
            if needs.emotion and self.emotions is not None
            else None,
        )

    def _codes(self, entry: Entry) -> IntArray:
        if self.coded is None or entry.id not in self.coded.values:
            raise CorpusError(f"{entry.id!r} of {self.folder} has no codes; give data.codec again")
        return self.coded.values[entry.id].astype(np.int64)

    def _codes_a_frame(self) -> float:
        assert self.coded is not None
        return self.coded.format.frames_per_second / self.format.frames_per_second


def _columns_for(needs: Needs) -> list[str]:
    """The columns that must be read, and so fill the memory."""
    names = ["text", "symbols", "mel", "fingerprint"]
    if needs.pitch:
        names.append("pitch_hz")
    if needs.energy:
        names.append("energy")
    if needs.samples:
        names.append("samples")
    return names


def _read_index(folder: Path, edition: str | None, speakers: Sequence[str]) -> dict[str, Entry]:
    """The index by id; `CorpusError` unless it belongs to `edition` of the corpus."""
    try:
        table = pq.read_table(folder / INDEX_FILE)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(
            f"{folder / INDEX_FILE} cannot be read ({error}); prepare it again"
        ) from None
    given = (table.schema.metadata or {}).get(b"edition")
    if given is not None and given.decode() != edition:
        raise CorpusError(f"the preparation of {folder} was cut off; run intone prepare again")
    numbers = {name: i for i, name in enumerate(speakers)}
    names = [name for name in INDEX.names if name in table.column_names]
    columns = [table[name].to_pylist() for name in names]
    entries = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return {e["id"]: Entry(**{**e, "speaker": numbers[e["speaker"]]}) for e in entries}
