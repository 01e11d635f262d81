"""Mel spectrograms in numpy, in the convention of HiFi-GAN's published weights.

The same definition as `intone.nn.spectral.MelSpectrogram`, which shares `filterbank`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray, FrameFormat

# Slaney's scale: straight up to 1 kHz, 200/3 Hz a mel; above, 27 steps to each factor of 6.4.
_LINEAR_HZ = 200.0 / 3.0
_KNEE_HZ = 1_000.0
_KNEE_MEL = _KNEE_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27.0

_FRAMES_AT_ONCE = 512
"""Bounds the memory of long recordings, and keeps a block within the processor's cache."""


def filterbank(format: FrameFormat) -> FloatArray:
    """The weights (bands, window // 2 + 1) float32 from magnitudes to mel bands.

    Triangles on Slaney's scale, each of unit area. Raises `FormatError` unless the
    format is a mel whose bands fit under half its sample rate.
    """
    return _filterbank(format).copy()


def mel_spectrogram(samples: FloatArray, format: FrameFormat) -> FloatArray:
    """The natural-log mel (F, bands) float32 of samples (T); F = T // hop_samples.

    Frame i is centred on sample (i + 0.5) * hop_samples. The ends are mirrored, or
    filled with silence where the sound is shorter than the mirror. Raises `FormatError`
    as `filterbank` does.
    """
    weights = _filterbank(format).T
    hop, window = format.hop_samples, format.window_samples
    count = len(samples) // hop
    left = (window - hop) // 2
    right = window - hop - left
    padded = np.pad(
        np.asarray(samples, dtype=np.float32),
        (left, right),
        mode="reflect" if len(samples) > right else "constant",
    )
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)
    mel = np.empty((count, format.bands), dtype=np.float32)
    if count == 0:
        return mel
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]  # (F, window)
    for start in range(0, count, _FRAMES_AT_ONCE):
        block = slice(start, min(start + _FRAMES_AT_ONCE, count))
        spectrum = np.fft.rfft(frames[block] * hann, axis=-1)
        magnitude = np.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9, dtype=np.float32)
        np.matmul(magnitude, weights, out=mel[block])
    np.maximum(mel, format.floor, out=mel)
    return np.log(mel, out=mel)


@lru_cache(maxsize=8)
def _filterbank(format: FrameFormat) -> FloatArray:
    if format.kind != "mel":
        raise FormatError(f"frames of {format.kind} have no mel bands; choose a mel format")
    if format.window_samples < format.hop_samples:
        raise FormatError(
            f"a window of {format.window_samples} samples leaves gaps between hops of "
            f"{format.hop_samples}; make the window longer"
        )
    if not 0 <= format.low_hz < format.high_hz <= format.sample_rate / 2:
        raise FormatError(
            f"mel bands from {format.low_hz:g} to {format.high_hz:g} Hz do not fit under half of "
            f"{format.sample_rate} Hz; change low_hz, high_hz or sample_rate"
        )
    bins = np.fft.rfftfreq(format.window_samples, 1 / format.sample_rate)
    ends = _mel(np.array([format.low_hz, format.high_hz]))
    corners = _hz(np.linspace(ends[0], ends[1], format.bands + 2))
    widths = np.diff(corners)[:, None]
    slopes = corners[:, None] - bins  # (bands + 2, bins)
    triangles = np.maximum(0, np.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]))
    areas = 2 / (corners[2:] - corners[:-2])
    weights: FloatArray = (triangles * areas[:, None]).astype(np.float32)
    return weights


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _KNEE_MEL + np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.where(hz < _KNEE_HZ, hz / _LINEAR_HZ, above)


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _KNEE_HZ * np.exp(_LOG_STEP * (mel - _KNEE_MEL))
    return np.where(mel < _KNEE_MEL, mel * _LINEAR_HZ, above)
