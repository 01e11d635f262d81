"""How far a sound lies from a recording of the same text: spectrum, pitch, voicing, duration.

The two are warped in time onto each other first, along the cheapest path through the distances
of their mel cepstra (Kubichek 1993; Sakoe and Chiba 1978).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.audio.pitch import pitch_hz
from intone.audio.resampling import resample
from intone.core.errors import AudioError
from intone.core.types import MEL_22K, Audio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray

    Path = tuple[NDArray[np.int64], NDArray[np.int64]]

_CEPSTRA = 13
_DECIBELS = 10 * np.sqrt(2) / np.log(10)


@dataclass(frozen=True)
class Distortion:
    """How far one sound lies from another; `pitch_correlation` is nan without voiced frames."""

    mel_cepstral_db: float
    pitch_error_semitones: float
    pitch_correlation: float
    voicing_error: float
    duration_ratio: float


def distortion(sound: Audio, reference: Audio) -> Distortion:
    """The distances of `sound` from `reference`, which says the same text.

    Mel-cepstral distortion in dB over coefficients 1 to 13 and the root mean square pitch
    error where both are voiced, along the warped path; voicing error is the share of the path
    on which one is voiced and the other is not. Raises `AudioError` if either is shorter than
    a frame, `MissingExtra` where pyworld is absent.
    """
    own, true = _samples(sound), _samples(reference)
    cepstra = mel_cepstra(mel_spectrogram(own, MEL_22K))
    wanted = mel_cepstra(mel_spectrogram(true, MEL_22K))
    distances = np.sqrt(
        np.maximum((cepstra**2).sum(1)[:, None] + (wanted**2).sum(1) - 2 * cepstra @ wanted.T, 0.0)
    )
    a, b = warped(distances)
    pitch, right = pitch_hz(own, MEL_22K)[a], pitch_hz(true, MEL_22K)[b]
    both = (pitch > 0) & (right > 0)
    error, correlation = float("nan"), float("nan")
    if both.any():
        semitones, truth = 12 * np.log2(pitch[both]), 12 * np.log2(right[both])
        error = float(np.sqrt(np.mean((semitones - truth) ** 2)))
        if semitones.std() > 0 and truth.std() > 0:
            correlation = float(np.corrcoef(semitones, truth)[0, 1])
    along = np.linalg.norm(cepstra[a] - wanted[b], axis=1)
    return Distortion(
        mel_cepstral_db=float(_DECIBELS * along.mean()),
        pitch_error_semitones=error,
        pitch_correlation=correlation,
        voicing_error=float(np.mean((pitch > 0) != (right > 0))),
        duration_ratio=len(own) / len(true),
    )


def mel_cepstra(mel: FloatArray) -> NDArray[np.float64]:
    """Coefficients 1 to 13 (F, 13) of log mels (F, bands); loudness (0) is left out.

    They are amplitudes: a ripple a * cos(n * pi * x), x from 0 to 1 over the bands, has
    coefficient n = a.
    """
    bands = mel.shape[1]
    orders = np.arange(1, _CEPSTRA + 1)
    basis = np.cos(np.pi / bands * (np.arange(bands)[:, None] + 0.5) * orders)
    return np.asarray(mel.astype(np.float64) @ basis * (2 / bands))


def warped(distances: NDArray[np.float64]) -> Path:
    """The indices (P), (P) of the cheapest monotonic path through distances (A, B)."""
    rows, columns = distances.shape
    cost = np.full((rows + 1, columns + 1), np.inf)
    cost[0, 0] = 0.0
    # Cells of one anti-diagonal do not depend on each other, so each is one step of numpy.
    for total in range(2, rows + columns + 1):
        i = np.arange(max(1, total - columns), min(rows, total - 1) + 1)
        j = total - i
        best = np.minimum(np.minimum(cost[i - 1, j], cost[i, j - 1]), cost[i - 1, j - 1])
        cost[i, j] = distances[i - 1, j - 1] + best
    row, column = rows, columns
    path = []
    while row > 0 and column > 0:
        path.append((row - 1, column - 1))
        _, row, column = min(
            (cost[row - 1, column - 1], row - 1, column - 1),
            (cost[row - 1, column], row - 1, column),
            (cost[row, column - 1], row, column - 1),
        )
    a, b = np.array(path[::-1], dtype=np.int64).T
    return a, b


def _samples(audio: Audio) -> FloatArray:
    samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
    if len(samples) < MEL_22K.hop_samples:
        raise AudioError(
            f"a sound of {len(samples)} samples is shorter than a frame; give at least "
            f"{MEL_22K.hop_samples}"
        )
    return samples
