"""How fast the `russian` frontend is, beside espeak-ng in the same run.

    python benchmarks/russian_frontend.py

"cold" is construction and one sentence in a fresh process, without the import of numpy; "first"
is a text whose words were not seen before in the process; "warm" the same text again. espeak-ng
is the library that espeakng-loader carries, called for its phonemes through the frontend `espeak`.
Writes `benchmarks/results/russian_frontend.json`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from report import write_report

from intone.evaluate.sentences import sentences
from intone.text import frontend
from intone.text.frontend import Frontend

COLD = """
import time, numpy
began = time.perf_counter()
from intone.text import frontend
frontend.build("{name}", "ru").symbols("Съешь ещё этих мягких французских булок, да выпей чаю.")
print(1000 * (time.perf_counter() - began))
"""


def cold(name: str) -> float:
    """Milliseconds to the first sentence of a process, the median of seven."""
    times = [
        float(subprocess.check_output([sys.executable, "-c", COLD.format(name=name)], text=True))
        for _ in range(7)
    ]
    return round(statistics.median(times), 1)


def words_a_second(speaker: Frontend, texts: list[str]) -> float:
    """Words of `texts` that `speaker` speaks in one second."""
    began = time.perf_counter()
    words = sum(len(speaker.symbols(text).words) for text in texts)
    return round(words / (time.perf_counter() - began))


def main() -> None:
    """Measure both; print and write."""
    texts = sentences("russian_plain")
    figures: dict[str, dict[str, float]] = {}
    for name in ("russian", "espeak"):
        speaker = frontend.build(name, "ru")
        speaker.symbols("Да.")
        first = words_a_second(speaker, texts)
        warm = statistics.median(words_a_second(speaker, texts) for _ in range(7))
        figures[name] = {"cold_milliseconds": cold(name), "first": first, "warm": warm}
    print(figures)
    write_report("russian_frontend", {"words_a_second": figures})


if __name__ == "__main__":
    main()
