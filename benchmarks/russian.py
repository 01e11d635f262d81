"""Is a Russian voice understood? Voices beside their teacher, festival, read by our recogniser.

    python benchmarks/russian.py --voices russian other=runs/kokoro/voice

The 100 sentences of the set `russian_plain` are in no corpus. festival speaks them; its
recordings go through the shipped vocoder too (copy-synthesis). The recogniser's own error on
recordings that it never heard is in `benchmarks/results/recogniser.json`. Writes
`benchmarks/results/russian.json`, whose voices from other runs are kept.
"""

from __future__ import annotations

import argparse
import json

from report import RESULTS, write_report
from voice import copied

from intone.core.types import Audio
from intone.corpus.teachers import teacher
from intone.evaluate.ctc import CTCRecogniser
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos
from intone.evaluate.sentences import sentences
from intone.speech import Voice

TEACHER = "msu_ru_nsh_clunits"
OPINIONS = 30
"""Sentences whose quality is judged."""


def judged(spoken: list[Audio], texts: list[str]) -> dict[str, object]:
    """All figures of one row."""
    figures = summary(readings(spoken, texts, CTCRecogniser("ru")))
    opinions = [dnsmos(audio) for audio in spoken[:OPINIONS]]
    return figures | {"dnsmos": round(sum(opinions) / len(opinions), 3)}


def main() -> None:
    """Judge the teacher, its copy and every voice; print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", nargs="+", default=["russian"], metavar="[NAME=]VOICE")
    parser.add_argument("--sentences", type=int, default=100)
    options = parser.parse_args()
    texts = sentences("russian_plain")[: options.sentences]
    before = RESULTS / "russian.json"
    rows = json.loads(before.read_text(encoding="utf-8"))["rows"] if before.is_file() else {}
    recordings = [take.audio for take in teacher("festival").speak(TEACHER, texts)]
    rows["teacher"] = judged(recordings, texts)
    for given in options.voices:
        name, _, path = given.rpartition("=")
        voice = Voice.load(path, threads=1)
        if "copy-synthesis" not in rows or given == options.voices[0]:
            rows["copy-synthesis"] = judged(copied(recordings, voice), texts)
        rows[name or path] = judged([voice.speak(text).audio for text in texts], texts)
    for name, row in rows.items():
        print(name, row)
    write_report("russian", {"sentences": len(texts), "rows": rows})


if __name__ == "__main__":
    main()
