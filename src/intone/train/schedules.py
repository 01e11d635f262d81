"""Learning-rate schedules: pure functions of the step and of how far training is.

They hold no state, so nothing of them needs to be saved, and a changed setting
takes effect at once when a run is resumed.
"""

from __future__ import annotations

import math


def total_steps(steps: int, max_epochs: float | None, batches: int, accumulation: int) -> int:
    """Steps to take in all: `steps`, or those of `max_epochs` passes over `batches` if fewer."""
    if max_epochs is None:
        return steps
    return max(1, min(steps, round(max_epochs * batches / accumulation)))


def progress(step: int, steps: int, elapsed_seconds: float, max_minutes: float | None) -> float:
    """How far training is, 0 to 1: by steps, or by the clock if its budget ends sooner."""
    by_steps = step / steps
    by_clock = elapsed_seconds / (60 * max_minutes) if max_minutes else 0.0
    return min(1.0, max(by_steps, by_clock))


def factor(name: str, step: int, done: float, *, warmup_steps: int, final_factor: float) -> float:
    """What to multiply the peak learning rate by at `step` (from 0), when `done` (0..1) is done.

    Every schedule rises linearly over `warmup_steps`. Then "constant" stays, "cosine",
    "linear" and "exponential" fall to `final_factor` at the end, and "noam" falls with
    the square root of the step, wherever the end is.
    """
    if name == "noam":
        warmup = max(1, warmup_steps)
        return min((step + 1) / warmup, math.sqrt(warmup / (step + 1)))
    rise = min(1.0, (step + 1) / warmup_steps) if warmup_steps else 1.0
    fall = {
        "constant": 1.0,
        "cosine": final_factor + (1 - final_factor) * (1 + math.cos(math.pi * done)) / 2,
        "linear": 1 - (1 - final_factor) * done,
        "exponential": final_factor**done,
    }[name]
    return rise * fall
