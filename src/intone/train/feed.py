"""The endless stream of batches, epoch after epoch, and where it stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from intone.core.batch import Batch
from intone.core.errors import TrainingError


class Batches(Protocol):
    """A corpus in batches whose order depends on nothing but a seed and an epoch."""

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """The batches of `epoch` (from 0) without its first `skip`."""
        ...

    def length(self, epoch: int) -> int:
        """How many batches `epoch` has."""
        ...


class Feed:
    """Takes batches from `epoch` and `index` on. Knows its position; blind to what is in them.

    With several processes, each takes every `processes`-th batch; an incomplete round
    at the end of an epoch is left out, so that all take equally many.
    """

    def __init__(
        self, batches: Batches, seed: int, epoch: int, index: int, process: int, processes: int
    ) -> None:
        self.epoch = epoch
        self.index = index
        self.wait_seconds = 0.0
        self._batches = batches
        self._seed = seed
        self._process = process
        self._processes = processes
        self._stream: Iterator[Batch] | None = None

    @property
    def epoch_length(self) -> int:
        """How many batches this epoch has."""
        return self._batches.length(self.epoch)

    def take(self, count: int) -> list[Batch]:
        """The next `count` batches of this process; adds to `wait_seconds`."""
        began = time.perf_counter()
        taken = [self._next() for _ in range(count)]
        self.wait_seconds += time.perf_counter() - began
        return taken

    def _next(self) -> Batch:
        if self._batches.length(self.epoch) < self._processes:
            raise TrainingError(
                f"the corpus makes {self._batches.length(self.epoch)} batches an epoch, fewer than "
                f"{self._processes} processes need; add recordings or lower data.max_frames"
            )
        if self.index + self._processes > self._batches.length(self.epoch):
            self.epoch, self.index, self._stream = self.epoch + 1, 0, None
        if self._stream is None:
            self._stream = self._batches.epoch(self._seed, self.epoch, self.index)
        try:
            own = [next(self._stream) for _ in range(self._processes)][self._process]
        except StopIteration:
            raise TrainingError(
                f"epoch {self.epoch} ended after batch {self.index}, but promised "
                f"{self._batches.length(self.epoch)}"
            ) from None
        self.index += self._processes
        return own
