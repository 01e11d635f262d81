"""Recordings and texts → shards of features, by all cores, so that training only reads.

Work is cut into shards of a fixed number of utterances, each written whole or not at
all. A kill loses the shards in the making and nothing else; a second run computes only
what is new or changed. Memory follows from the size of a shard, not of the corpus.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from intone.core.errors import CorpusError, IntoneError
from intone.core.files import replacing, write_json, write_text
from intone.core.types import MEL_22K, FrameFormat, Utterance
from intone.data.features import features, fingerprint
from intone.data.schema import (
    CORPUS_FILE,
    INDEX,
    INDEX_FILE,
    ROWS_IN_GROUP,
    SET_ASIDE_FILE,
    SHARD,
    SHARDS,
    UTTERANCES_IN_SHARD,
    VERSION,
)

if TYPE_CHECKING:
    from intone.text.frontend import Frontend

LONGEST_SECONDS = 20.0
Progress = Callable[[int, int], None]
"""Told how many of how many utterances are done."""


@dataclass(frozen=True)
class SetAside:
    """An utterance that cannot be used, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class PrepareReport:
    """What preparation did: `computed` utterances now, `kept` ones from before."""

    utterances: int
    computed: int
    kept: int
    hours: float
    seconds: float
    set_aside: tuple[SetAside, ...]


def prepare(
    utterances: Iterable[Utterance],
    out: Path,
    frontend: Frontend,
    format: FrameFormat = MEL_22K,
    *,
    workers: int = 0,
    longest_seconds: float = LONGEST_SECONDS,
    leave_out: frozenset[str] = frozenset(),
    rejected: Sequence[SetAside] = (),
    progress: Progress | None = None,
) -> PrepareReport:
    """Prepare `utterances` in the folder `out`; `workers` processes, 0 for one a core.

    Utterances that cannot be used, those whose ids are in `leave_out`, and those that were
    `rejected` when the corpus was read are listed in `set_aside.jsonl`; the rest goes on.
    Raises `CorpusError` if none can be used.
    """
    began = time.perf_counter()
    wanted = sorted(utterances, key=lambda u: u.id)
    state = frontend.state()
    settings = json.dumps([asdict(format), state, longest_seconds, VERSION], sort_keys=True)
    aside = [*rejected]
    aside += [SetAside(u.id, "set aside by the corpus' check") for u in wanted if u.id in leave_out]
    wanted = [u for u in wanted if u.id not in leave_out]
    prints = {u.id: fingerprint(u, settings) for u in wanted}
    if len(prints) != len(wanted):
        raise CorpusError("two utterances have the same id; give each recording a name of its own")
    shards = out / SHARDS
    shards.mkdir(parents=True, exist_ok=True)
    present = {row["id"] for row in _rows(shards) if prints.get(row["id"]) == row["fingerprint"]}
    missing = [u for u in wanted if u.id not in present]
    number = _next_number(shards)
    done = fresh = 0
    with _pool(workers, len(missing), state, format, longest_seconds) as run:
        for chunk in _chunks(missing, UTTERANCES_IN_SHARD):
            rows = []
            for utterance, made in zip(chunk, run(chunk), strict=True):
                done += 1
                if progress is not None:
                    progress(done, len(missing))
                if isinstance(made, str):
                    aside.append(SetAside(utterance.id, made))
                else:
                    fresh += 1
                    rows.append({**made, "fingerprint": prints[utterance.id]})
            if rows:
                _write_shard(shards / f"part-{number:05d}.parquet", rows)
                number += 1
    hours = _write_index(out, prints, state, format)
    write_text(
        out / SET_ASIDE_FILE,
        "".join(json.dumps(asdict(a), ensure_ascii=False) + "\n" for a in aside),
    )
    used = len(present) + fresh
    if used == 0:
        first = f" (first: {aside[0].id}: {aside[0].reason})" if aside else ""
        raise CorpusError(f"no utterance can be used{first}; run: intone corpus check")
    return PrepareReport(
        utterances=used,
        computed=fresh,
        kept=len(present),
        hours=hours,
        seconds=time.perf_counter() - began,
        set_aside=tuple(aside),
    )


_worker: dict[str, Any] = {}


def _begin_worker(state: Any, format: FrameFormat, longest_seconds: float) -> None:
    from intone.text.frontend import from_state

    _worker.update(frontend=from_state(state), format=format, longest=longest_seconds)


