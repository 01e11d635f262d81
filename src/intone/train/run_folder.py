"""A run's folder: configuration, checkpoints, logs, samples, plots and the voice."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from intone.core.errors import TrainingError
from intone.core.files import read_json, write_json, write_text
from intone.train import checkpoint as checkpoints
from intone.train.checkpoint import Checkpoint

log = logging.getLogger("intone.train")


class RunFolder:
    """Where a run keeps its files. Knows their names; blind to what is trained."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.checkpoints = path / "checkpoints"
        self.logs = path / "logs"
        self.metrics = path / "logs" / "metrics.csv"
        self.samples = path / "samples"
        self.plots = path / "plots"
        self.log_file = path / "train.log"
        self.voice = path / "voice"
        self.codec = path / "codec"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second trainer; `TrainingError` if one holds it already.

        The operating system drops the lock with the process, however it ends.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"cannot make the run folder {self.path}: {error.strerror or error}"
            ) from None
        try:
            with FileLock(self.path / ".lock", timeout=0):
                yield
        except Timeout:
            raise TrainingError(
                f"another training is writing to {self.path}; wait for it or choose another --run"
            ) from None

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write the resolved settings."""
        write_text(self.config, yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True))

    def names(self) -> list[str]:
        """The complete checkpoints, `step=N`, oldest step first."""
        found = [path.name for path in self.checkpoints.glob("step=*") if path.is_dir()]
        return sorted(found, key=lambda name: int(name.partition("=")[2]))

    def find(self, which: str | Path) -> Path | None:
        """The folder of a checkpoint: "last", "best", "step=N" or a path; None if "last" has none.

        Raises `TrainingError` that names those there are.
        """
        if isinstance(which, str) and which in ("last", "best"):
            pointer = self.checkpoints / f"{which}.json"
            folder = None
            if pointer.exists():
                folder = self.checkpoints / str(read_json(pointer)["checkpoint"])
            if folder is not None and folder.is_dir():
                return folder
            # A kill can fall between a checkpoint and its pointer: the newest stands in.
            names = self.names()
            return self.checkpoints / names[-1] if names else None
        for folder in (Path(which), self.checkpoints / which):
            if (folder / "state.json").is_file():
                return folder
            if (folder / "checkpoints").is_dir() and (found := RunFolder(folder).find("last")):
                return found
        there = ", ".join(self.names()) or "none yet"
        raise TrainingError(f"there is no checkpoint {which}; in {self.checkpoints} are: {there}")

    def save(self, checkpoint: Checkpoint, *, keep: int) -> Path:
        """Write `checkpoint` as `step=N`, point "last" (and "best", if it is) at it, prune.

        The `keep` that were written latest stay, and the best. Raises `TrainingError`
        if it cannot be written; the checkpoints before it then stay as they were.
        """
        state = checkpoint.state
        folder = self.checkpoints / f"step={state.step}"
        checkpoints.write(folder, checkpoint)
        self._point("last", state.step)
        if state.best_step is not None:
            self._point("best", state.best_step)
        self._prune(keep, {f"step={state.step}", f"step={state.best_step}"})
        return folder

    def _point(self, name: str, step: int) -> None:
        write_json(self.checkpoints / f"{name}.json", {"checkpoint": f"step={step}", "step": step})

    def _prune(self, keep: int, needed: set[str]) -> None:
        def written(name: str) -> float:
            return (self.checkpoints / name).stat().st_mtime

        for name in sorted(self.names(), key=written)[:-keep]:
            if name not in needed:
                # Renamed first: a folder that is half deleted must not look like a checkpoint.
                doomed = self.checkpoints / f".{name}.removed"
                shutil.rmtree(doomed, ignore_errors=True)
                with contextlib.suppress(OSError):
                    (self.checkpoints / name).rename(doomed)
                shutil.rmtree(doomed, ignore_errors=True)


def changes(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two configurations, a line a setting: `train.steps: 10 → 20`."""
    lines: list[str] = []
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            lines += changes(before, after, f"{prefix}{key}.")
        elif _plain(before) != _plain(after):
            lines.append(f"{prefix}{key}: {before} → {after}")
    return lines


def _plain(value: Any) -> Any:
    """A tuple and a list of the same things are the same setting (JSON knows lists only)."""
    return list(value) if isinstance(value, tuple) else value
