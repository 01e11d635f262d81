"""What `train` and `pipeline` ask alike of a run and of one recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Preset = Annotated[str | None, typer.Option(help="tiny, laptop or full")]
Run = Annotated[str | None, typer.Option("--run", help="name of the run, or its folder")]
Runs = Annotated[Path, typer.Option("--output", "-o", help="folder of all runs")]
Language = Annotated[
    str | None, typer.Option("--language", "-l", help="of a recording; by default the JSON's")
]
Frontend = Annotated[
    str | None, typer.Option(help="of a recording: nucleotide, bpe, english, russian, ...")
]
VocabSize = Annotated[
    int | None, typer.Option(help="of a recording: symbols that nucleotide or bpe learns")
]
Minutes = Annotated[
    float, typer.Option(min=0, help="of a recording: minutes of training; 0 counts steps")
]
Steps = Annotated[int | None, typer.Option(min=1, help="train.steps")]
LearningRate = Annotated[float | None, typer.Option(help="train.learning_rate")]
LogLevel = Annotated[str | None, typer.Option(help="DEBUG, INFO, WARNING or ERROR")]
CpuOnly = Annotated[bool, typer.Option("--cpu-only", help="train.device=cpu")]
Vocoder = Annotated[
    str | None,
    typer.Option(
        help="what the voice sounds through: griffin-lim, a name, a run, published weights"
    ),
]
