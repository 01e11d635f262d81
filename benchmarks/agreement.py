"""Do two runs of `intone evaluate` agree, and do their intervals cover a third?

    python benchmarks/agreement.py english runs/echolancer

Each voice is evaluated twice by the command, which must give the same figures. The third time
it says the sentences with another seed: whatever a voice leaves to chance falls otherwise, and
each figure that has an interval must lie in it. Writes `benchmarks/results/agreement.json`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import write_report

from intone.core.types import Controls
from intone.evaluate.figures import readings, summary
from intone.evaluate.recogniser import recogniser_of
from intone.evaluate.sentences import sentences
from intone.speech import Voice

SET = "english_plain"
SEED = 1
"""Of the third run; the command's is 0."""


def evaluated(voice: str, count: int) -> dict[str, Any]:
    """The figures that the command writes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "intone", "evaluate", voice, "--sentences", SET]
        subprocess.run([*command, "-n", str(count), "-o", str(out)], check=True)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    # How busy the machine is, is no figure of the voice.
    del found["real_time_factor"]
    return found


def with_another_seed(name: str, count: int) -> dict[str, Any]:
    """The figures of the same sentences, said with the seed `SEED`."""
    voice = Voice.load(name, threads=1)
    texts = sentences(SET)[:count]
    controls = Controls(seed=SEED)
    said = [voice.speak(text, controls=controls).audio for text in texts]
    recogniser = recogniser_of(voice.language)
    assert recogniser is not None
    return summary(readings(said, texts, recogniser))


def row(name: str, count: int) -> dict[str, Any]:
    """The first run's figures, whether the second's are the same, and where the third's lie."""
    first, second = evaluated(name, count), evaluated(name, count)
    third = with_another_seed(name, count)
    ends = "_interval"
    figures = [key.removesuffix(ends) for key in third if key.endswith(ends)]
    return {
        "sentences": count,
        "two_agree": first == second,
        "figures": {
            key: {
                "first": first[key],
                "interval": first[key + ends],
                "third": third[key],
                "covered": first[key + ends][0] <= third[key] <= first[key + ends][1],
            }
            for key in figures
        },
    }


def main() -> None:
    """Evaluate each voice three times; exits with 1 if a run disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", nargs="+")
    parser.add_argument("--sentences", type=int, default=100)
    options = parser.parse_args()
    rows = {}
    for name in options.voices:
        rows[Path(name).name] = row(name, options.sentences)
        print(name, json.dumps(rows[Path(name).name]), flush=True)
        write_report("agreement", {"set": SET, "rows": rows})
    fine = all(
        r["two_agree"] and all(f["covered"] for f in r["figures"].values()) for r in rows.values()
    )
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
