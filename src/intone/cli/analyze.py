"""`intone analyze`: curves and figures of a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def analyze(
    run: Annotated[
        Path, typer.Argument(help="the run's folder, such as runs/anna, or a checkpoint in it")
    ],
) -> None:
    """Draw a run's curves to RUN/plots and print what its figures come to.

    Of a checkpoint, up to its step.
    """
    from intone.train.plots import draw
    from intone.train.run_folder import RunFolder
    from intone.train.summary import curves, summarise, until

    checkpoint = run if (run / "state.json").is_file() else None
    folder = RunFolder(run if checkpoint is None else run.resolve().parent.parent)
    figures = curves(folder)
    if checkpoint is not None:
        figures = until(figures, int(run.resolve().name.partition("=")[2]))
    rows = [("figure", "first", "last", "lowest", "at step", "")]
    for row in summarise(figures):
        values = (f"{row.first:.4g}", f"{row.last:.4g}", f"{row.lowest:.4g}")
        rows.append((row.name, *values, str(row.lowest_step), row.trend))
    widths = [max(len(cells[column]) for cells in rows) for column in range(5)]
    for name, *cells, trend in rows:
        numbers = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        print(f"{name:<{widths[0]}}  {'  '.join(numbers)}  {trend}".rstrip())
    print()
    for path in draw(figures, folder.plots if checkpoint is None else folder.plots / run.name):
        print(path)
    for name in ("best", "last"):
        if (checkpoint := folder.find(name)) is not None:
            print(f"{name} checkpoint: {checkpoint}")
