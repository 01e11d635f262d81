"""Recordings and texts → shards of features, by all cores, so that training only reads.

Work is cut into shards, each written whole or not at all. A kill loses the shards in the
making and nothing else; a second run computes only what is new or changed. Memory
follows from a few utterances a process, not from the corpus.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import CorpusError
from intone.core.files import write_text
from intone.core.types import MEL_22K, FrameFormat, Utterance
from intone.data.crew import make_shards
from intone.data.features import LONGEST_SECONDS, Measures, fingerprint
from intone.data.index import Size, write_index
from intone.data.jobs import Done, Job, Task, make_shard
from intone.data.schema import SET_ASIDE_FILE, SHARDS, UTTERANCES_IN_SHARD
from intone.data.shards import fingerprints, next_number, remove_leftovers, shard_path

if TYPE_CHECKING:
    from intone.text.frontend import Frontend

Progress = Callable[[int, int], None]
"""Told how many of how many utterances are done."""

_LEAST_FOR_A_PROCESS = 8
"""Fewer utterances are measured sooner than a process begins."""
_JOBS_A_PROCESS = 4
"""So that none waits long for the last one to end."""


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
    shortest_seconds: float = 0.0,
    trim: bool = True,
    leave_out: frozenset[str] = frozenset(),
    rejected: Sequence[SetAside] = (),
    progress: Progress | None = None,
) -> PrepareReport:
    """Prepare `utterances` in the folder `out`; `workers` processes, 0 for one a core.

    Utterances that cannot be used, those whose ids are in `leave_out`, and those that were
    `rejected` when the corpus was read are listed in `set_aside.jsonl`; the rest goes on.
    Raises `CorpusError` if none can be used, or if another process prepares the folder.
    """
    began = time.perf_counter()
    measures = Measures(format, longest_seconds, shortest_seconds, trim)
    state = frontend.state()
    described = measures.described(state)
    everything = sorted(utterances, key=lambda u: u.id)
    wanted = [u for u in everything if u.id not in leave_out and _is_text(u)]
    prints = {u.id: fingerprint(u, described) for u in wanted}
    if len(prints) != len(wanted):
        raise CorpusError("two utterances have the same id; give each recording a name of its own")
    aside = {r.id: r.reason for r in rejected}
    aside |= {u.id: "its name or text is not UTF-8; mend it" for u in everything if not _is_text(u)}
    aside |= {u.id: "set aside by the corpus' check" for u in everything if u.id in leave_out}
    aside = {_shown(key): _shown(reason) for key, reason in aside.items()}
    with locked(out):
        present = {key for key, found in fingerprints(out) if prints.get(key) == found}
        missing = [Task(u, prints[u.id]) for u in wanted if u.id not in present]
        gone_through: set[str] = set()

        def done(task: Done) -> None:
            gone_through.add(task.id)
            if task.reason is not None:
                aside[task.id] = _shown(task.reason)
            if progress is not None:
                progress(len(gone_through), len(missing))

        crew = min(workers or os.cpu_count() or 1, max(1, len(missing) // _LEAST_FOR_A_PROCESS))
        jobs = list(_jobs(missing, out, crew))
        if crew == 1:
            for job in jobs:
                make_shard(job, frontend, measures, began=_nobody, done=done)
        else:
            make_shards(jobs, state, measures, crew, done)
        size = write_index(out, prints, frontend_state=state, format=format, described=described)
        write_set_aside(out, aside)
    if size.utterances == 0:
        first = next((f" (first: {k}: {r})" for k, r in sorted(aside.items())), "")
        raise CorpusError(f"no utterance can be used{first}; run: intone corpus check")
    return report_of(size, len(present), aside, began)


def write_set_aside(out: Path, aside: Mapping[str, str]) -> None:
    """List in `out` which utterances cannot be used, and why, by id."""
    lines = [
        json.dumps({"id": key, "reason": reason}, ensure_ascii=False) + "\n"
        for key, reason in sorted(aside.items())
    ]
    write_text(out / SET_ASIDE_FILE, "".join(lines))


def report_of(size: Size, kept: int, aside: Mapping[str, str], began: float) -> PrepareReport:
    """What a preparation did that `began` at a time of `perf_counter` and `kept` what was there."""
    return PrepareReport(
        utterances=size.utterances,
        computed=size.utterances - kept,
        kept=kept,
        hours=size.hours,
        seconds=time.perf_counter() - began,
        set_aside=tuple(SetAside(key, aside[key]) for key in sorted(aside)),
    )


def _jobs(missing: Sequence[Task], out: Path, crew: int) -> Iterator[Job]:
    """One job a shard: of full size, or smaller where all processes would not have some."""
    shared = -(-len(missing) // (_JOBS_A_PROCESS * crew)) if crew > 1 else UTTERANCES_IN_SHARD
    size = min(UTTERANCES_IN_SHARD, max(_LEAST_FOR_A_PROCESS, shared))
    first = next_number(out)
    for number, start in enumerate(range(0, len(missing), size), start=first):
        yield Job(shard_path(out, number), tuple(missing[start : start + size]))


def _is_text(utterance: Utterance) -> bool:
    """Whether it can be written: a file's name, and so an id, may be any bytes."""
    try:
        "".join((utterance.id, utterance.speaker, utterance.language, utterance.text)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    """`text` with what is not UTF-8 as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _nobody(_: str) -> None:
    """Nobody needs to be told which utterance is begun in this very process."""


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder against a second preparation, clean of half-written shards.

    The system drops the lock with this process, however it ends.
    """
    from filelock import FileLock, Timeout

    try:
        (out / SHARDS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"cannot make {out}: {error.strerror or error}; choose another") from None
    try:
        with FileLock(out / ".lock", timeout=0):
            remove_leftovers(out)
            try:
                yield
            finally:
                remove_leftovers(out)
    except Timeout:
        raise CorpusError(
            f"another process prepares {out}; wait for it or choose another folder"
        ) from None
