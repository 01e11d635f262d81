"""Where figures, sounds and pictures of a run are written: CSV, TensorBoard, W&B, plots."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from intone.core.errors import MissingExtra
from intone.core.files import write_text
from intone.core.types import Audio

if TYPE_CHECKING:
    from intone.core.types import FloatArray

HEADER = ("step", "name", "value")
_SECONDS_TO_FIRST_PLOT, _SECONDS_BETWEEN_PLOTS = 30.0, 60.0


class Tracker(Protocol):
    """Takes what a run shows at a step."""

    def figures(self, step: int, values: Mapping[str, float]) -> None:
        """Named numbers, such as {"train/loss": 1.2}."""
        ...

    def sound(self, step: int, name: str, audio: Audio) -> None:
        """A spoken sample."""
        ...

    def picture(self, step: int, name: str, values: FloatArray) -> None:
        """A map of numbers (rows, columns), such as a mel; row 0 is drawn at the bottom."""
        ...

    def keep(self, name: str, folder: Path) -> None:
        """A folder worth keeping, such as the best checkpoint."""
        ...

    def close(self) -> None:
        """Write what is still in memory."""
        ...


class CsvTracker:
    """`metrics.csv`: a row a figure (step, name, value). Sounds and pictures it leaves out.

    Rows after `step` are dropped on opening: a run that resumes there writes them again.
    """

    def __init__(self, path: Path, step: int) -> None:
        rows = [row for row in read_metrics(path) if row[0] <= step] if path.exists() else []
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
        write_text(path, text.getvalue())
        self._file = path.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def figures(self, step: int, values: Mapping[str, float]) -> None:
        self._writer.writerows((step, name, repr(float(value))) for name, value in values.items())
        self._file.flush()

    def sound(self, step: int, name: str, audio: Audio) -> None:
        pass

    def picture(self, step: int, name: str, values: FloatArray) -> None:
        pass

    def keep(self, name: str, folder: Path) -> None:
        pass

    def close(self) -> None:
        self._file.close()


class TensorBoardTracker:
    """TensorBoard's event files; events after `step` are marked as replaced on opening."""

    def __init__(self, folder: Path, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def figures(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def sound(self, step: int, name: str, audio: Audio) -> None:
        samples = np.clip(audio.samples, -1, 1)[None]  # (1, T)
        self._writer.add_audio(name, samples, step, sample_rate=audio.sample_rate)

    def picture(self, step: int, name: str, values: FloatArray) -> None:
        self._writer.add_image(name, coloured(values), step, dataformats="HWC")

    def keep(self, name: str, folder: Path) -> None:
        pass

    def close(self) -> None:
        self._writer.close()


class PlotTracker:
    """Draws the curves in `metrics`, which another tracker writes, into `folder` now and then.

    What drawing takes stays under a fiftieth of the time.
    """

    def __init__(self, metrics: Path, folder: Path) -> None:
        self._metrics, self._folder = metrics, folder
        self._due = time.monotonic() + _SECONDS_TO_FIRST_PLOT
        self._fresh = False

    def figures(self, step: int, values: Mapping[str, float]) -> None:
        self._fresh = True
        if time.monotonic() >= self._due:
            self._draw()

    def sound(self, step: int, name: str, audio: Audio) -> None:
        pass

    def picture(self, step: int, name: str, values: FloatArray) -> None:
        pass

    def keep(self, name: str, folder: Path) -> None:
        pass

    def close(self) -> None:
        if self._fresh:
            self._draw()

    def _draw(self) -> None:
        from intone.train.plots import draw
        from intone.train.summary import curves_in

        begun = time.monotonic()
        self._fresh = False
        if figures := curves_in(self._metrics):
            draw(figures, self._folder)
        took = time.monotonic() - begun
        self._due = time.monotonic() + max(_SECONDS_BETWEEN_PLOTS, 50 * took)


class WandbTracker:
    """Weights & Biases; offline unless `WANDB_MODE` says otherwise or a key is set."""

    def __init__(self, folder: Path, name: str, config: Mapping[str, Any]) -> None:
        try:
            import wandb
        except ImportError:
            raise MissingExtra("wandb", "wandb", "the tracker wandb") from None
        online = "WANDB_API_KEY" in os.environ
        mode = os.environ.get("WANDB_MODE", "online" if online else "offline")
        folder.mkdir(parents=True, exist_ok=True)
        self._wandb: Any = wandb
        self._latest = 0
        self._run: Any = wandb.init(
            project="intone", name=name, id=name, resume="allow", dir=str(folder), mode=mode,
            config=dict(config),
        )  # fmt: skip

    def figures(self, step: int, values: Mapping[str, float]) -> None:
        self._log(step, dict(values))

    def sound(self, step: int, name: str, audio: Audio) -> None:
        sound = self._wandb.Audio(
            audio.samples, sample_rate=audio.sample_rate, caption=f"step {step}"
        )
        self._log(step, {name: sound})

    def picture(self, step: int, name: str, values: FloatArray) -> None:
        self._log(step, {name: self._wandb.Image(coloured(values))})

    def _log(self, step: int, values: dict[str, Any]) -> None:
        # W&B drops what comes behind a later step, as a sound made in the background does.
        self._latest = max(self._latest, step)
        self._run.log(values, step=self._latest)

    def keep(self, name: str, folder: Path) -> None:
        artifact = self._wandb.Artifact(name, type="model")
        artifact.add_dir(str(folder))
        self._run.log_artifact(artifact)

    def close(self) -> None:
        self._run.finish()


def open_trackers(
    names: Iterable[str],
    *,
    metrics: Path,
    logs: Path,
    plots: Path,
    run: str,
    step: int,
    config: Mapping[str, Any],
) -> list[Tracker]:
    """The trackers called `names`, opened to go on after `step`.

    Raises `MissingExtra` if a tracker's library is not installed.
    """
    made: dict[str, Callable[[], Tracker]] = {
        "csv": lambda: CsvTracker(metrics, step),
        "tensorboard": lambda: TensorBoardTracker(logs, step),
        "plots": lambda: PlotTracker(metrics, plots),
        "wandb": lambda: WandbTracker(logs, run, config),
    }
    return [made[name]() for name in names]


def read_metrics(path: Path) -> list[tuple[int, str, float]]:
    """The rows (step, name, value) of a `metrics.csv`; a row that a kill cut short is left out."""
    rows: list[tuple[int, str, float]] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]:
        cells = line.rstrip("\n").split(",")
        if line.endswith("\n") and len(cells) == len(HEADER):
            rows.append((int(cells[0]), cells[1], float(cells[2])))
    return rows


def coloured(values: FloatArray) -> NDArray[np.uint8]:
    """A map of numbers (rows, columns) as colours (rows, columns, 3), row 0 at the bottom."""
    from matplotlib import colormaps

    low, high = float(np.min(values)), float(np.max(values))
    scaled = (np.flipud(values) - low) / max(high - low, 1e-12)
    return (colormaps["viridis"](scaled)[..., :3] * 255).astype(np.uint8)
