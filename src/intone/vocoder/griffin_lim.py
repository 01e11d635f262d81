"""Griffin-Lim: mel → samples without training, by iterating towards a phase that fits.

The fast variant of Perraudin, Balazs and Søndergaard (2013), with momentum. Numpy only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.mel import filterbank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray, FrameFormat

MOMENTUM = 0.99
_UNMIXING_STEPS = 16
_TINY = 1e-8


def griffin_lim(
    mel: FloatArray, format: FrameFormat, iterations: int = 32, seed: int = 0
) -> FloatArray:
    """Samples float32 (F * hop) of a natural-log mel (F, bands); the same for the same seed.

    Raises `FormatError` if the format is no mel.
    """
    if len(mel) == 0:
        return np.zeros(0, dtype=np.float32)
    magnitude = linear_magnitude(mel, format)  # (F, bins)
    turns = np.random.default_rng(seed).random(magnitude.shape, dtype=np.float32)
    phase = np.exp(2j * np.pi * turns).astype(np.complex64)
    before = np.zeros_like(phase)
    for _ in range(iterations):
        fitting = _spectrum(_samples(magnitude * phase, format), format)
        phase = fitting - MOMENTUM / (1 + MOMENTUM) * before
        phase /= np.maximum(np.abs(phase), _TINY)
        before = fitting
    cut = (format.window_samples - format.hop_samples) // 2
    samples = _samples(magnitude * phase, format)
    return samples[cut : cut + len(mel) * format.hop_samples]


def linear_magnitude(mel: FloatArray, format: FrameFormat) -> FloatArray:
    """Magnitudes (F, bins), none negative, whose mel is nearest to a natural-log mel (F, bands).

    Starts from the pseudo-inverse and steps as in non-negative matrix factorisation
    (Lee and Seung 2001), which keeps signs and lowers the error.
    """
    weights, inverse = _unmixing(format)
    bands = np.exp(mel.astype(np.float32))  # (F, bands)
    magnitude = np.maximum(bands @ inverse, _TINY)  # (F, bins)
    wanted = bands @ weights
    for _ in range(_UNMIXING_STEPS):
        magnitude *= wanted / np.maximum((magnitude @ weights.T) @ weights, _TINY)
    return magnitude


@lru_cache(maxsize=4)
def _unmixing(format: FrameFormat) -> tuple[FloatArray, FloatArray]:
    """The filterbank (bands, bins) and the transpose of its pseudo-inverse (bands, bins)."""
    weights = filterbank(format)
    return weights, np.linalg.pinv(weights).T.astype(np.float32)


@lru_cache(maxsize=4)
def _hann(window: int) -> FloatArray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


def _spectrum(padded: FloatArray, format: FrameFormat) -> NDArray[np.complex64]:
    """The half spectra (F, bins) of samples that are padded on both sides."""
    window, hop = format.window_samples, format.hop_samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    return np.fft.rfft(frames * _hann(window)).astype(np.complex64)


def _samples(spectrum: NDArray[np.complex64], format: FrameFormat) -> FloatArray:
    """The samples ((F - 1) * hop + window) whose half spectra are nearest to (F, bins)."""
    window, hop = format.window_samples, format.hop_samples
    hann = _hann(window)
    pieces = np.fft.irfft(spectrum, n=window).astype(np.float32) * hann  # (F, window)
    summed = _overlap_add(pieces, hop)
    envelope = _overlap_add(np.broadcast_to(hann**2, pieces.shape), hop)
    summed /= np.maximum(envelope, 1e-3)
    return summed


def _overlap_add(pieces: FloatArray, hop: int) -> FloatArray:
    """Pieces (F, window), each `hop` after the one before, summed: ((F - 1) * hop + window)."""
    count, window = pieces.shape
    per = -(-window // hop)  # hops that a piece touches
    blocks = np.zeros((count, per, hop), dtype=np.float32)
    blocks.reshape(count, -1)[:, :window] = pieces
    total = np.zeros((count + per - 1, hop), dtype=np.float32)
    for j in range(per):
        total[j : j + count] += blocks[:, j]
    return total.reshape(-1)[: (count - 1) * hop + window]
