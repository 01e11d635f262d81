"""Averages of what steps came to, and where their time went."""

from __future__ import annotations

import time
from collections.abc import Mapping

import torch
from torch import Tensor


class Meter:
    """Gathers steps; a row of figures averages those since the last row."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._steps = 0
        self._frames = 0
        self._since = time.perf_counter()
        self._away_seconds = 0.0

    def add(self, values: Mapping[str, Tensor | float], frames: int) -> None:
        """One step's figures, and how many frames it learned from."""
        for name, value in values.items():
            # Tensors stay on their device: reading each would make the step wait for it.
            number = torch.as_tensor(value).detach()
            self._sums[name] = self._sums[name] + number if name in self._sums else number
            self._counts[name] = self._counts.get(name, 0) + 1
        self._steps += 1
        self._frames += frames

    def away(self, seconds: float) -> None:
        """Time that was spent on other things than steps (validation, saving)."""
        self._away_seconds += seconds

    def row(self, wait_seconds: float) -> dict[str, float]:
        """The averages, and start over. `wait_seconds` of the time went on waiting for data."""
        figures = {name: float(value) / self._counts[name] for name, value in self._sums.items()}
        now = time.perf_counter()
        seconds = max(now - self._since - self._away_seconds, 1e-9)
        figures["time/step_seconds"] = seconds / max(self._steps, 1)
        figures["time/frames_per_second"] = self._frames / seconds
        figures["time/data_fraction"] = min(1.0, wait_seconds / seconds)
        if torch.cuda.is_available():
            figures["memory/gpu_gib"] = torch.cuda.max_memory_allocated() / 2**30
        self._sums, self._counts, self._steps, self._frames = {}, {}, 0, 0
        self._since, self._away_seconds = now, 0.0
        return figures


class Trend:
    """Says whether a figure falls, rises or stays, from a quick and a slow moving average."""

    def __init__(self) -> None:
        self._quick: float | None = None
        self._slow = 0.0

    def arrow(self, value: float) -> str:
        """ "↓", "↑" or "→" after the new `value`."""
        if self._quick is None:
            self._quick = self._slow = value
        self._quick += 0.5 * (value - self._quick)
        self._slow += 0.1 * (value - self._slow)
        margin = 0.005 * abs(self._slow)
        if self._quick < self._slow - margin:
            return "↓"
        return "↑" if self._quick > self._slow + margin else "→"
