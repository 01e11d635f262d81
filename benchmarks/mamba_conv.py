"""Is `mamba-conv` understood, as long as its teacher, in the style of a clip, and how fast?

    python benchmarks/mamba_conv.py --voice runs/story
    python benchmarks/mamba_conv.py --ablation prepared runs/codec

Sentences that no corpus contains, by each speaker of the voice that flite has too: by the
voice, by the teacher, and by the teacher's recordings coded and decoded by the voice's codec,
in as many codebooks as the voice speaks (copy-synthesis). A reference is a clip of a sentence
that is not judged; whose centroid the speech is nearest to tells whether it was followed. Then
numbers of refining passes, and with `--ablation` small models trained without one part each.
Every row is written to `benchmarks/results/mamba_conv.json` as soon as it is known, and is not
made again for the same voice.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from report import RESULTS, write_report
from voice import teacher

from intone.audio.trim import speech_span
from intone.codec.codes import Codes
from intone.codec.folder import find_codec, read_manifest
from intone.codec.sounding import open_folder
from intone.core.types import Audio, Conditions, Controls
from intone.data.prepared import PreparedCorpus
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos, speaker_vector
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences
from intone.speech import Voice
from intone.speech.codec_renderer import CodecRenderer
from intone.train.recipes import read_recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings, trained_model

NAME = "mamba_conv"
PASSES = (1, 4, 8, 12, 16)
FLITE = ("rms", "slt", "awb", "kal")
LEARNED = ("tokens", "duration", "pitch", "energy")
LISTENED = 15
"""Sentences of a row whose quality and speaker are judged, which takes longest."""

ABLATIONS: dict[str, tuple[str, ...]] = {
    "whole": (),
    "without FiLM": ("model.style=0",),
    "without the backward branch": ("model.branches=forward",),
    "without the forward branch": ("model.branches=backward",),
}
UNREFINED = "without refinement"
"""The whole model once more, speaking in one pass."""

SMALL = (
    "data.codebooks=4",
    "model.channels=96",
    "model.inner=128",
    "model.encoder_layers=2",
    "model.layers=3",
)


class Rows:
    """The rows of one part of the report, of which those that are known are not made again.

    They are made anew if `about`, what they were made of, has changed.
    """

    def __init__(self, part: str, about: dict[str, Any]) -> None:
        self.part, self.about = part, about
        before = self._kept().get(part, {})
        same = all(before.get(name) == value for name, value in about.items())
        self.rows: dict[str, Any] = before.get("rows", {}) if same else {}

    def make(self, name: str, row: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The row `name`, as it was kept, or as `row` makes it."""
        if name not in self.rows:
            self.rows[name] = row()
            part = {self.part: {**self.about, "rows": self.rows}}
            write_report(NAME, {**self._kept(), **part})
        short = {k: v for k, v in self.rows[name].items() if k in SHOWN}
        print(f"{self.part:<10} {name:<34} {short}", flush=True)
        made: dict[str, Any] = self.rows[name]
        return made

    def _kept(self) -> dict[str, Any]:
        path = RESULTS / f"{NAME}.json"
        if not path.is_file():
            return {}
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {k: v for k, v in kept.items() if k not in ("date", "commit", "machine")}


SHOWN = frozenset(
    ("character_error", "dnsmos", "length_beside_teacher", "lengths_within_10_percent",
     "processor_seconds_a_second", "similarity", "nearest")
)  # fmt: skip


def spoken_seconds(audio: Audio) -> float:
    """Seconds from the first speech to the last."""
    start, end = speech_span(audio.samples, audio.sample_rate)
    return (end - start) / audio.sample_rate


def lengths_beside(said: Sequence[Audio], taught: Sequence[Audio]) -> dict[str, float]:
    """How long speech is beside the teacher's: the mean ratio, and the share within 10 %.

    From the first sound to the last: flite begins and ends in silence, which is cut off the
    corpora that voices learn from.
    """
    ratios = np.array(
        [spoken_seconds(a) / spoken_seconds(b) for a, b in zip(said, taught, strict=True)]
    )
    return {
        "length_beside_teacher": round(float(ratios.mean()), 3),
        "lengths_within_10_percent": round(float((np.abs(ratios - 1) <= 0.1).mean()), 3),
    }


def heard(said: Sequence[Audio], texts: Sequence[str]) -> dict[str, Any]:
    """Error rates by pocketsphinx, and DNSMOS of the first sentences."""
    row = summary(readings(said, texts, PocketSphinx()))
    return row | {"dnsmos": round(float(np.mean([dnsmos(a) for a in said[:LISTENED]])), 3)}


