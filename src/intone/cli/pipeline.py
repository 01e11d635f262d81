"""`intone pipeline`: one long recording to a voice, and what the voice makes of the rest of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pipeline(
    family: Annotated[str, typer.Argument(help="an acoustic model, such as mamba-conv")],
    audio: Annotated[Path, typer.Option(help="one long recording: mp3, wav, flac")],
    transcription: Annotated[Path, typer.Option(help="what it says, and when: JSON")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="settings, such as train.seed=1", metavar="KEY=VALUE..."),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="tiny, laptop or full")] = None,
    run: Annotated[str | None, typer.Option("--run", help="name of the run, or its folder")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="folder of all runs")] = Path(
        "runs"
    ),
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="by default the JSON's")
    ] = None,
    frontend: Annotated[
        str | None, typer.Option(help="nucleotide, bpe, english, russian, ...")
    ] = None,
    vocab_size: Annotated[
        int | None, typer.Option(help="how many symbols the frontend nucleotide or bpe learns")
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0, help="minutes of training; 0 counts steps")
    ] = 0.0,
    steps: Annotated[int | None, typer.Option(min=1, help="train.steps")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="train.learning_rate")] = None,
    log_level: Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR")] = None,
    cpu_only: Annotated[bool, typer.Option("--cpu-only", help="train.device=cpu")] = False,
    vocoder: Annotated[
        str | None, typer.Option(help="what the voice sounds through, as in intone train")
    ] = None,
) -> None:
    """Train on a recording, then test; the same command goes on where it was."""
    from intone.cli.train import train

    train(
        family,
        changes,
        preset=preset,
        run=run,
        output=output,
        vocoder=vocoder,
        audio=audio,
        transcription=transcription,
        language=language,
        frontend=frontend,
        vocab_size=vocab_size,
        minutes=minutes,
        steps=steps,
        learning_rate=learning_rate,
        log_level=log_level,
        cpu_only=cpu_only,
        test_after_training=True,
    )
