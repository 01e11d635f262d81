"""Does `echolancer` say whole sentences, in the style asked for, and long ones too?

    python benchmarks/echolancer.py --voice runs/echo
    python benchmarks/echolancer.py --emotion runs/moods
    python benchmarks/echolancer.py --alibi alibi=runs/alibi sinusoids=runs/sinusoids

Run it where the runs were trained, since their corpora and codecs are looked up from there.
Writes `benchmarks/results/echolancer.json` row by row. A row that is there is not made
again, unless the run's voice or the number of sentences has changed; with `--again` it is.

--voice: character error (pocketsphinx) of a voice of flite's speakers, of its codec's
copy-synthesis (the teacher's recording coded and decoded, then the same vocoder) and of the
teacher; failures, lengths, and whether the model ends where its speech ends.
--emotion: a voice of `recipes/emotional_corpus.py`; which style is measured in its speech,
and what our recogniser reads with an emotion and without. --alibi: runs that learned from
short utterances (data.frame_limit) say sentences as short, and others of about 12 s.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from echolancer_emotion import Nearest, cases_of, taught
from reliability import failures
from report import RESULTS, write_report
from torch.nn import functional
from voice import teacher

from intone.codec.sounding import open_folder
from intone.core.types import Audio, Conditions, Controls
from intone.corpus.sentences_en import sentences as grammatical
from intone.evaluate.ctc import CTCRecogniser
from intone.evaluate.figures import readings, summary
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences
from intone.nn.lengths import frame_owners, spread_with_progress
from intone.nn.masks import mask_of
from intone.speech import Voice
from intone.speech.codec_renderer import CodecRenderer
from intone.train.coding import codec_manifest
from intone.train.recipes import Recipe, read_recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import trained_model

LONG_CHARACTERS = 170
"""What the teachers say in about 12 seconds; a voice cuts sentences from 240 on."""

LEARNED_STYLES = 90
"""Sentences, of others than are judged, that tell the centroids of the styles."""


class Rows:
    """The rows of the report, written as soon as one is made."""

    def __init__(self, again: bool) -> None:
        path = RESULTS / "echolancer.json"
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        self.kept: dict[str, Any] = before.get("rows", {})
        self.again = again

    def row(
        self, kind: str, name: str, about: dict[str, Any], make: Callable[[], dict[str, Any]]
    ) -> None:
        """The row `name` of a `kind`, made unless one of the same things is there."""
        row = self.kept.setdefault(kind, {}).get(name, {})
        if self.again or any(row.get(key) != value for key, value in about.items()):
            row = self.kept[kind][name] = about | make()
            write_report("echolancer", {"rows": self.kept})
        print(kind, name, row, flush=True)


def about_run(run: Path, **others: Any) -> dict[str, Any]:
    """Of what a row is: the voice's weights, and `others`."""
    folder = run / "voice" if (run / "voice").is_dir() else run
    weights = b"".join((folder / f"{name}.onnx").read_bytes() for name in ("text", "step"))
    return {"weights": hashlib.sha256(weights).hexdigest()[:12], **others}


def recipe_of(run: Path) -> Recipe:
    """The settings of a run."""
    return resolve(read_recipe(RunFolder(run).config))


def copied(recordings: Sequence[Audio], voice: Voice, codec: str) -> list[Audio]:
    """The recordings in as many codebooks as the voice speaks, rendered as it renders."""
    coder, renderer = open_folder(codec_manifest(codec)[0]), voice.renderer
    books = voice.manifest.format.codebooks
    assert isinstance(renderer, CodecRenderer)
    return [
        Audio(renderer.hearing(audio).render(coder.encode(audio, books).values), voice.sample_rate)
        for audio in recordings
    ]


def read_row(spoken: Sequence[Audio], texts: Sequence[str], recogniser: Any) -> dict[str, Any]:
    """What was read, and which sentences lost or won words."""
    found = readings(spoken, texts, recogniser)
    failed = failures(found, [recogniser.as_heard(text) for text in texts])
    return summary(found) | {"failed_sentences": len(failed), "failures": failed[:5]}


