"""`intone demo`: a small corpus, a voice trained on it, and a page to listen to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from intone.core.types import Audio

SPOKEN = 6
JUDGED = 20
"""Sentences that a recogniser hears, where one is installed; it takes some seconds each."""

UNDERSTOOD = 0.5
"""A teacher of whom the recogniser gets more characters wrong is no measure of a voice."""


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="folder of everything made")] = (
        Path("intone-demo")
    ),
    minutes: Annotated[float, typer.Option(min=0.01, help="minutes of training")] = 6.0,
    teacher: Annotated[str, typer.Option("--teacher", "-t", help="espeak or flite")] = "espeak",
    voice: Annotated[
        str | None, typer.Option("--voice", "-v", help="the teacher's voice, such as en-us+f3")
    ] = None,
    utterances: Annotated[int, typer.Option(min=20, help="sentences in the corpus")] = 200,
    preset: Annotated[str, typer.Option(help="tiny, laptop or full")] = "laptop",
) -> None:
    """Make a small corpus, train a voice on it, and leave a page to listen to."""
    from intone.cli.corridor import (
        align_once,
        prepare_folder,
        quick_recipe,
        resumable,
        shown,
        train_voice,
    )
    from intone.corpus.make import make_corpus
    from intone.corpus.script import english_sentences
    from intone.corpus.teachers import teacher as find_teacher
    from intone.evaluate.demo_page import Sample, write_demo_page
    from intone.evaluate.sentences import sentences
    from intone.speech import Voice
    from intone.train.plots import draw
    from intone.train.run_folder import RunFolder
    from intone.train.summary import curves

    found = find_teacher(teacher)
    speaker = voice or found.usual or found.voices()[0]
    # Invented sentences use few words; rows of rare ones bring the other sounds in.
    texts = english_sentences(utterances, salads=utterances // 4, seed=1)
    typer.echo(f"1. {speaker} of {teacher} speaks {utterances} sentences")
    name = f"{teacher}-{speaker}"
    corpus, prepared = output / "corpus" / name, output / "prepared" / name
    with shown("speaking") as progress:
        make_corpus(corpus, found, {speaker: texts}, progress=progress)
    report = prepare_folder(corpus, prepared)
    spoken_minutes = report.hours * 60
    typer.echo(f"2. prepared {report.utterances} utterances, {spoken_minutes:.1f} minutes")
    typer.echo(f"3. {align_once(prepared)}")
    typer.echo(f"4. training for {minutes:g} minutes; Ctrl-C saves, the same command goes on")
    run = RunFolder(output / "runs" / name)
    recipe = quick_recipe(
        prepared, preset=preset, minutes=minutes, changes=["train.samples_every=0"]
    )
    with resumable():
        result = train_voice(recipe, run, resume="auto", command="intone demo")

    texts = sentences("english_plain")[:JUDGED]
    new = Voice.load(run.voice)
    began = time.monotonic()
    spoken = [new.speak(text).audio for text in texts]
    factor = (time.monotonic() - began) / sum(audio.seconds for audio in spoken)
    takes = [take.audio for take in found.speak(speaker, texts)]
    # Only now: the recogniser takes its time, and the voice is safe.
    with shown("listening") as progress:
        progress(0, JUDGED)
        heard = _understood(spoken, takes, texts)
    pictures = draw(curves(run), run.plots)
    page = write_demo_page(
        output / "index.html",
        title=f"A voice learned in {_minutes(result.seconds / 60)}",
        about=f"The synthesiser {teacher} (voice {speaker}) spoke {report.utterances} sentences, "
        f"{spoken_minutes:.1f} minutes in all. intone found out by itself when each sound is "
        "spoken, trained a FastSpeech 2 voice on them on this computer, and gave it the neural "
        "vocoder that comes with intone.",
        samples=[
            Sample(text, ours, theirs)
            for text, ours, theirs in zip(texts[:SPOKEN], spoken, takes, strict=False)
        ],
        figures=[
            ("Recordings", f"{report.utterances}, {spoken_minutes:.1f} minutes"),
            ("Training", f"{_minutes(result.seconds / 60)}, {result.step} steps"),
            *_alignment(prepared),
            *heard,
            ("Speed of speaking", f"{1 / factor:.0f} times as fast as it sounds"),
        ],
        curves=next((path for path in pictures if path.stem == "losses"), None),
        command=f'intone speak --voice {run.voice} "Good morning."',
    )
    typer.echo(f"5. listen: open {page}")
    typer.echo(f'now try: intone speak --voice {run.voice} "Good morning."')


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return f"{minutes * 60:.0f} seconds"
    number = f"{minutes:.1f}".removesuffix(".0")
    return f"{number} minute{'' if number == '1' else 's'}"


def _alignment(prepared: Path) -> list[tuple[str, str]]:
    """How far our boundaries are from the teacher's own, which nobody told the aligner."""
    from intone.data.prepared import PreparedCorpus
    from intone.evaluate.alignment import boundary_figures

    corpus = PreparedCorpus(prepared)
    found = boundary_figures(corpus, corpus.entries)
    if found is None:
        return []
    return [
        (
            "Alignment, beside the teacher's own times",
            f"{1_000 * found.mean_seconds:.1f} ms off on average, "
            f"{found.close:.1%} within 50 ms ({found.boundaries} boundaries)",
        )
    ]


def _understood(
    spoken: Sequence[Audio], takes: Sequence[Audio | None], texts: Sequence[str]
) -> list[tuple[str, str]]:
    """What a recogniser gets wrong of the voice and of its teacher; [] if none is installed."""
    from intone.evaluate.judge import judge_of

    judge = judge_of("en")
    if judge is None:
        return []
    pairs = [(take, text) for take, text in zip(takes, texts, strict=True) if take is not None]
    theirs = judge([take for take, _ in pairs], [text for _, text in pairs])["cer"]
    name = f"Characters that a recogniser gets wrong, of {len(texts)} sentences"
    if theirs > UNDERSTOOD:
        return [(name, f"{theirs:.0%} of the teacher's, so it is no judge here")]
    ours = judge(spoken, texts)["cer"]
    return [(name, f"{ours:.1%} of the voice's, {theirs:.1%} of its teacher's")]
