"""How fast a training is on a machine that does something else too.

    python benchmarks/busy_machine.py --corpus PREPARED

Trains FastSpeech 2 of preset `laptop` as `training_speed.py` does, on one thread and on every
core, alone and beside a program that keeps one core busy; threads that wait for one another turn
in circles for milliseconds, as libgomp has it, or sleep soon. Writes
`benchmarks/results/busy_machine.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from report import write_report

SPINS = "GOMP_SPINCOUNT"
SOON = "1000"
"""Turns of waiting: what libgomp takes itself where it knows of more threads than cores."""


@contextlib.contextmanager
def busy(programs: int) -> Iterator[None]:
    """As many programs that do nothing but count."""
    running = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)
    ]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def put_speed(
    corpus: Path, steps: int, threads: int, results: multiprocessing.Queue[float]
) -> None:
    """Put onto `results` the frames a second of a training in this process."""
    from training_speed import measured

    results.put(measured(corpus, steps, threads)["frames_per_second"])


def trained(corpus: Path, steps: int, threads: int, spins: str | None) -> float:
    """Frames a second of a training in a process of its own, whose threads wait for `spins`."""
    os.environ.pop(SPINS, None)
    if spins is not None:
        os.environ[SPINS] = spins
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=put_speed, args=(corpus, steps, threads, results))
    process.start()
    found = results.get()
    process.join()
    return float(found)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY"):
        os.environ.pop(name, None)
    rows = []
    for programs in (0, 1):
        for threads in sorted({1, os.cpu_count() or 1}):
            with busy(programs):
                row = {
                    "other_programs": programs,
                    "threads": threads,
                    "turning": trained(options.corpus, options.steps, threads, None),
                    "sleeping": trained(options.corpus, options.steps, threads, SOON),
                }
            print(row, flush=True)
            rows.append(row)
    write_report("busy_machine", {"rows": rows})


if __name__ == "__main__":
    main()
