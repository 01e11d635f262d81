"""A line on the terminal for what takes more than two seconds."""

from __future__ import annotations

import sys
import time

QUIET_SECONDS = 2.0
EVERY_SECONDS = 0.2


class Progress:
    """How far a work of `total` parts is, and how long it will take yet.

    Silent for the first two seconds, and always where nobody watches the terminal.
    """

    def __init__(self, total: int | None, label: str) -> None:
        self.total, self.label = total, label
        self.begin = self.shown = time.monotonic()
        self.written = False

    def show(self, done: int, note: str = "") -> None:
        """Tell that `done` parts are done."""
        now = time.monotonic()
        if now - self.begin < QUIET_SECONDS or now - self.shown < EVERY_SECONDS:
            return
        if not sys.stderr.isatty():
            return
        self.shown = now
        line = f"{self.label} {note}".rstrip()
        if self.total and done:
            left = (now - self.begin) * max(0, self.total - done) / done
            line += f", {min(100, 100 * done // self.total)} %, {_clock(left)} left"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        self.written = True

    def clear(self) -> None:
        """Take the line away."""
        if self.written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
