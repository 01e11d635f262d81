"""How fast the `english` frontend is: the first sentence of a process, and text after that.

    python benchmarks/frontend_speed.py --write

"cold" is construction and one sentence in a fresh process, without the import of numpy.
"warm" repeats running text; "rare" is words of the lexicon drawn at random, each looked up
once; "unknown" is invented words, spoken by the letter-to-sound net.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from intone.text import frontend
from intone.text.english.lexicon import Lexicon

RESULT = Path(__file__).parent / "results" / "frontend_speed.json"
TEXT = (
    "The ferry left at 7:45 on Monday, with 212 passengers and a cargo of apples; nobody had "
    "read the notice, so Dr. Lane paid $3.50 more than she wanted. "
)
COLD = """
import time, numpy
began = time.perf_counter()
from intone.text import frontend
frontend.build("english").symbols("The quick brown fox jumps over the lazy dog.")
print(1000 * (time.perf_counter() - began))
"""


def words_a_second(text: str) -> float:
    """Words of `text` that a fresh frontend speaks in one second."""
    speaker = frontend.build("english")
    began = time.perf_counter()
    words = len(speaker.symbols(text).words)
    return words / (time.perf_counter() - began)


def main() -> None:
    """Print the figures, and write them with `--write`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    cold = [
        float(subprocess.run([sys.executable, "-c", COLD], capture_output=True, check=True).stdout)
        for _ in range(7)
    ]
    chance = random.Random(0)
    known = [w for w in Lexicon().words() if w.isalpha()]
    invented = ["".join(chance.sample("aeioubdfklmnprstv", 7)) for _ in range(500)]
    words_a_second(TEXT)
    result = {
        "cold_milliseconds_median": round(statistics.median(cold), 1),
        "warm_words_per_second": round(words_a_second(TEXT * 800)),
        "rare_words_per_second": round(words_a_second(" ".join(chance.sample(known, 20_000)))),
        "unknown_words_per_second": round(words_a_second(" ".join(invented))),
    }
    print(json.dumps(result, indent=2))
    if options.write:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
