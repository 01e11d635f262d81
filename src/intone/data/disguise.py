"""Pieces of sound as if somebody else had spoken them: another pace, another room's colour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.resampling import resample

if TYPE_CHECKING:
    from intone.core.types import FloatArray

FASTEST = 1.15
_SLOWEST = 0.87
_CURVES, _LIFT_DB = 3, 4.0
"""How many slow curves over the spectrum tilt a disguised voice, and how high they are."""
_EDGE = 64
"""A piece is resampled with so many samples more on either side, whose ends ring."""


@dataclass(frozen=True)
class Disguise:
    """`pace` is how many times as fast, and as high, a voice becomes; `lifts_db` as in `tilted`."""

    pace: float
    lifts_db: FloatArray

    def of(self, samples: FloatArray, count: int, *, from_hz: int, to_hz: int) -> FloatArray:
        """The middle `count` samples at `to_hz` of a voice's `samples` at `from_hz`, disguised.

        `needed` says how many samples that takes.
        """
        return tilted(
            middle(samples, count, from_hz=round(from_hz * self.pace), to_hz=to_hz), self.lifts_db
        )


def drawn(source: np.random.Generator) -> Disguise:
    """A disguise at random."""
    pace = float(source.uniform(_SLOWEST, FASTEST))
    return Disguise(pace, source.normal(0.0, _LIFT_DB, _CURVES).astype(np.float32))


def needed(count: int, *, from_hz: float, to_hz: float) -> int:
    """Samples at `from_hz` that `middle` takes to give `count` at `to_hz`."""
    return math.ceil(count * from_hz / to_hz) + 2 * _EDGE


def middle(samples: FloatArray, count: int, *, from_hz: int, to_hz: int) -> FloatArray:
    """The middle `count` samples at `to_hz` of `samples` at `from_hz`, without ends that ring."""
    made = resample(samples, from_hz, to_hz)
    first = (len(made) - count) // 2
    return made[first : first + count]


def tilted(samples: FloatArray, lifts_db: FloatArray) -> FloatArray:
    """Samples (T) through a filter without delay that lifts by slow curves over the spectrum.

    Curve k of `lifts_db` (K) is a cosine with k + 1 half periods up to half the sample rate.
    """
    spectrum = np.fft.rfft(samples)
    at = np.linspace(0, 1, len(spectrum))
    waves = np.cos(np.pi * np.arange(1, len(lifts_db) + 1)[:, None] * at)  # (K, bins)
    made = np.fft.irfft(spectrum * 10 ** ((lifts_db @ waves) / 20), len(samples))
    return made.astype(np.float32)
