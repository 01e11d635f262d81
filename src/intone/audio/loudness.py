"""How loud a recording is, and making it as loud as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import AudioError

if TYPE_CHECKING:
    from intone.core.types import FloatArray

SILENCE_DBFS = -120.0
"""What a silent recording is said to have, since its logarithm has no end."""

_FRAME_SECONDS = 0.02
_STEP_SECONDS = 0.01


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


def frame_samples(sample_rate: int) -> tuple[int, int]:
    """The length of a frame of `frame_levels_dbfs` and the step to the next one, in samples."""
    return max(1, round(_FRAME_SECONDS * sample_rate)), max(1, round(_STEP_SECONDS * sample_rate))


def frame_levels_dbfs(samples: FloatArray, sample_rate: int) -> FloatArray:
    """The RMS in dBFS, float32, of frames of 20 ms of samples (T), every 10 ms; at least one."""
    frame, step = frame_samples(sample_rate)
    signal = np.asarray(samples, dtype=np.float64)
    if len(signal) < frame:
        signal = np.pad(signal, (0, frame - len(signal)))
    sums = np.concatenate([[0.0], np.cumsum(np.square(signal))])
    starts = np.arange(0, len(signal) - frame + 1, step)
    power = np.maximum((sums[starts + frame] - sums[starts]) / frame, 10 ** (SILENCE_DBFS / 10))
    levels: FloatArray = (10 * np.log10(power)).astype(np.float32)
    return levels


def _decibels(amplitude: float) -> float:
    return max(20 * float(np.log10(amplitude)), SILENCE_DBFS) if amplitude > 0 else SILENCE_DBFS
