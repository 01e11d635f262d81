"""What a voice costs: time, the wait for the first sound, memory, disk, a cold start."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import SettingsError, VoiceError
from intone.core.types import Conditions

if TYPE_CHECKING:
    from intone.speech import Voice

_MEASURE = """
import json, subprocess, sys, time
begin = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
wall = time.perf_counter() - begin
try:
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    work, peak = used.ru_utime + used.ru_stime, used.ru_maxrss
except ImportError:
    work = peak = None
print(json.dumps([code, wall, work, peak]))
"""


def seconds_of(action: Callable[[], Any]) -> float:
    """Seconds from an action's start to its end."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def processor_seconds() -> float:
    """What this process and those that it waited for have worked."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def factors(action: Callable[[], Any], spoken_seconds: float, repeats: int) -> dict[str, float]:
    """Seconds of waiting, and of the processor, for a second of speech; the median of `repeats`.

    On a busy machine the second tells more.
    """
    waits, works = [], []
    for _ in range(repeats):
        before = processor_seconds()
        waits.append(seconds_of(action))
        works.append(processor_seconds() - before)
    return {
        "real_time_factor": round(statistics.median(waits) / spoken_seconds, 5),
        "processor_time_factor": round(statistics.median(works) / spoken_seconds, 5),
    }


def as_process(command: Sequence[str], repeats: int) -> dict[str, Any]:
    """Seconds that a command takes from its start, and the most memory that one run took.

    A small process starts it: one counts the memory of whoever started it as its own. What
    the system does not tell is None. Raises `VoiceError` if the command fails.
    """
    walls, works, peaks = [], [], []
    for _ in range(repeats):
        asked = subprocess.run(
            [sys.executable, "-S", "-c", _MEASURE, *command],
            capture_output=True,
            text=True,
            check=True,
        )
        code, wall, work, peak = json.loads(asked.stdout)
        if code:
            raise VoiceError(f"{' '.join(command)} failed with exit code {code}; try it by hand")
        walls.append(wall)
        if peak is not None:
            works.append(work)
            peaks.append(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)
    return {
        "cold_start_seconds": round(statistics.median(walls), 3),
        "cold_start_processor_seconds": round(statistics.median(works), 3) if works else None,
        "peak_megabytes": round(max(peaks), 1) if peaks else None,
    }


def disk_megabytes(name_or_path: str | Path) -> float:
    """What a voice's files take, with those of the vocoder and the codec that it shares."""
    from intone.speech.packaged import describe, find, shared_folders

    found = describe(find(name_or_path))
    size = found.size_bytes
    for folder in shared_folders(found.manifest):
        size += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return round(size / 1e6, 2)


def cost_of(
    name_or_path: str, texts: Sequence[str], *, speaker: str | None = None, repeats: int = 3
) -> dict[str, Any]:
    """What it costs to speak `texts`: see the keys in `docs/evaluate.md`.

    Times are medians of `repeats`. The cold start is the command line's, with the first text;
    the peak of memory is that of one command that speaks all of them. Raises `SettingsError`
    without a text, and what `Voice.load` raises.
    """
    if not texts:
        raise SettingsError("the cost needs at least one sentence to speak")
    from intone.speech import Voice

    conditions = Conditions(speaker=speaker)
    voice = Voice.load(name_or_path, threads=1)
    found: dict[str, Any] = _factors_of(voice, texts, conditions, repeats)
    waits = [_first_sound_seconds(voice, text, conditions) for text in texts]
    found["first_sound_seconds"] = round(statistics.median(waits), 4)
    voice = Voice.load(name_or_path, threads=2)
    two = _factors_of(voice, texts, conditions, repeats)
    found["real_time_factor_two_threads"] = two["real_time_factor"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "intone", "speak", "--voice", name_or_path, "--no-play"]
        command += ["--threads", "1", "-o", str(Path(folder) / "out.wav")]
        if speaker is not None:
            command += ["--speaker", speaker]
        found |= as_process([*command, texts[0]], repeats)
        found["peak_megabytes"] = as_process([*command, " ".join(texts)], 1)["peak_megabytes"]
    found["disk_megabytes"] = disk_megabytes(name_or_path)
    return found


def cost_lines(cost: Mapping[str, Any]) -> list[str]:
    """What `cost_of` found, in two lines of words; what is not known is left out."""
    memory = cost["peak_megabytes"]
    return [
        f"real-time factor {cost['real_time_factor']:.4f} on one thread, "
        f"{cost['real_time_factor_two_threads']:.4f} on two; "
        f"first sound after {1000 * cost['first_sound_seconds']:.0f} ms",
        f"cold start {cost['cold_start_seconds']:.2f} s, "
        + (f"peak memory {memory:.0f} MB, " if memory is not None else "")
        + f"{cost['disk_megabytes']:.1f} MB on disk",
    ]


def _factors_of(
    voice: Voice, texts: Sequence[str], conditions: Conditions, repeats: int
) -> dict[str, float]:
    def say_all() -> float:
        return sum(voice.speak(text, conditions).audio.seconds for text in texts)

    return factors(say_all, say_all(), repeats)


def _first_sound_seconds(voice: Voice, text: str, conditions: Conditions) -> float:
    return seconds_of(lambda: next(iter(voice.stream(text, conditions))))
