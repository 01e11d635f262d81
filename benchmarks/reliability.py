"""Does a voice skip, repeat or run on? 200 sentences, of one word and of 50 among them.

    python benchmarks/reliability.py --voices russian kokoro-lstm=runs/kokoro/voice
    python benchmarks/reliability.py --language en --voices english

The plain and the hard sentences of a language, 100 each, spoken by each voice and by the
teacher, who is given the hard ones in words. A sentence fails if eight letters in a row are
lost or won between what was written and what was read, or if it speaks on for half a second
behind its last word. The teacher's own failures are what the recogniser gets wrong.
Writes `benchmarks/results/reliability.json`.
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Sequence
from typing import Any

from report import RESULTS, write_report

from intone.core.types import Audio
from intone.corpus.teachers import teacher
from intone.evaluate.figures import Reading, readings, summary
from intone.evaluate.recogniser import Recogniser, recogniser_of
from intone.evaluate.sentences import sentences
from intone.evaluate.text import comparable
from intone.speech import Voice

RIGHT, RUN_OF_LETTERS, RUNAWAY_SECONDS = 3, 8, 0.5
TEACHERS = {"ru": ("festival", "msu_ru_nsh_clunits"), "en": ("flite", "rms")}
SETS = {"ru": ("russian_plain", "russian_hard"), "en": ("english_plain", "english_hard")}


def failures(found: Sequence[Reading], written: Sequence[str]) -> list[str]:
    """Readings that lost or won letters in a row, or that run on behind their last word."""
    failed = []
    for reading, text in zip(found, written, strict=True):
        lost, won = gaps(*(comparable(t).replace(" ", "") for t in (text, reading.read)))
        if lost >= RUN_OF_LETTERS:
            failed.append(f"skips: {text} (read: {reading.read})")
        elif won >= RUN_OF_LETTERS:
            failed.append(f"adds: {text} (read: {reading.read})")
        elif reading.runaway_seconds >= RUNAWAY_SECONDS:
            failed.append(f"runs on for {reading.runaway_seconds:.2f} s: {text}")
    return failed


def gaps(written: str, read: str) -> tuple[int, int]:
    """The most letters lost, and won, between two places that were read right.

    Right is a place of three letters or more; what lies between was misread, and if it is as
    long as what was written there, nothing was skipped. Spaces, which a recogniser of letters
    often misses, do not count.
    """
    matcher = difflib.SequenceMatcher(None, written, read, autojunk=False)
    right = [block for block in matcher.get_matching_blocks() if block.size >= RIGHT]
    lost = won = a = b = 0
    for block in [*right, difflib.Match(len(written), len(read), 0)]:
        more = (block.a - a) - (block.b - b)
        lost, won = max(lost, more), max(won, -more)
        a, b = block.a + block.size, block.b + block.size
    return lost, won


def row_of(spoken: list[Audio], texts: list[str], recogniser: Recogniser) -> dict[str, Any]:
    """The failures of one voice, with its error rates."""
    found = readings(spoken, texts, recogniser)
    failed = failures(found, [recogniser.as_heard(text) for text in texts])
    return {"failed": len(failed), "failures": failed} | summary(found)


def main() -> None:
    """Judge the teacher and every voice; print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", nargs="+", required=True, metavar="[NAME=]VOICE")
    parser.add_argument("--language", choices=sorted(SETS), default="ru")
    parser.add_argument("--voices-only", action="store_true", help="keep the teacher's figures")
    options = parser.parse_args()
    texts = [text for name in SETS[options.language] for text in sentences(name)]
    recogniser = recogniser_of(options.language)
    assert recogniser is not None
    before = RESULTS / "reliability.json"
    every = json.loads(before.read_text(encoding="utf-8"))["rows"] if before.is_file() else {}
    rows = every.setdefault(options.language, {})
    if not (options.voices_only and "teacher" in rows):
        family, speaker = TEACHERS[options.language]
        words = [recogniser.as_heard(text) for text in texts]
        taught = [take.audio for take in teacher(family).speak(speaker, words)]
        rows["teacher"] = row_of(taught, texts, recogniser)
    for given in options.voices:
        name, _, path = given.rpartition("=")
        voice = Voice.load(path, threads=1)
        spoken = [voice.speak(text).audio for text in texts]
        rows[name or path] = row_of(spoken, texts, recogniser)
    for name, row in rows.items():
        print(name, row["failed"], "of", len(texts), "fail;", row["character_error"])
        print(*row["failures"], sep="\n")
    write_report("reliability", {"sentences": len(texts), "rows": every})


if __name__ == "__main__":
    main()
