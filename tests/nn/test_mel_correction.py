"""A sound gets the mel that it should have, and keeps its lines."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from intone.audio.mel import filterbank, mel_spectrogram
from intone.core.types import MEL_22K
from intone.nn.istft import InverseSTFT
from intone.nn.mel_correction import MelCorrection

RATE, HOP = MEL_22K.sample_rate, MEL_22K.hop_samples


@pytest.fixture(scope="module")
def correction() -> MelCorrection:
    inverse = InverseSTFT(window=MEL_22K.window_samples, hop=HOP)
    weights = torch.from_numpy(filterbank(MEL_22K))
    return MelCorrection(weights, inverse, floor=MEL_22K.floor)


def mel_of(samples: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(mel_spectrogram(samples[0].numpy(), MEL_22K))[None]


def speechlike(seed: int, hz: float) -> torch.Tensor:
    at = np.arange(60 * HOP) / RATE
    tones = sum(np.sin(2 * np.pi * hz * k * at) / k for k in range(1, 40))
    noise = np.random.default_rng(seed).normal(size=len(at))
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * at + seed)
    sound = 0.1 * swell * (tones + 0.05 * noise)
    return torch.from_numpy(sound.astype(np.float32))[None]


def test_each_round_comes_nearer_to_the_mel(correction: MelCorrection) -> None:
    real = speechlike(0, 120)
    wanted = mel_of(real)
    # Another filter and another swell, but the same pitch: what a vocoder gets wrong.
    made = torch.cumsum(speechlike(3, 120), dim=1) * 0.05
    made = made - made.mean()
    away = [float((mel_of(made) - wanted).abs().mean())]
    for _ in range(3):
        made = correction(made, wanted)
        away.append(float((mel_of(made) - wanted).abs().mean()))
    assert away == sorted(away, reverse=True)
    assert away[1] < 0.5 * away[0] and away[2] < 0.1 * away[0]


def test_a_sound_that_has_its_mel_stays_as_it_is(correction: MelCorrection) -> None:
    real = speechlike(1, 180)
    made = correction(real, mel_of(real))
    inner = slice(4 * HOP, -4 * HOP)  # the outermost windows see beyond the sound
    assert (made - real)[:, inner].abs().max() < 1e-3 * real.abs().max()


def test_the_lines_of_a_voice_stay_where_they_are(correction: MelCorrection) -> None:
    real = speechlike(2, 150)
    made = correction(0.3 * real, mel_of(real))[0].numpy()
    power = np.abs(np.fft.rfft(made * np.hanning(len(made)))) ** 2
    at = np.fft.rfftfreq(len(made), 1 / RATE)
    strongest = at[np.argsort(power)[-5:]]
    assert np.all(np.abs((strongest + 75) % 150 - 75) < 8)


def test_what_is_asked_of_silence_is_bounded(correction: MelCorrection) -> None:
    loud = torch.zeros(1, 20, 80)
    made = correction(torch.zeros(1, 20 * HOP), loud)
    assert torch.isfinite(made).all() and made.abs().max() < 1e-2
