"""Pictures of a run's figures: losses, accuracies, learning rate, gradients, pace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from intone.core.files import replacing
from intone.train.summary import Curve

BLUE, ORANGE, GREY = "#2a6fbb", "#d9730d", "#8a8a8a"
LOG_RATIO = 30
"""A curve whose values differ by more than this factor is drawn on a logarithmic axis."""


def draw(curves: Mapping[str, Curve], folder: Path) -> list[Path]:
    """Write a PNG into `folder` for every kind of figure there is; their paths."""
    train = {n.removeprefix("train/"): c for n, c in curves.items() if n.startswith("train/")}
    held = {
        n.removeprefix("validation/"): c for n, c in curves.items() if n.startswith("validation/")
    }

    def both(name: str) -> dict[str, Curve]:
        return {"training": train[name]} | ({"held out": held[name]} if name in held else {})

    kinds: dict[str, dict[str, dict[str, Curve]]] = {
        "losses": {n: both(n) for n in train if n == "loss"},
        "components": {n: both(n) for n in train if n != "loss" and "accuracy" not in n},
        "accuracy": {n.strip("_"): both(n) for n in train if "accuracy" in n},
        "held_out": {n: {"held out": curve} for n, curve in held.items() if n not in train},
        "learning_rate": _named(curves, lambda name: name == "learning_rate"),
        "gradient_norm": _named(curves, lambda name: name.startswith("gradient_norm/")),
        "pace": _named(curves, lambda name: name.startswith(("time/", "memory/"))),
    }
    paths = []
    for kind, panels in kinds.items():
        if panels:
            paths.append(folder / f"{kind}.png")
            _draw_panels(panels, paths[-1])
    return paths


def _named(
    curves: Mapping[str, Curve], wanted: Callable[[str], bool]
) -> dict[str, dict[str, Curve]]:
    return {name: {"training": curve} for name, curve in curves.items() if wanted(name)}


def _draw_panels(panels: Mapping[str, Mapping[str, Curve]], path: Path) -> None:
    """One panel a figure; training in blue with its moving average, held-out in orange."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(5 * columns, 3.2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (name, lines) in enumerate(sorted(panels.items(), key=lambda p: p[0] != "loss")):
        axes: Any = figure.add_subplot(rows, columns, place + 1)
        for label, (steps, values) in lines.items():
            if label == "training":
                axes.plot(steps, values, color=BLUE, alpha=0.3, linewidth=1)
                axes.plot(steps, smoothed(values), color=BLUE, linewidth=1.8, label=label)
            else:
                axes.plot(steps, values, color=ORANGE, linewidth=1.8, marker="o", ms=3, label=label)
        every = [v for _, values in lines.values() for v in values]
        if min(every) > 0 and max(every) / min(every) > LOG_RATIO:
            axes.set_yscale("log")
        axes.set_title(name, fontsize=11, loc="left")
        axes.set_xlabel("step", fontsize=9, color=GREY)
        axes.tick_params(labelsize=8, colors=GREY)
        axes.grid(alpha=0.25)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if len(lines) > 1:
            axes.legend(fontsize=8, frameon=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110, format="png")


def smoothed(values: list[float]) -> list[float]:
    """The moving average of `values`, each with those before it, fading over a tenth of them."""
    keep = 1 - 1 / max(1.0, len(values) / 20)
    averages, average, weight = [], 0.0, 0.0
    for value in values:
        average, weight = keep * average + (1 - keep) * value, keep * weight + (1 - keep)
        averages.append(average / weight)
    return averages