def lengths(spoken: Sequence[Audio], other: Sequence[Audio]) -> dict[str, float]:
    """How long speech is beside the teacher's."""
    ratios = np.array([a.seconds / b.seconds for a, b in zip(spoken, other, strict=True)])
    return {
        "length_beside_teacher": round(float(ratios.mean()), 3),
        "lengths_within_15_percent": round(float((abs(ratios - 1) <= 0.15).mean()), 3),
    }


@torch.no_grad()
def ends(model: Any, voice: Voice, speaker: str, texts: Sequence[str]) -> dict[str, int]:
    """Whether the model itself would end where its speech ends, and whether it would before.

    The pointer ends speech with the last symbol, so none is cut off. The model is shown what
    it said: `drawn_at_end` counts the sentences behind whose last code the end is likeliest,
    `drawn_before` those in which it is likeliest at some step before.
    """
    who = torch.tensor([voice.speakers.index(speaker)])
    found = {"sentences": len(texts), "drawn_at_end": 0, "drawn_before": 0, "cut_off": 0}
    for text in texts:
        symbols = torch.from_numpy(voice.frontend.symbols(text).ids)[None]
        count = torch.tensor([symbols.shape[1]])
        said = model.generate(symbols, count, who, Controls())
        steps = int(said.lengths[0]) + 1
        mask = mask_of(count, symbols.shape[1])
        hidden = model.read(symbols, mask, who, None)
        places = torch.arange(steps)
        fed = functional.pad(said.frames, (0, 0, 1, 0))  # (1, steps, K)
        fed[:, 0, 0] = model.begin
        owners = torch.minimum(frame_owners(said.durations, steps), count[:, None] - 1)
        made, _, _ = model.decode(
            model.fed(fed, spread_with_progress(hidden, said.durations, steps), places),
            model.remember(hidden),
            model.own_bias(steps),
            model.text_bias(owners, mask),
            places,
        )
        likeliest = model.out(made)[0].argmax(-1) == model.end
        found["drawn_at_end"] += int(likeliest[-1])
        found["drawn_before"] += int(likeliest[:-1].any())
        found["cut_off"] += int(steps - 1 != int(said.durations.sum()))
    return found


def judge_voice(rows: Rows, run: Path, speakers: Sequence[str], count: int) -> None:
    """Teacher, copy-synthesis and voice of each speaker, and how speech ends."""
    texts = sentences("english_plain")[:count]
    voice = Voice.load(run, threads=1)
    recipe = recipe_of(run)
    codec = str(recipe.data.codec)
    about = about_run(run, sentences=len(texts), codec=codec_manifest(codec)[1].fingerprint)
    weights = RunFolder(run).find(recipe.train.voice_from)
    assert weights is not None, f"{run} has no checkpoint"
    for speaker in speakers:
        recordings = teacher(speaker, texts)

        def copy(recordings: list[Audio] = recordings) -> dict[str, Any]:
            made = copied(recordings, voice, codec)
            return read_row(made, texts, PocketSphinx())

        def speak(recordings: list[Audio] = recordings, speaker: str = speaker) -> dict[str, Any]:
            who = Conditions(speaker=speaker)
            made = [voice.speak(text, who).audio for text in texts]
            row = read_row(made, texts, PocketSphinx()) | lengths(made, recordings)
            model = trained_model(recipe, weights)
            return row | {"ends": ends(model, voice, speaker, texts)}

        def hear(recordings: list[Audio] = recordings) -> dict[str, Any]:
            return read_row(recordings, texts, PocketSphinx())

        rows.row("voice", f"{speaker} teacher", {"sentences": len(texts)}, hear)
        rows.row("voice", f"{speaker} copy-synthesis", about, copy)
        rows.row("voice", f"{speaker} voice", about, speak)