def _features_or_reason(utterance: Utterance) -> dict[str, Any] | str:
    """The row, or what is wrong with the utterance: one bad file must not end the run."""
    try:
        return features(utterance, _worker["frontend"], _worker["format"], _worker["longest"])
    except IntoneError as error:
        return str(error)
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"


class _pool:
    """A map over utterances in order: by processes, or in this one where that is enough."""

    def __init__(
        self, workers: int, work: int, state: Any, format: FrameFormat, longest: float
    ) -> None:
        self.workers = min(workers or os.cpu_count() or 1, max(1, work // 8))
        self.begin = (state, format, longest)
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Callable[[Sequence[Utterance]], Iterator[dict[str, Any] | str]]:
        if self.workers == 1:
            _begin_worker(*self.begin)
            return lambda chunk: map(_features_or_reason, chunk)
        # Each process uses one core; threads beneath it would only fight over the rest.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        self.pool = ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_worker,
            initargs=self.begin,
        )
        pool = self.pool
        return lambda chunk: pool.map(_features_or_reason, chunk, chunksize=4)

    def __exit__(self, *exc: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)


def _chunks(items: Sequence[Utterance], size: int) -> Iterator[Sequence[Utterance]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _shard_files(shards: Path) -> list[Path]:
    return sorted(shards.glob("part-*.parquet"))


def _next_number(shards: Path) -> int:
    files = _shard_files(shards)
    return int(files[-1].stem.split("-")[1]) + 1 if files else 0


def _write_shard(path: Path, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=SHARD)
    with replacing(path) as temporary:
        pq.write_table(
            table,
            temporary,
            row_group_size=ROWS_IN_GROUP,
            compression="none",
            use_dictionary=False,
            write_statistics=False,
        )


_LIGHT = (
    "id",
    "speaker",
    "frames",
    "fingerprint",
    "symbols",
    "voiced_frames",
    "pitch_sum",
    "pitch_squares",
    "energy_sum",
    "energy_squares",
)


def _rows(shards: Path) -> Iterator[dict[str, Any]]:
    """The light columns of every row, with its `shard` and `row`; later shards last."""
    for path in _shard_files(shards):
        try:
            table = pq.read_table(path, columns=list(_LIGHT))
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(
                f"{path} cannot be read ({error}); delete it and prepare again"
            ) from None
        for number, row in enumerate(table.to_pylist()):
            yield {**row, "shard": path.name, "row": number}


def _write_index(out: Path, prints: dict[str, str], state: Any, format: FrameFormat) -> float:
    """Write the index and the corpus' facts from the shards; returns the hours in it.

    Rows that are no longer wanted stay in their shards and out of the index.
    """
    newest = {r["id"]: r for r in _rows(out / SHARDS) if prints.get(r["id"]) == r["fingerprint"]}
    rows = [newest[key] for key in sorted(newest)]
    index = pa.Table.from_pylist(
        [
            {
                "id": r["id"],
                "speaker": r["speaker"],
                "frames": r["frames"],
                "symbols": len(r["symbols"]),
                "shard": r["shard"],
                "row": r["row"],
            }
            for r in rows
        ],
        schema=INDEX,
    )
    with replacing(out / INDEX_FILE) as temporary:
        pq.write_table(index, temporary)
    frames = sum(r["frames"] for r in rows)
    hours = frames / format.frames_per_second / 3600
    speakers = sorted({r["speaker"] for r in rows})
    write_json(
        out / CORPUS_FILE,
        {
            "version": VERSION,
            "format": asdict(format),
            "utterances": len(rows),
            "hours": round(hours, 4),
            "speakers": {
                name: _scales(r for r in rows if r["speaker"] == name) for name in speakers
            },
            "frontend": state,
        },
    )
    return hours


def _scales(rows: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Means and deviations of a speaker's log pitch and energy."""
    rows = list(rows)

    def total(name: str) -> float:
        return float(sum(r[name] for r in rows))

    def scale(name: str, count: float) -> tuple[float, float]:
        if count < 2:
            return 0.0, 1.0
        mean = total(f"{name}_sum") / count
        variance = total(f"{name}_squares") / count - mean * mean
        return mean, max(variance, 1e-4) ** 0.5

    pitch_mean, pitch_deviation = scale("pitch", total("voiced_frames"))
    energy_mean, energy_deviation = scale("energy", total("frames"))
    return {
        "pitch_mean": pitch_mean,
        "pitch_deviation": pitch_deviation,
        "energy_mean": energy_mean,
        "energy_deviation": energy_deviation,
    }
