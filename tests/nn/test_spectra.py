"""Torch's mel is numpy's, and the inverse transform undoes the transform."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from intone.audio.mel import filterbank, mel_spectrogram
from intone.core.types import MEL_22K
from intone.nn.fourier import HannFourier
from intone.nn.istft import InverseSTFT
from intone.nn.spectral import MelSpectrogram, MultiResolutionSpectralLoss


@pytest.mark.parametrize("samples", [300, 2_048, 22_050, 22_301])
def test_torch_and_numpy_see_the_same_mel(samples: int) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    mel = MelSpectrogram(
        torch.from_numpy(filterbank(MEL_22K)), window=1_024, hop=256, floor=MEL_22K.floor
    )
    theirs = mel_spectrogram(sound, MEL_22K)
    ours = mel(torch.from_numpy(sound)[None])[0].numpy()
    assert ours.shape == theirs.shape == (samples // 256, 80)
    assert np.abs(ours - theirs).max() < 1e-4


@pytest.mark.parametrize("window", [8, 16, 64, 1_024, 1_280])
def test_the_matrices_are_the_fourier_transform(window: int) -> None:
    pieces = torch.randn(2, 5, window, generator=torch.Generator().manual_seed(window))
    fourier, hann = HannFourier(window), torch.hann_window(window)
    real, imaginary = fourier.bins_of(pieces)
    spectrum = torch.fft.rfft(pieces * hann)
    scale = spectrum.abs().max()
    assert (real - spectrum.real).abs().max() < 1e-5 * scale
    assert (imaginary - spectrum.imag).abs().max() < 1e-5 * scale
    back = fourier.pieces_of(real, imaginary)
    assert (back - pieces * hann.square()).abs().max() < 1e-5 * pieces.abs().max()


@pytest.mark.parametrize(("window", "hop"), [(1_024, 256), (64, 16), (32, 16)])
def test_the_inverse_undoes_the_transform(window: int, hop: int) -> None:
    sound = torch.randn(2, hop * 40)
    pad = (window - hop) // 2
    padded = torch.nn.functional.pad(sound[:, None], (pad, pad))[:, 0]
    spectrum = torch.stft(
        padded, window, hop, window=torch.hann_window(window), center=False, return_complex=True
    )
    made = InverseSTFT(window=window, hop=hop)(spectrum.real.mT, spectrum.imag.mT)
    assert made.shape == sound.shape
    assert (made - sound).abs().max() < 1e-4


def test_the_spectral_loss_is_nothing_for_the_same_sound() -> None:
    sound = torch.randn(1, 8_192) * 0.1
    loss = MultiResolutionSpectralLoss()
    assert loss(sound, sound).item() < 1e-5
    assert loss(sound * 0.5, sound).item() > 0.5
