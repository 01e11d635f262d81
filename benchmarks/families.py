"""All families beside their teachers, in one table.

    python benchmarks/families.py --english fastspeech2=english gpt2-mel=runs/gpt2-mel \\
        --russian fastspeech2=russian kokoro-lstm=runs/kokoro-lstm

100 sentences that no corpus contains, by the teacher, by the teacher's recordings through the
shipped vocoder (copy-synthesis), and by a voice of each family, which was trained on that
teacher: flite's `rms` in English, festival's voice in Russian. The figures are those of
`benchmarks/peers.py`; a row that is not made anew is kept. Writes
`benchmarks/results/families.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from peer_adapters import by_teacher
from peers import Speak, judged
from report import RESULTS, write_report
from voice import copied

from intone.core.types import Audio, Conditions
from intone.corpus.teachers import teacher
from intone.evaluate.cost import disk_megabytes
from intone.evaluate.recogniser import recogniser_of
from intone.evaluate.sentences import sentences
from intone.speech import Voice

TEACHERS = {"english": ("flite", "rms"), "russian": ("festival", "msu_ru_nsh_clunits")}
SHIPPED = {"english": "english", "russian": "russian"}


def spoken_by(path: str, speaker: str) -> Speak:
    """How the voice in `path` speaks, as `speaker` where it knows several."""

    def speak(texts: Sequence[str]) -> list[Audio | None]:
        voice = Voice.load(path, threads=1)
        who = Conditions(speaker=speaker if speaker in voice.speakers else None)
        return [voice.speak(text, who).audio for text in texts]

    return speak


def contenders(language: str, voices: Sequence[str]) -> Iterator[tuple[str, Speak, float | None]]:
    """The teacher, its copy, and each of `voices` (NAME=VOICE), with what it takes on disk."""
    family, speaker = TEACHERS[language]
    yield "teacher", by_teacher(family, speaker), None

    def copy(texts: Sequence[str]) -> list[Audio | None]:
        recordings = [take.audio for take in teacher(family).speak(speaker, list(texts))]
        return [*copied(recordings, Voice.load(SHIPPED[language], threads=1))]

    yield "copy-synthesis", copy, None
    for given in voices:
        name, _, path = given.partition("=")
        yield name, spoken_by(path, speaker), disk_megabytes(path)


def main() -> None:
    """Judge what is asked for; print and write each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    for language in TEACHERS:
        parser.add_argument(f"--{language}", nargs="*", default=[], metavar="NAME=VOICE")
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--voices-only", action="store_true", help="keep the other rows' figures")
    options = parser.parse_args()
    before = RESULTS / "families.json"
    rows: dict[str, Any] = {}
    if before.is_file():
        rows = json.loads(before.read_text(encoding="utf-8"))["rows"]
    for language in TEACHERS:
        voices = getattr(options, language)
        if not voices:
            continue
        texts = sentences(f"{language}_plain")[: options.sentences]
        recogniser = recogniser_of(language[:2])
        assert recogniser is not None, "pip install 'intone[eval]'"
        for name, speak, size in contenders(language, voices):
            if options.voices_only and size is None and name in rows.get(language, {}):
                continue
            row = judged(speak, texts, recogniser) | {"disk_megabytes": size}
            if size is None:  # how fast somebody else is stands in the table of peers
                row |= {"real_time_factor": None, "processor_time_factor": None}
            rows.setdefault(language, {})[name] = row
            print(language, name, row, flush=True)
            write_report("families", {"sentences": len(texts), "rows": rows})


if __name__ == "__main__":
    main()
