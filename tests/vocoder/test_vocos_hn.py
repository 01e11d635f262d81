"""A vocoder with a source: its pulses keep their pitch, and go on from piece to piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from intone.core.protocols import CorpusFacts
from intone.core.types import MEL_22K
from intone.export.onnx import export_vocoder
from intone.nn.harmonics import ShortTimeSpectrum, phases, pulses
from intone.nn.istft import InverseSTFT
from intone.speech.onnx_engine import OnnxSourceVocoder
from intone.speech.rendering import in_pieces
from intone.vocoder.vocos_hn import FAMILY, VocosHN, VocosHNSettings

RATE, HOP = MEL_22K.sample_rate, MEL_22K.hop_samples


def tiny() -> VocosHN:
    torch.manual_seed(0)
    return VocosHN(VocosHNSettings(**FAMILY.presets["tiny"]), CorpusFacts(0, (), MEL_22K)).eval()


def train_of(pitch: torch.Tensor) -> torch.Tensor:
    return pulses(*phases(pitch, sample_rate=RATE, hop=HOP), hop=HOP)


@pytest.mark.parametrize("hz", [70.0, 133.0, 411.0])
def test_pulses_sound_at_their_pitch_and_nowhere_else(hz: float) -> None:
    sound = train_of(torch.full((1, 86), hz))[0, :RATE].numpy()
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    at = np.fft.rfftfreq(len(sound), 1 / RATE)
    distance = np.abs((at + hz / 2) % hz - hz / 2)
    assert power[distance > 8].sum() < 1e-3 * power.sum()
    assert np.mean(sound**2) == pytest.approx(1, rel=0.05)


def test_pulses_have_no_step_where_frames_meet() -> None:
    glide = train_of(torch.linspace(90, 260, 60)[None])[0]
    # A jump of phase would put power between the harmonics of a slow glide's lowest partial.
    low = np.convolve(glide.numpy(), np.hanning(129) / np.hanning(129).sum(), mode="same")
    steps = np.abs(np.diff(low))
    borders = steps[HOP - 1 :: HOP]
    assert borders.max() <= steps.max()
    assert borders.mean() < 1.5 * steps.mean()


def test_the_spectrum_and_its_inverse_give_the_sound_back() -> None:
    sound = torch.randn(2, 40 * HOP, generator=torch.Generator().manual_seed(1))
    inverse = InverseSTFT(window=1024, hop=HOP)
    real, imaginary = ShortTimeSpectrum(inverse.fourier, hop=HOP)(sound)
    back = inverse(real, imaginary)
    assert torch.allclose(back[:, 512:-512], sound[:, 512:-512], atol=1e-5)


def test_pieces_of_a_passage_join_to_the_whole(tmp_path: Path) -> None:
    vocoder = tiny()
    export_vocoder(vocoder, tmp_path / "v.onnx")
    renderer = OnnxSourceVocoder(
        tmp_path / "v.onnx",
        MEL_22K,
        1,
        context_frames=vocoder.context_frames,
        pitch_reach=vocoder.pitch_reach,
    )
    source = np.random.default_rng(0)
    frames = np.repeat(source.normal(-4, 2, (30, 80)), 12, axis=0).astype(np.float32)
    whole = renderer.render(frames)
    pieces = list(in_pieces(renderer, frames, first_frames=20, most_frames=80))
    assert len(pieces) > 4
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-4 * max(1.0, np.abs(whole).max())


def test_the_pitch_is_learned_from_the_mel() -> None:
    vocoder = tiny().train()
    optimiser = torch.optim.Adam(vocoder.pitch.parameters(), 1e-2)
    source = torch.Generator().manual_seed(0)
    hz = torch.exp(torch.empty(8, 1).uniform_(4.4, 6.0, generator=source)).expand(8, 24)
    bands = torch.linspace(0, 8000, 80)
    frames = torch.cos(2 * torch.pi * bands / hz[..., None]) - 4
    for _ in range(150):
        loss = vocoder.pitch_loss(frames, hz)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    read = vocoder.pitch.scale.hz(vocoder.pitch(frames))
    assert (12 * torch.log2(read / hz)).abs().median() < 0.5


def test_frames_without_a_pitch_teach_none() -> None:
    vocoder = tiny()
    frames = torch.randn(1, 20, 80)
    hz = torch.full((1, 20), 150.0)
    some = hz.clone()
    some[:, 10:] = 0
    changed = vocoder.pitch.scale.loss(vocoder.pitch(frames)[:, :10], hz[:, :10])
    assert torch.allclose(vocoder.pitch_loss(frames, some), changed)