def copied(taught: Sequence[Audio], voice: Voice, codec: str) -> list[Audio]:
    """Recordings coded, in as many codebooks as the voice speaks, and rendered as it renders."""
    module = open_folder(find_codec(codec))
    books, renderer = voice.manifest.format.codebooks, voice.renderer
    assert isinstance(renderer, CodecRenderer)
    made = []
    for audio in taught:
        codes = module.encode(audio, books)
        samples = renderer.hearing(audio).render(codes.values)[: codes.samples]
        made.append(Audio(samples, voice.sample_rate))
    return made


@cache
def centroid(speaker: str) -> Any:
    """The mean direction of flite's `speaker`, in sentences that are neither judged nor clips."""
    spoken = teacher(speaker, sentences("english_plain")[-25:-10])
    mean = np.mean([speaker_vector(audio) for audio in spoken], axis=0)
    return mean / np.linalg.norm(mean)


def likeness(said: Sequence[Audio], speaker: str, names: Sequence[str]) -> dict[str, Any]:
    """How like `speaker` speech is, and to whose centroid of `names` each sentence is nearest."""
    vectors = np.stack([speaker_vector(audio) for audio in said])
    nearest = (vectors @ np.stack([centroid(name) for name in names]).T).argmax(axis=1)
    return {
        "similarity": round(float((vectors @ centroid(speaker)).mean()), 3),
        "nearest": {name: int((nearest == i).sum()) for i, name in enumerate(names)},
    }


def speaker_rows(
    voice: Voice, run: Path, codec: str, count: int, chosen: Sequence[str] | None
) -> None:
    """Teacher, copy-synthesis, voice by name, and voice by a clip, of each chosen speaker."""
    every = sentences("english_plain")
    texts, spare = every[:count], every[-10:]
    # A voice of one recording is called as the file is, and was flite's default speaker.
    speakers = [s for s in voice.speakers if s in FLITE] or ["rms"]
    about = {"voice": str(run.name), "sentences": count, "card": dict(voice.manifest.card)}
    rows = Rows(f"{run.name}: speakers", about)
    for speaker in chosen or speakers:
        taught = teacher(speaker, texts)
        clips = teacher(speaker, spare)

        def row(said: Callable[[], list[Audio]], who: str, beside: list[Audio]) -> dict[str, Any]:
            made = said()
            like = likeness(made[:LISTENED], who, FLITE[:3])
            return heard(made, texts) | lengths_beside(made, beside) | like

        def by_name(who: str) -> list[Audio]:
            said_by = Conditions(speaker=who if who in voice.speakers else None)
            return [voice.speak(text, said_by).audio for text in texts]

        def by_clip(clips: list[Audio]) -> list[Audio]:
            each = [Conditions(reference=clips[n % len(clips)]) for n in range(count)]
            return [voice.speak(t, who).audio for t, who in zip(texts, each, strict=True)]

        kinds: dict[str, Callable[[], list[Audio]]] = {
            "teacher": lambda taught=taught: taught,
            "copy-synthesis": lambda taught=taught: copied(taught, voice, codec),
            "voice": lambda speaker=speaker: by_name(speaker),
            "voice, told by a clip": lambda clips=clips: by_clip(clips),
        }
        for kind, said in kinds.items():
            rows.make(f"{speaker}, {kind}", lambda s=said, w=speaker, t=taught: row(s, w, t))


def passes_row(voice: Voice, texts: Sequence[str], taught: list[Audio], steps: int) -> Any:
    """What a number of passes gives, and its processor time in one thread."""
    controls = Controls(steps=steps)
    voice.speak(texts[0], controls=controls)
    begun = time.process_time()
    said = [voice.speak(text, controls=controls).audio for text in texts]
    took = time.process_time() - begun
    speed = round(took / sum(audio.seconds for audio in said), 4)
    return heard(said, texts) | lengths_beside(said, taught) | {"processor_seconds_a_second": speed}


def passes_rows(voice: Voice, run: Path, count: int) -> None:
    """Quality and time by the number of passes."""
    texts = sentences("english_plain")[:count]
    taught = teacher(default_teacher(voice), texts)
    about = {"voice": str(run.name), "sentences": count, "card": dict(voice.manifest.card)}
    rows = Rows(f"{run.name}: passes", about)
    for steps in PASSES:
        rows.make(str(steps), lambda s=steps: passes_row(voice, texts, taught, s))


def default_teacher(voice: Voice) -> str:
    """The voice's default speaker, who must be flite's too; else `rms`."""
    name = voice.manifest.default_speaker
    return name if name in FLITE else "rms"


