"""`intone pipeline`: one long recording to a voice, and what the voice makes of the rest of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intone.cli.recording_options import (
    CpuOnly,
    Frontend,
    Language,
    LearningRate,
    LogLevel,
    Minutes,
    Preset,
    Run,
    Runs,
    Steps,
    VocabSize,
    Vocoder,
)


def pipeline(
    family: Annotated[str, typer.Argument(help="an acoustic model, such as mamba-conv")],
    audio: Annotated[Path, typer.Option(help="one long recording: mp3, wav, flac")],
    transcription: Annotated[Path, typer.Option(help="what it says, and when: JSON")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="settings, such as train.seed=1", metavar="KEY=VALUE..."),
    ] = None,
    preset: Preset = None,
    run: Run = None,
    output: Runs = Path("runs"),
    language: Language = None,
    frontend: Frontend = None,
    vocab_size: VocabSize = None,
    minutes: Minutes = 0.0,
    steps: Steps = None,
    learning_rate: LearningRate = None,
    log_level: LogLevel = None,
    cpu_only: CpuOnly = False,
    vocoder: Vocoder = None,
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
