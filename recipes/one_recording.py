"""A corpus as one long recording: python recipes/one_recording.py CORPUS OUT [SPEAKER [MINUTES]]

Writes OUT/speech.mp3, the recordings of one speaker read as one file, and OUT/speech.json, what
they say, without any times.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from intone.audio.files import read_audio, write_audio
from intone.core.types import Audio
from intone.corpus.manifest import read_manifest


def main() -> None:
    """Join recordings until there are so many minutes of them."""
    corpus, out = Path(sys.argv[1]), Path(sys.argv[2])
    utterances = read_manifest(corpus)
    speaker = sys.argv[3] if len(sys.argv) > 3 else utterances[0].speaker
    most = 60 * float(sys.argv[4]) if len(sys.argv) > 4 else 20 * 60
    sounds, texts, seconds, rate = [], [], 0.0, 0
    for utterance in utterances:
        if utterance.speaker != speaker or seconds >= most:
            continue
        audio = read_audio(utterance.audio_path)
        sounds.append(audio.samples)
        texts.append(utterance.text)
        seconds, rate = seconds + audio.seconds, audio.sample_rate
    out.mkdir(parents=True, exist_ok=True)
    write_audio(out / "speech.mp3", Audio(np.concatenate(sounds), rate))
    content = {
        "metadata": {"duration_seconds": round(seconds, 2), "language": utterances[0].language},
        "text": " ".join(texts),
    }
    (out / "speech.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    print(f"{out / 'speech.mp3'}: {len(texts)} sentences of {speaker}, {seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main()
