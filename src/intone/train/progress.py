"""What a person sees of a run: a bar in a terminal, plain lines elsewhere, all in train.log."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from intone.train.meter import Trend

log = logging.getLogger("intone.train")


class Display(Protocol):
    """Shows how far a run is."""

    def show(
        self, step: int, done: float, left_seconds: float, figures: Mapping[str, float]
    ) -> None:
        """Figures of the latest row; `done` is 0 to 1."""
        ...


class Bar:
    """A progress bar, redrawn in place."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=1.0)
        self._trends: dict[str, Trend] = {}

    def show(
        self, step: int, done: float, left_seconds: float, figures: Mapping[str, float]
    ) -> None:
        line = sentence(step, left_seconds, figures, self._trends)
        self._progress.update(self._task, completed=done, description=line)
        log.debug(line)


class Lines:
    """A line now and then, for logs and pipes."""

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._last = -every_seconds
        self._trends: dict[str, Trend] = {}

    def show(
        self, step: int, done: float, left_seconds: float, figures: Mapping[str, float]
    ) -> None:
        line = f"{done:4.0%} {sentence(step, left_seconds, figures, self._trends)}"
        now = time.monotonic()
        quiet = now - self._last < self._every_seconds
        log.log(logging.DEBUG if quiet else logging.INFO, line)
        self._last = self._last if quiet else now


class Silent:
    """Shows nothing: the processes beside the first."""

    def show(
        self, step: int, done: float, left_seconds: float, figures: Mapping[str, float]
    ) -> None:
        pass


@contextlib.contextmanager
def open_display(
    log_file: Path, *, every_seconds: float = 10.0, level: str = "INFO"
) -> Iterator[Display]:
    """A bar if stderr is a terminal, else lines of at least `level`; `log_file` gets all."""
    console = Console(stderr=True)
    in_file = logging.FileHandler(log_file, encoding="utf-8")
    in_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    in_file.setLevel(logging.DEBUG)
    on_screen: logging.Handler
    if console.is_terminal:
        on_screen = RichHandler(console=console, show_path=False, show_level=False, markup=False)
    else:
        on_screen = logging.StreamHandler(sys.stderr)
    on_screen.setLevel(level)
    before = log.level
    log.setLevel(logging.DEBUG)
    for handler in (in_file, on_screen):
        log.addHandler(handler)
    try:
        if console.is_terminal:
            columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}"))
            with Progress(*columns, console=console) as progress:
                yield Bar(progress)
        else:
            yield Lines(every_seconds)
    except BaseException as error:
        log.debug("ended by %s: %s", type(error).__name__, error, exc_info=True)
        raise
    finally:
        log.setLevel(before)
        for handler in (in_file, on_screen):
            log.removeHandler(handler)
            handler.close()


def sentence(
    step: int, left_seconds: float, figures: Mapping[str, float], trends: dict[str, Trend]
) -> str:
    """One line of a row's losses with the way they go, the pace and the time left."""
    losses = [
        f"{name.removeprefix('train/')} {value:.4g}{trends.setdefault(name, Trend()).arrow(value)}"
        for name, value in figures.items()
        if name.startswith("train/")
    ]
    losses.sort(key=lambda text: not text.startswith("loss "))
    return (
        f"step {step} · {' '.join(losses)} · {figures['time/step_seconds']:.3g} s/step, "
        f"{figures['time/frames_per_second']:.0f} frames/s, "
        f"data {figures['time/data_fraction']:.0%} · {duration(left_seconds)} left"
    )


def duration(seconds: float) -> str:
    """A length of time for people: "40 s", "12 min", "3 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