def judge_emotion(rows: Rows, run: Path, count: int) -> None:
    """The style that is measured, of the teacher's speech and of the voice's; what is read."""
    cases = cases_of(sentences("english_plain")[:count])
    nearest = Nearest(cases_of(grammatical(LEARNED_STYLES)))
    voice = Voice.load(run, threads=1)
    texts = [case.text for case in cases]
    about = about_run(run, cases=len(cases))

    def teach() -> dict[str, Any]:
        spoken = taught(cases)
        return nearest.row(spoken, cases) | read_row(spoken, texts, CTCRecogniser("en"))

    def speak(felt: bool) -> dict[str, Any]:
        spoken = [
            voice.speak(
                case.text,
                Conditions(speaker=case.speaker, emotion=case.style if felt else None),
            ).audio
            for case in cases
        ]
        row = read_row(spoken, texts, CTCRecogniser("en"))
        return nearest.row(spoken, cases) | row if felt else row

    rows.row("emotion", "teacher", {"cases": len(cases)}, teach)
    rows.row("emotion", "voice", about, lambda: speak(True))
    rows.row("emotion", "voice without an emotion", about, lambda: speak(False))


def long_sentences(every: Sequence[str]) -> list[str]:
    """Sentences of at least `LONG_CHARACTERS`, joined by commas."""
    made: list[str] = []
    joined = ""
    for text in every:
        plain = text.rstrip(".!?")
        joined = f"{joined}, {plain[0].lower()}{plain[1:]}" if joined else plain
        if len(joined) >= LONG_CHARACTERS:
            made.append(f"{joined}.")
            joined = ""
    return made


def judge_alibi(rows: Rows, runs: Sequence[str], speaker: str, count: int) -> None:
    """What is read of sentences as long as those learned, and of those of about 12 s."""
    every = sentences("english_plain")
    others = every[::2] + every[1::2]
    long = long_sentences(every) + long_sentences(others)
    kinds = {"as learned": every[:count], "12 s": long[:count]}
    for length, texts in kinds.items():
        recordings = teacher(speaker, texts)

        def hear(recordings: list[Audio] = recordings, texts: list[str] = texts) -> dict[str, Any]:
            seconds = float(np.mean([audio.seconds for audio in recordings]))
            row = read_row(recordings, texts, PocketSphinx())
            return row | {"mean_seconds": round(seconds, 2)}

        rows.row("alibi", f"teacher, {length}", {"sentences": len(texts)}, hear)
        for given in runs:
            name, _, path = given.partition("=")
            settings: Any = recipe_of(Path(path)).model
            about = about_run(Path(path), sentences=len(texts), use_alibi=settings.use_alibi)

            def speak(
                path: str = path, recordings: list[Audio] = recordings, texts: list[str] = texts
            ) -> dict[str, Any]:
                voice = Voice.load(path, threads=1)
                who = Conditions(speaker=speaker)
                made = [voice.speak(text, who).audio for text in texts]
                return read_row(made, texts, PocketSphinx()) | lengths(made, recordings)

            rows.row("alibi", f"{name}, {length}", about, speak)


def main() -> None:
    """Judge what is asked for; print and write each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", type=Path, help="a run of flite's speakers")
    parser.add_argument("--emotion", type=Path, help="a run of the emotional corpus")
    parser.add_argument("--alibi", nargs="*", default=[], metavar="NAME=RUN")
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--speakers", nargs="*", default=["rms", "slt", "awb"])
    parser.add_argument("--again", action="store_true", help="make anew what is there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = Rows(options.again)
    if options.voice is not None:
        judge_voice(rows, options.voice, options.speakers, options.sentences)
    if options.emotion is not None:
        judge_emotion(rows, options.emotion, options.sentences)
    if options.alibi:
        judge_alibi(rows, options.alibi, options.speakers[0], options.sentences)


if __name__ == "__main__":
    main()
