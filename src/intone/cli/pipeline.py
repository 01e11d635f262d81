"""`intone pipeline`: one long recording to a voice, and what the voice makes of the rest of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intone.cli import recording_options as asked


def pipeline(
    family: Annotated[str, typer.Argument(help="an acoustic model, such as mamba-conv")],
    audio: Annotated[Path, typer.Option(help="one long recording: mp3, wav, flac")],
    transcription: Annotated[Path, typer.Option(help="what it says, and when: JSON")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="settings, such as train.seed=1", metavar="KEY=VALUE..."),
    ] = None,
    preset: asked.Preset = None,
    run: asked.Run = None,
    output: asked.Runs = Path("runs"),
    language: asked.Language = None,
    frontend: asked.Frontend = None,
    vocab_size: asked.VocabSize = None,
    minutes: asked.Minutes = 0.0,
    steps: asked.Steps = None,
    learning_rate: asked.LearningRate = None,
    log_level: asked.LogLevel = None,
    cpu_only: asked.CpuOnly = False,
    vocoder: asked.Vocoder = None,
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
