"""Is a voice understood, does it sound clean, does it sound like its teacher?

    python benchmarks/voice.py --voice english

Speaks 100 sentences that no corpus contains with every speaker of the voice, and lets
flite's voices of the same names speak them too. Judges both, and flite's recordings
through the same mel and vocoder (copy-synthesis), by pocketsphinx' character error, by
DNSMOS and by Resemblyzer's speaker similarity; writes `benchmarks/results/voice.json`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from report import write_report

from intone.audio.files import read_audio
from intone.audio.mel import mel_spectrogram
from intone.core.types import Audio, Conditions
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos, speaker_vector
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences
from intone.speech import Voice

OPINIONS = 30
"""Sentences that the slower judges hear."""


def teacher(speaker: str, texts: Sequence[str]) -> list[Audio]:
    """flite's voice `speaker` reading `texts`."""
    spoken = []
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            path = Path(folder) / f"{number}.wav"
            subprocess.run(["flite", "-voice", speaker, "-t", text, str(path)], check=True)
            spoken.append(read_audio(path))
    return spoken


def copied(recordings: Sequence[Audio], voice: Voice) -> list[Audio]:
    """The recordings through the voice's own mel and vocoder, nothing else."""
    made = []
    for audio in recordings:
        there = audio.samples
        if audio.sample_rate != voice.manifest.format.sample_rate:
            from intone.audio.resampling import resample

            there = resample(there, audio.sample_rate, voice.manifest.format.sample_rate)
        mel = mel_spectrogram(there, voice.manifest.format)
        made.append(Audio(voice.renderer.render(mel), voice.manifest.format.sample_rate))
    return made


def judged(spoken: Sequence[Audio], texts: Sequence[str], likeness: Any) -> dict[str, Any]:
    """All figures of one row."""
    figures = summary(readings(spoken, texts, PocketSphinx()))
    figures["dnsmos"] = round(float(np.mean([dnsmos(a) for a in spoken[:OPINIONS]])), 3)
    figures["similarity"] = round(
        float(np.mean([speaker_vector(a) @ likeness for a in spoken[:OPINIONS]])), 3
    )
    return figures


def rows_of(name: str, speaker: str, texts: Sequence[str]) -> dict[str, Any]:
    """Teacher, copy-synthesis and voice of one speaker."""
    voice = Voice.load(name, threads=1)
    recordings = teacher(speaker, texts)
    portrait = np.mean([speaker_vector(a) for a in recordings[-OPINIONS:]], axis=0)
    portrait /= np.linalg.norm(portrait)
    spoken = [voice.speak(t, Conditions(speaker=speaker)).audio for t in texts]
    return {
        "teacher": judged(recordings, texts, portrait),
        "copy-synthesis": judged(copied(recordings, voice), texts, portrait),
        "voice": judged(spoken, texts, portrait),
    }


def main() -> None:
    """Judge a voice and its teachers, a process a speaker; print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", default="english")
    parser.add_argument("--speakers", nargs="*")
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--name", default="voice")
    options = parser.parse_args()
    speakers = options.speakers or Voice.load(options.voice).speakers
    texts = sentences("english_plain")[: options.sentences]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {s: pool.submit(rows_of, options.voice, s, texts) for s in speakers}
        rows = {speaker: result.result() for speaker, result in waiting.items()}
    for speaker, kinds in rows.items():
        for kind, row in kinds.items():
            print(speaker, kind, row)
    write_report(options.name, {"sentences": len(texts), "voice": options.voice, "rows": rows})


if __name__ == "__main__":
    main()
