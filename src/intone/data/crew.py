"""Several processes that make shards, and what is done when one of them dies.

They are programs of their own rather than children of `multiprocessing`, which would run
the caller's script again in each of them, and cannot tell which recording killed one.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from intone.core.errors import CorpusError
from intone.data.features import Measures
from intone.data.jobs import Done, Job

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def make_shards(
    jobs: Sequence[Job],
    frontend_state: Mapping[str, Any],
    measures: Measures,
    workers: int,
    done: Callable[[Done], None],
) -> None:
    """Make the shards of `jobs` by `workers` processes; `done` is told every utterance.

    A recording that kills its process is told as one that cannot be used. Raises
    `CorpusError` if a process cannot work at all or a shard cannot be written. On any
    error, Ctrl-C among them, the processes are stopped; finished shards stay.
    """
    waiting = deque(jobs)
    news: queue.Queue[Done | BaseException | None] = queue.Queue()
    hands = [_Hand(frontend_state, measures) for _ in range(workers)]
    threads = [
        threading.Thread(target=_work, args=(hand, waiting, news), daemon=True) for hand in hands
    ]
    for thread in threads:
        thread.start()
    try:
        working = len(threads)
        while working:
            try:
                # With a time limit, as Windows hears no Ctrl-C while it waits without one.
                item = news.get(timeout=0.5)
            except queue.Empty:
                continue
            if item is None:
                working -= 1
            elif isinstance(item, Done):
                done(item)
            else:
                raise item
    finally:
        for hand in hands:
            hand.stop()
        for thread in threads:
            thread.join()


def _work(hand: _Hand, waiting: deque[Job], news: queue.Queue[Done | BaseException | None]) -> None:
    """Let `hand` do what waits; a recording that kills it is left out of its job."""
    try:
        while waiting:
            try:
                job = waiting.popleft()
            except IndexError:
                break
            while (victim := hand.make(job, news.put)) is not None:
                news.put(victim)
                job = job.without(victim.id)
        hand.finish()
    except BaseException as error:
        news.put(error)
    finally:
        news.put(None)


class _Hand:
    """One process, begun when it is needed and begun again when it died."""

    def __init__(self, frontend_state: Mapping[str, Any], measures: Measures) -> None:
        self._opening = {
            "frontend": frontend_state,
            "format": asdict(measures.format),
            "measures": {k: v for k, v in vars(measures).items() if k != "format"},
        }
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self._guard = threading.Lock()

    def make(self, job: Job, done: Callable[[Done], None]) -> Done | None:
        """Have `job` done; gives the recording that killed the process, if one did."""
        began = None
        try:
            process = self._begun()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(job.to_json()) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                if "began" in said:
                    began = said["began"]
                elif "done" in said:
                    began = None
                    done(Done(said["done"], said["reason"]))
                elif "failed" in said:
                    raise CorpusError(said["failed"])
                else:
                    return None
        except (BrokenPipeError, ConnectionError):
            pass
        code = self._process.wait() if self._process is not None else None
        self._process = None
        if began is None or self._stopped:
            raise CorpusError(
                f"a process of the preparation ended early (exit code {code}); "
                "what is finished stays: run again, with fewer workers if memory is short"
            )
        return Done(began, f"the process that measured it died (exit code {code}); convert it anew")

    def finish(self) -> None:
        """Let the process end by itself."""
        with self._guard:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End the process now, and let no other begin."""
        with self._guard:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _begun(self) -> subprocess.Popen[str]:
        with self._guard:
            if self._stopped:
                raise CorpusError("the preparation was stopped; what is finished stays")
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "intone.data.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    env=_environment(),
                    # Ctrl-C goes to a whole group of processes; only the first shall hear it.
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
                assert self._process.stdin is not None
                self._process.stdin.write(json.dumps(self._opening) + "\n")
            return self._process


def _environment() -> dict[str, str]:
    """This process' environment and module path; one thread, as each process has a core."""
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    threads = dict.fromkeys(_ONE_THREAD, "1")
    return {**os.environ, **threads, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
