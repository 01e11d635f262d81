"""Ctrl-C and the system's request to stop: the first is polite, the second immediate."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from intone.core.errors import TrainingError


class TrainingInterrupted(TrainingError):
    """Someone stopped the run; what was learned is saved."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


class Interrupt:
    """While open, remembers the first SIGINT or SIGTERM in `signal`; a second one ends at once."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        # Handlers can be set by the main thread only; elsewhere nobody can press Ctrl-C.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_DFL)
