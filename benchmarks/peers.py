"""The same sentences through what a user would pick instead, beside our own voice.

    python benchmarks/peers.py
    python benchmarks/peers.py --piper FOLDER     # a folder of Piper's voices, too

Each speaks our sentence sets; the same recogniser reads all of them. A row holds the figures
of `intone evaluate`, the time for a second of speech, a cold start, memory and the size on
disk. A sentence that a peer refuses counts as silence, and is counted in `not_spoken`. Writes
`benchmarks/results/peers.json` after each row; what is not installed is not in it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peer_adapters import Peer, peers
from report import write_report

from intone.core.types import Audio
from intone.evaluate.cost import as_process, processor_seconds, seconds_of
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos
from intone.evaluate.recogniser import Recogniser, recogniser_of
from intone.evaluate.sentences import sentences

SETS = ("english_plain", "english_hard", "russian_plain")
OPINIONS = 20
"""Sentences whose quality is judged."""
HELLO = {"en": "Hello.", "ru": "Привет."}
SILENCE = Audio(np.zeros(11_025, np.float32), 22_050)


Speak = Callable[[Sequence[str]], list[Audio | None]]
"""Says texts; None for one that it refuses."""


def judged(speak: Speak, texts: Sequence[str], recogniser: Recogniser) -> dict[str, Any]:
    """What `speak` makes of one set, and how long that takes."""
    made: list[Audio | None] = []
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


def main() -> None:
    """Judge all that is installed, set by set; print and write each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--piper", type=Path, help="a folder of Piper's voices")
    parser.add_argument("--repeats", type=int, default=3, help="of the cold start")
    parser.add_argument("--name", default="peers")
    options = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}
    starts: dict[tuple[str, str], dict[str, Any]] = {}
    for name in options.sets:
        texts = sentences(name)[: options.sentences]
        language = name[:2]
        recogniser = recogniser_of(language)
        if recogniser is None:
            raise SystemExit(
                f"no recogniser of {language} is installed: pip install 'intone[eval]'"
            )
        rows[name] = {}
        for peer in peers(language, options.piper):
            key = (peer.name, language)
            if key not in starts:
                starts[key] = started(peer, options.repeats)
            figures = judged(peer.speak, texts, recogniser)
            rows[name][peer.name] = {"voice": peer.voice} | figures | starts[key]
            print(name, peer.name, rows[name][peer.name], flush=True)
            write_report(options.name, {"sentences": options.sentences, "rows": rows})


if __name__ == "__main__":
    main()
