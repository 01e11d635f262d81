"""One vocoder's or codec's speed and memory, in a process of its own.

    python benchmarks/sound_speed.py NAME SOUNDS.npz FOLDER

prints them as JSON. Names are those of `sound_systems.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

REPEATS = 3


def peak_megabytes() -> float | None:
    """The most memory that this program ever held; None where the system does not tell.

    Not by `getrusage`, which counts what the starting program held before it became this one.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(peak) / 1024, 1)


def least(action: Callable[[], Any]) -> tuple[float, float]:
    """The fewest seconds, and the fewest of the processor, of some tries.

    Others' work makes a try slower, never faster.
    """
    waits, works = [], []
    for _ in range(REPEATS):
        wait, work = time.perf_counter(), time.process_time()
        action()
        waits.append(time.perf_counter() - wait)
        works.append(time.process_time() - work)
    return min(waits), min(works)


def factors(actions: Sequence[Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Seconds for a second of sound, waited and worked."""
    actions[0]()
    spent = np.array([least(action) for action in actions]).sum(axis=0) / seconds
    return {
        "real_time_factor": round(float(spent[0]), 5),
        "processor_time_factor": round(float(spent[1]), 5),
    }


def measured(name: str, sounds: Path, folder: Path) -> dict[str, Any]:
    """Figures of the system `name` on the sounds of a file: see `factors`, and memory."""
    from sound_systems import Coded, opened

    from intone.core.types import MEL_22K, Audio

    with np.load(sounds) as held:
        audios = [Audio(held[key], MEL_22K.sample_rate) for key in held.files]
    seconds = sum(audio.seconds for audio in audios)
    before = time.perf_counter()
    system = opened(name, folder)
    figures: dict[str, Any] = {"load_seconds": round(time.perf_counter() - before, 2)}
    inside = [system.forth(audio) for audio in audios]
    figures |= factors([lambda i=i: system.back(i) for i in inside], seconds)
    if isinstance(system, Coded):
        encoding = factors([lambda a=a: system.forth(a) for a in audios], seconds)
        figures |= {f"encode_{key}": value for key, value in encoding.items()}
    figures["peak_megabytes"] = peak_megabytes()
    figures["file_megabytes"] = round(sum(f.stat().st_size for f in system.files) / 1e6, 2)
    return figures


def in_own_process(name: str, sounds: Path, folder: Path) -> dict[str, Any]:
    """As `measured`, in a process that has done nothing else."""
    done = subprocess.run(
        [sys.executable, __file__, name, str(sounds), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
