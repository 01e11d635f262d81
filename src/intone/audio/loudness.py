"""How loud a recording is, and making it as loud as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import AudioError

if TYPE_CHECKING:
    from intone.core.types import FloatArray

SILENCE_DBFS = -120.0
"""What a silent recording is said to have, since its logarithm has no end."""


def rms_dbfs(samples: FloatArray) -> float:
    """The root mean square of samples (T) in dB below full scale; `SILENCE_DBFS` at least."""
    if len(samples) == 0:
        return SILENCE_DBFS
    return _decibels(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))


def peak_dbfs(samples: FloatArray) -> float:
    """The largest magnitude of samples (T) in dB below full scale; `SILENCE_DBFS` at least."""
    return _decibels(float(np.abs(samples).max(initial=0.0)))


def at_loudness(samples: FloatArray, rms: float = -23.0, peak_limit: float = -1.0) -> FloatArray:
    """The samples (T) scaled to `rms` dBFS, or less where the peak would pass `peak_limit` dBFS.

    One gain for the whole recording, so nothing is distorted. Raises `AudioError` for silence.
    """
    now = rms_dbfs(samples)
    if now <= SILENCE_DBFS:
        raise AudioError("a silent recording cannot be made louder; leave it out")
    gain = min(rms - now, peak_limit - peak_dbfs(samples))
    return samples * np.float32(10 ** (gain / 20))


def _decibels(amplitude: float) -> float:
    return max(20 * float(np.log10(amplitude)), SILENCE_DBFS) if amplitude > 0 else SILENCE_DBFS
