"""What the figures of a run come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intone.core.errors import TrainingError
from intone.train.meter import Trend
from intone.train.run_folder import RunFolder
from intone.train.trackers import read_metrics

Curve = tuple[list[int], list[float]]
"""Steps and the values at them."""


@dataclass(frozen=True)
class FigureSummary:
    """A figure's way through a run: `trend` is "↓", "↑" or "→" at its end."""

    name: str
    first: float
    last: float
    lowest: float
    lowest_step: int
    trend: str


def curves(run: RunFolder) -> dict[str, Curve]:
    """The figures of a run by name; `TrainingError` if it has none."""
    if not run.metrics.exists():
        raise TrainingError(
            f"{run.path} has no logs/metrics.csv; is it the folder of a run with the csv tracker?"
        )
    found = curves_in(run.metrics)
    if not found:
        raise TrainingError(f"{run.metrics} holds no figures yet; let the run take more steps")
    return found


def curves_in(metrics: Path) -> dict[str, Curve]:
    """The figures in a `metrics.csv` by name; {} if there is no such file."""
    found: dict[str, Curve] = {}
    for step, name, value in read_metrics(metrics) if metrics.exists() else []:
        steps, values = found.setdefault(name, ([], []))
        steps.append(step)
        values.append(value)
    return found


def until(figures: Mapping[str, Curve], last: int) -> dict[str, Curve]:
    """The figures up to the step `last`; those that begin later are left out."""
    found: dict[str, Curve] = {}
    for name, (steps, values) in figures.items():
        count = sum(step <= last for step in steps)
        if count:
            found[name] = steps[:count], values[:count]
    return found


def summarise(figures: Mapping[str, Curve]) -> list[FigureSummary]:
    """A line a figure: losses first, held-out figures next, then the rest."""
    order = ("train/", "validation/")
    rows = []
    for name, (steps, values) in figures.items():
        trend, arrow = Trend(), "→"
        for value in values:
            arrow = trend.arrow(value)
        lowest = min(range(len(values)), key=values.__getitem__)
        rows.append(
            FigureSummary(name, values[0], values[-1], values[lowest], steps[lowest], arrow)
        )

    def place(row: FigureSummary) -> tuple[int, str]:
        ranks = [rank for rank, prefix in enumerate(order) if row.name.startswith(prefix)]
        return (ranks[0] if ranks else len(order), row.name)

    return sorted(rows, key=place)
