"""A corpus whose emotions can be heard: python recipes/emotional_corpus.py OUT [SENTENCES A VOICE].

eSpeak NG speaks with three voices, each calm, excited and sad: with another pitch, range of pitch
and rate. The three are one speaker, and OUT/labels.tsv says which recording is which.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from intone.corpus.make import make_corpus
from intone.corpus.manifest import write_manifest
from intone.corpus.script import deal
from intone.corpus.sentences_en import sentences
from intone.corpus.teachers.espeak import Espeak


@dataclass(frozen=True)
class Style:
    """How an emotion differs from eSpeak's own manner, which is 165, 50 and 50."""

    rate: int
    pitch: int
    pitch_range: int


STYLES = {"calm": Style(150, 45, 35), "excited": Style(200, 75, 90), "sad": Style(120, 25, 10)}
VOICES = ("en-us", "en-us+f3", "en-us+m3")


def main() -> None:
    """Speak the sentences, each voice's own ones in each emotion; then write it all as one."""
    out = Path(sys.argv[1])
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 900
    pool = sentences(each * len(VOICES))
    everything, labels = [], []
    for number, (emotion, style) in enumerate(STYLES.items()):
        teacher = Espeak(style.rate, style.pitch, style.pitch_range)
        dealt = deal(pool, VOICES, each)
        script = {voice: texts[number :: len(STYLES)] for voice, texts in dealt.items()}
        made, _ = make_corpus(out / emotion, teacher, script)
        for utterance in made:
            key = f"{emotion}-{utterance.id}"
            everything.append(replace(utterance, id=key))
            labels.append(f"{key}\t{emotion}\n")
    write_manifest(out, everything)
    (out / "labels.tsv").write_text("".join(labels), encoding="utf-8")
    print(
        f"{out}: {len(everything)} utterances of {len(VOICES)} speakers in {len(STYLES)} emotions"
    )


if __name__ == "__main__":
    main()
