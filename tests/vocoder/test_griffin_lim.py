"""Griffin-Lim gives sound whose mel is the mel that was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intone.audio.mel import filterbank, mel_spectrogram
from intone.core.errors import FormatError
from intone.core.types import MEL_22K
from intone.vocoder.griffin_lim import griffin_lim, linear_magnitude


def vowel(seconds: float = 0.7) -> np.ndarray:  # type: ignore[type-arg]
    """A gliding harmonic sound."""
    t = np.arange(int(seconds * MEL_22K.sample_rate)) / MEL_22K.sample_rate
    phase = 2 * np.pi * (120 * t + 30 * t**2)
    return (sum(np.sin(k * phase) / k for k in range(1, 25)) * 0.1).astype(np.float32)


def test_the_sound_has_the_mel_asked_for() -> None:
    mel = mel_spectrogram(vowel(), MEL_22K)
    samples = griffin_lim(mel, MEL_22K)
    assert samples.shape == (len(mel) * MEL_22K.hop_samples,)
    inner = slice(3, -3)
    again = mel_spectrogram(samples, MEL_22K)
    error = np.abs(again - mel)[inner].mean()
    untried = np.abs(mel_spectrogram(griffin_lim(mel, MEL_22K, iterations=0), MEL_22K) - mel)
    assert error < 0.25
    assert error < untried[inner].mean() / 2


def test_magnitudes_are_not_negative_and_mix_to_the_mel() -> None:
    mel = mel_spectrogram(vowel(), MEL_22K)

    magnitude = linear_magnitude(mel, MEL_22K)
    assert magnitude.min() >= 0
    mixed = np.log(np.maximum(magnitude @ filterbank(MEL_22K).T, MEL_22K.floor))
    assert np.abs(mixed - mel).mean() < 0.1


def test_the_seed_decides() -> None:
    mel = mel_spectrogram(vowel(0.2), MEL_22K)
    first = griffin_lim(mel, MEL_22K, iterations=2, seed=1)
    assert np.array_equal(first, griffin_lim(mel, MEL_22K, iterations=2, seed=1))
    assert not np.array_equal(first, griffin_lim(mel, MEL_22K, iterations=2, seed=2))


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_short_mels(frames: int) -> None:
    mel = np.full((frames, 80), -3, dtype=np.float32)
    samples = griffin_lim(mel, MEL_22K, iterations=4)
    assert samples.shape == (frames * 256,)
    assert np.isfinite(samples).all()


def test_a_hop_that_does_not_divide_the_window() -> None:
    odd = replace(MEL_22K, hop_samples=220, window_samples=1000)
    mel = mel_spectrogram(vowel(), odd)
    again = mel_spectrogram(griffin_lim(mel, odd), odd)
    assert np.abs(again - mel)[4:-4].mean() < 0.3


def test_silence_stays_silent() -> None:
    mel = np.full((20, 80), np.log(1e-5), dtype=np.float32)
    assert np.abs(griffin_lim(mel, MEL_22K)).max() < 1e-3


def test_codes_are_refused() -> None:
    with pytest.raises(FormatError):
        griffin_lim(np.zeros((4, 8), np.float32), replace(MEL_22K, kind="codes", codebooks=8))
