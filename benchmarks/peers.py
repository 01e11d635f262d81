"""The same sentences through what a user would pick instead, beside our own voice.

    python benchmarks/peers.py
    python benchmarks/peers.py --piper FOLDER     # a folder of Piper's voices, too

Each speaks our sentence sets; the same recogniser reads all of them. A row holds the figures
of `intone evaluate`, the time for a second of speech, a cold start, memory and the size on
disk. A sentence that a peer refuses counts as silence, and is counted in `not_spoken`. Writes
`benchmarks/results/peers.json` after each row; what is not installed is not in it. The same
command goes on where it was stopped; rows of another number of sentences are measured again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peer_adapters import Peer, peers
from report import RESULTS, write_report

from intone.core.types import Audio
from intone.evaluate.cost import as_process, processor_seconds, seconds_of
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos
from intone.evaluate.recogniser import Recogniser, recogniser_of
from intone.evaluate.sentences import sentences

SETS = ("english_plain", "english_hard", "russian_plain", "russian_hard")
OPINIONS = 20
"""Sentences whose quality is judged."""
HELLO = {"en": "Hello.", "ru": "Привет."}
STARTING = (
    "cold_start_seconds",
    "cold_start_processor_seconds",
    "peak_megabytes",
    "disk_megabytes",
    "how",
)
"""What is the same in every row of a peer and a language."""
SILENCE = Audio(np.zeros(11_025, np.float32), 22_050)


Speak = Callable[[Sequence[str]], list[Audio | None]]
"""Says texts; None for one that it refuses."""
Judge = Callable[[Peer], dict[str, Any]]
"""The figures of one peer on one set."""
Rows = dict[str, dict[str, dict[str, Any]]]
"""Figures by set and by peer."""


def judged(speak: Speak, texts: Sequence[str], recogniser: Recogniser) -> dict[str, Any]:
    """What `speak` makes of one set, and how long that takes."""
    made: list[Audio | None] = []
    # A library is opened by its first sentence; that is the cold start's, not the set's.
    speak([HELLO[recogniser.language]])
    before = processor_seconds()
    waited = seconds_of(lambda: made.extend(speak(texts)))
    worked = processor_seconds() - before
    spoken = [audio for audio in made if audio is not None]
    seconds = max(1e-9, sum(audio.seconds for audio in spoken))
    figures = summary(readings([audio or SILENCE for audio in made], texts, recogniser))
    opinions = [dnsmos(audio) for audio in spoken[:OPINIONS]]
    return {
        **figures,
        "not_spoken": len(made) - len(spoken),
        "dnsmos": round(float(np.mean(opinions)), 3) if opinions else None,
        "real_time_factor": round(waited / seconds, 4),
        "processor_time_factor": round(worked / seconds, 4),
    }


def started(peer: Peer, repeats: int) -> dict[str, Any]:
    """What a cold start of one peer takes, and its size."""
    with tempfile.TemporaryDirectory() as folder:
        command = peer.command(HELLO[peer.language], Path(folder) / "hello.wav")
        return {
            **as_process(command, repeats),
            "disk_megabytes": peer.disk_megabytes,
            "how": peer.how,
        }


def kept(path: Path, count: int, again: Sequence[str] = ()) -> Rows:
    """The rows of a report of `count` sentences of each set, without the peers in `again`.

    A report of another number of sentences has none.
    """
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    rows: Rows = found["rows"] if found["sentences"] == count else {}
    return {
        name: {peer: row for peer, row in of_set.items() if peer not in again}
        for name, of_set in rows.items()
    }


def measured(
    rows: Rows, name: str, there: Iterable[Peer], judge: Judge, repeats: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Add to `rows` what is missing of the set `name`, and give each new row's peer and figures."""
    own = rows.setdefault(name, {})
    for peer in there:
        if peer.name in own:
            continue
        others = (rows[each].get(peer.name, {}) for each in rows if each[:2] == name[:2])
        begun = next((row for row in others if row), None)
        start = started(peer, repeats) if begun is None else {key: begun[key] for key in STARTING}
        own[peer.name] = {"voice": peer.voice} | judge(peer) | start
        yield peer.name, own[peer.name]


def main() -> None:
    """Judge all that is installed, set by set; print and write each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--sentences", type=int, default=100, help="of each set; all")
    parser.add_argument("--piper", type=Path, help="a folder of Piper's voices")
    parser.add_argument("--repeats", type=int, default=3, help="of the cold start")
    parser.add_argument("--name", default="peers")
    parser.add_argument("--again", nargs="*", default=[], help="peers to measure anew")
    options = parser.parse_args()
    rows = kept(RESULTS / f"{options.name}.json", options.sentences, options.again)
    for name in options.sets:
        texts = sentences(name)[: options.sentences]
        language = name[:2]
        recogniser = recogniser_of(language)
        if recogniser is None:
            raise SystemExit(
                f"no recogniser of {language} is installed: pip install 'intone[eval]'"
            )

        def judge(
            peer: Peer, texts: Sequence[str] = texts, recogniser: Recogniser = recogniser
        ) -> dict[str, Any]:
            return judged(peer.speak, texts, recogniser)

        there = peers(language, options.piper)
        for peer, row in measured(rows, name, there, judge, options.repeats):
            print(name, peer, row, flush=True)
            write_report(options.name, {"sentences": options.sentences, "rows": rows})


if __name__ == "__main__":
    main()
