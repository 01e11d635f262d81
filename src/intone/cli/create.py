"""`intone create`: recordings to a speaking voice in one go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELLO = "Hello, this is my voice, and I can say whatever you like."


def create(
    corpus: Annotated[Path, typer.Argument(help="recordings and texts: a corpus folder")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="settings, such as train.seed=1", metavar="KEY=VALUE..."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="name of the voice; by default the corpus' own")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="language of the texts; by default the corpus's own"),
    ] = None,
    frontend: Annotated[
        str | None,
        typer.Option(help="english, russian, espeak, ...; by default the language's own"),
    ] = None,
    preset: Annotated[str, typer.Option(help="tiny, laptop or full")] = "laptop",
    minutes: Annotated[
        float, typer.Option(min=0, help="minutes of training; 0 is as long as the preset takes")
    ] = 15.0,
    vocoder: Annotated[
        str | None,
        typer.Option(help="what the voice sounds through: griffin-lim, a name, a vocoder's run"),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="folder of all runs")] = Path(
        "runs"
    ),
) -> None:
    """Check, prepare, align, train and speak; the same command goes on where it was."""
    from intone.audio.files import write_audio
    from intone.cli.corridor import (
        align_once,
        check_folder,
        prepare_folder,
        quick_recipe,
        resumable,
        train_voice,
    )
    from intone.cli.finishing import choose_vocoder
    from intone.speech import Voice
    from intone.train.recipes import resolve
    from intone.train.run_folder import RunFolder

    run = RunFolder(output / (name or corpus.resolve().name))
    # The folder's name is what the voice's card says it was trained on.
    checked, prepared = run.path / "check", run.path / "prepared" / corpus.resolve().name
    # A mistake in the settings shows now, not after hours of preparing.
    resolve({"family": "fastspeech2", "preset": preset, "corpus": str(prepared)}, changes or [])
    if vocoder is not None:
        choose_vocoder(vocoder)
    typer.echo(f"1. check: {check_folder(corpus, checked, language=language, frontend=frontend)}")
    report = prepare_folder(
        corpus,
        prepared,
        language=language,
        frontend=frontend,
        set_aside=checked / "set_aside.txt",
    )
    typer.echo(
        f"2. prepare: {report.utterances} utterances, {report.hours:.2f} h "
        f"({report.computed} computed, {report.kept} kept); "
        f"{len(report.set_aside)} set aside: {prepared / 'set_aside.jsonl'}"
    )
    typer.echo(f"3. align: {align_once(prepared)}")
    recipe = quick_recipe(prepared, preset=preset, minutes=minutes, changes=changes or [])
    command = f"intone create {corpus.name}"
    with resumable():
        result = train_voice(recipe, run, resume="auto", vocoder=vocoder, command=command)
    typer.echo(f"4. train: {result.step} steps in {result.seconds / 60:.1f} minutes")
    voice = Voice.load(run.voice)
    text = HELLO if voice.language.startswith("en") else _text_of(prepared)
    hello = run.path / "hello.wav"
    write_audio(hello, voice.speak(text).audio)
    typer.echo(f"5. speak: {hello}")
    typer.echo(f'now try: intone speak "your text" --voice {run.voice}')


def _text_of(prepared: Path) -> str:
    """A sentence of the corpus, for languages in which we have none of our own."""
    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus

    corpus = PreparedCorpus(prepared)
    (example,) = corpus.load([next(iter(corpus.entries))], Needs())
    return example.text
