"""What every trained vocoder promises, checked over the registry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts
from intone.core.registry import family, names
from intone.core.settings import check
from intone.core.types import MEL_22K
from intone.export.onnx import ByPassage, export_vocoder
from intone.vocoder.training import AdversarialSettings, VocoderTask

VOCODERS = names("vocoder")
FACTS = CorpusFacts(symbols=0, speakers=(), format=MEL_22K)


def build(name: str, preset: str = "tiny") -> Any:
    torch.manual_seed(0)
    found = family("vocoder", name)
    return found.model(check(found.settings, found.presets[preset], where=preset), FACTS).eval()


def batch_of(count: int = 2, frames: int = 12) -> Batch:
    source = torch.Generator().manual_seed(3)
    return Batch(
        ids=tuple("abcdef"[:count]),
        symbols=torch.zeros((count, 1), dtype=torch.int64),
        symbol_lengths=torch.ones(count, dtype=torch.int64),
        speaker=torch.zeros(count, dtype=torch.int64),
        mel=torch.randn((count, frames, 80), generator=source) - 4,
        samples=torch.randn((count, frames * 256), generator=source) * 0.1,
    )


@pytest.mark.parametrize("name", VOCODERS)
@pytest.mark.parametrize("frames", [2, 9, 50])
def test_every_frame_makes_its_hop_of_samples(name: str, frames: int) -> None:
    samples = build(name).render(torch.randn(1, frames, 80) - 4)
    assert samples.shape == (1, frames * 256)
    assert torch.isfinite(samples).all()


@pytest.mark.parametrize("name", [n for n in VOCODERS if not isinstance(build(n), ByPassage)])
def test_a_piece_with_its_context_equals_the_whole(name: str) -> None:
    vocoder = build(name)
    frames = torch.randn(1, 120, 80) - 4
    whole = vocoder.render(frames)
    reach = vocoder.context_frames
    low, high = 50, 65
    piece = vocoder.render(frames[:, low - reach : high + reach])
    cut = piece[:, reach * 256 : (reach + high - low) * 256]
    assert torch.allclose(cut, whole[:, low * 256 : high * 256], atol=1e-5)


@pytest.mark.parametrize("name", VOCODERS)
def test_the_onnx_graph_equals_torch(name: str, tmp_path: Path) -> None:
    assert export_vocoder(build(name), tmp_path / "v.onnx") < 1e-3


@pytest.mark.parametrize("name", VOCODERS)
def test_critics_join_after_the_warmup(name: str) -> None:
    task = VocoderTask(build(name), MEL_22K, AdversarialSettings(warmup_steps=1)).train()
    critic, generator = task.turns()
    batch = batch_of()
    assert critic.losses(batch) == {}
    assert set(generator.losses(batch)) == {"mel", "spectral"}
    assert set(critic.losses(batch)) == {"critic"}
    assert set(generator.losses(batch)) == {"mel", "spectral", "adversarial", "features"}


def test_a_vocoder_that_reads_the_pitch_is_told_it() -> None:
    task = VocoderTask(build("vocos-hn"), MEL_22K, AdversarialSettings(warmup_steps=9)).train()
    batch = replace(batch_of(), pitch_hz=torch.full((2, 12), 140.0))
    losses = task.generator_losses(batch)
    assert set(losses) == {"mel", "spectral", "pitch"}
    losses["pitch"].backward()
    moved = {n for n, p in task.generator.named_parameters() if p.grad is not None}
    assert moved and all(name.startswith("pitch.") for name in moved)


def test_critics_may_rest_between_steps() -> None:
    task = VocoderTask(
        build(VOCODERS[0]), MEL_22K, AdversarialSettings(warmup_steps=0, critic_every=2)
    ).train()
    critic, generator = task.turns()
    moved = []
    for _ in range(4):
        moved.append(bool(critic.losses(batch_of())))
        generator.losses(batch_of())
    assert moved == [True, False, True, False]


@pytest.mark.parametrize("name", VOCODERS)
def test_the_turns_share_no_parameter(name: str) -> None:
    task = VocoderTask(build(name), MEL_22K, AdversarialSettings())
    critic, generator = ({id(p) for p in turn.parameters()} for turn in task.turns())
    assert critic and generator and not critic & generator


def vowels(frames: int = 24) -> torch.Tensor:
    """Two buzzes with a little noise, loud and soft by turns (2, frames * 256)."""
    seconds = torch.arange(frames * 256) / 22050
    harmonics = torch.arange(1, 25)[:, None]
    buzzes = [
        (torch.sin(2 * torch.pi * f0 * seconds * harmonics) / harmonics).sum(0)
        for f0 in (110.0, 190.0)
    ]
    loudness = 0.05 * (1 + torch.sin(2 * torch.pi * 4 * seconds))
    noise = torch.randn(len(seconds), generator=torch.Generator().manual_seed(1))
    return torch.stack(buzzes) * loudness + 0.003 * noise


@pytest.mark.parametrize("name", VOCODERS)
def test_spectral_losses_fall_on_one_batch(name: str) -> None:
    task = VocoderTask(build(name), MEL_22K, AdversarialSettings(warmup_steps=10_000)).train()
    optimiser = torch.optim.Adam(task.generator.parameters(), 2e-3)
    samples = vowels()
    batch = replace(batch_of(frames=24), samples=samples, mel=task.mel(samples)[:, :24])
    spectral = []
    for _ in range(40):
        losses = task.generator_losses(batch)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()
        spectral.append(float(losses["spectral"].detach()))
    assert spectral[-1] < 0.75 * spectral[0]