class Small:
    """Small models on one corpus and codec, each trained once, and what they say."""

    def __init__(self, corpus: Path, codec: str, steps: int, texts: list[str]) -> None:
        self.corpus, self.codec, self.steps, self.texts = corpus, codec, steps, texts
        prepared = PreparedCorpus(corpus)
        self.frontend = prepared.frontend()
        speaker = prepared.speakers[0]
        self.taught = teacher(speaker if speaker in FLITE else "rms", texts)
        self.folder = tempfile.TemporaryDirectory()

    def trained(self, name: str, changes: Sequence[str]) -> tuple[Any, dict[str, float], float]:
        """The model, its held-out figures, and the seconds of the processor it took.

        One that was trained before is taken up again.
        """
        settings = (
            f"data.codec={self.codec}",
            f"train.steps={self.steps}",
            f"train.validate_every={self.steps}",
            "train.samples_every=0",
            "train.learning_rate=2e-3",
            "train.warmup_steps=50",
            "train.voice_from=last",
            "train.ema_decay=0",
            "train.threads=1",
        )
        given = {"room": "acoustic", "family": "mamba-conv", "corpus": str(self.corpus)}
        recipe = resolve(given, [*SMALL, *settings, *changes])
        run = RunFolder(Path(self.folder.name) / name.replace(" ", "-"))
        begun = time.process_time()
        result = train_from_settings(recipe, run, resume="auto")
        weights = run.find("last")
        assert weights is not None
        return trained_model(recipe, weights), dict(result.figures), time.process_time() - begun

    def row(self, name: str, changes: Sequence[str], passes: int) -> dict[str, Any]:
        """Train one model and judge what it says in so many passes."""
        model, figures, took = self.trained(name, changes)
        codec = open_folder(find_codec(self.codec))
        shipped = Voice.load("english", threads=1).renderer
        said = []
        for text in self.texts:
            symbols = torch.from_numpy(self.frontend.symbols(text).ids)[None]
            spoken = model.generate(
                symbols,
                torch.tensor([symbols.shape[1]]),
                torch.tensor([0]),
                Controls(steps=passes),
            )
            values = spoken.frames[0, : int(spoken.lengths[0])].numpy()
            samples = len(values) * codec.format.hop_samples
            format = replace(codec.format, codebooks=values.shape[1])
            made = codec.render(Codes(values, format, samples, codec.name))
            if codec.sound is not None:
                made = shipped.render(made)
            said.append(Audio(made, codec.format.sample_rate))
        return {
            "settings": list(changes),
            "passes": passes,
            "training_processor_seconds": round(took),
            "held_out": {k: round(v, 4) for k, v in figures.items() if k in LEARNED},
            **heard(said, self.texts),
            **lengths_beside(said, self.taught),
        }


def ablation_rows(corpus: Path, codec: str, steps: int, count: int) -> None:
    """Small models without one part each, and the whole one speaking in one pass."""
    torch.set_num_threads(1)
    fingerprint = read_manifest(find_codec(codec)).fingerprint
    about = {"steps": steps, "sentences": count, "small": list(SMALL), "codec": fingerprint}
    rows = Rows("ablation", about)
    small = Small(corpus, codec, steps, sentences("english_plain")[:count])
    for name, changes in ABLATIONS.items():
        rows.make(name, lambda n=name, c=changes: small.row(n, c, Controls().steps))
        if name == "whole":
            rows.make(UNREFINED, lambda n=name: small.row(n, (), 1))


def main() -> None:
    """Judge a trained run, or train what is to be compared; print and write each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", type=Path, help="a run of mamba-conv")
    parser.add_argument("--speakers", nargs="*", help="by default all that flite has too")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--ablation", nargs=2, metavar=("CORPUS", "CODEC"))
    parser.add_argument("--ablation-sentences", type=int, default=30)
    parser.add_argument("--steps", type=int, default=400, help="of each ablated model")
    options = parser.parse_args()
    if options.voice is not None:
        recipe = resolve(read_recipe(RunFolder(options.voice).config))
        assert recipe.data.codec is not None
        voice = Voice.load(options.voice, threads=1)
        speaker_rows(voice, options.voice, recipe.data.codec, options.sentences, options.speakers)
        passes_rows(voice, options.voice, options.sentences)
    if options.ablation is not None:
        corpus, codec = options.ablation
        ablation_rows(Path(corpus), codec, options.steps, options.ablation_sentences)


if __name__ == "__main__":
    main()
