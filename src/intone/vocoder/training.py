"""How any vocoder is trained: a generator's turn and a discriminators' turn.

The task owns what only training needs (discriminators, mel and spectral losses) and
shares one rendering of the batch between the two turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from pydantic import Field
from torch import Tensor, nn

from intone.audio.mel import filterbank
from intone.core.batch import Batch
from intone.core.protocols import Turn
from intone.core.settings import Settings
from intone.core.types import FrameFormat
from intone.nn.spectral import MelSpectrogram, MultiResolutionSpectralLoss
from intone.vocoder.discriminators import (
    Discriminators,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)


class AdversarialSettings(Settings):
    """What the losses of a vocoder weigh, and when the discriminators join."""

    mel: float = Field(15.0, ge=0, description="weight of the mel L1")
    spectral: float = Field(2.0, ge=0, description="weight of the multi-resolution STFT loss")
    pitch: float = Field(
        0.2, ge=0, description="weight of the pitch, for vocoders that read it off the mel"
    )
    adversarial: float = Field(1.0, ge=0, description="weight of the adversarial loss")
    features: float = Field(2.0, ge=0, description="weight of feature matching")
    warmup_steps: int = Field(
        2_000, ge=0, description="steps of spectral losses alone, before the discriminators"
    )
    critic_every: int = Field(
        1, ge=1, description="generator steps to one of the discriminators, which cost the most"
    )


@runtime_checkable
class PitchReading(Protocol):
    """A vocoder that must learn to read the pitch off its frames."""

    def pitch_loss(self, frames: Tensor, pitch_hz: Tensor) -> Tensor:
        """How wrongly the pitch (B, F) in Hz, 0 where unvoiced, is read off `frames`."""
        ...


class VocoderTask(nn.Module):
    """A vocoder (`generator`: frames (B, F, C) → samples (B, F * hop)) with its critics."""

    def __init__(
        self, generator: nn.Module, format: FrameFormat, settings: AdversarialSettings
    ) -> None:
        super().__init__()
        self.generator = generator
        self.settings = settings
        self.discriminators = Discriminators()
        self.mel = MelSpectrogram(
            torch.from_numpy(filterbank(format)),
            window=format.window_samples,
            hop=format.hop_samples,
            floor=format.floor,
        )
        self.spectral = MultiResolutionSpectralLoss()
        self.register_buffer("steps_done", torch.zeros((), dtype=torch.int64))

    steps_done: Tensor

    @property
    def _critics_joined(self) -> bool:
        return int(self.steps_done) >= self.settings.warmup_steps

    def critic_losses(self, batch: Batch) -> Mapping[str, Tensor]:
        """The discriminators' hinge loss; nothing before they join, or between their steps."""
        if not self._critics_joined or int(self.steps_done) % self.settings.critic_every:
            return {}
        assert batch.mel is not None and batch.samples is not None
        with torch.no_grad():
            made = self.generator(batch.mel)
        verdicts = self.discriminators(torch.cat([batch.samples, made]))
        real = [(s[: len(batch)], f) for s, f in verdicts]
        fake = [(s[len(batch) :], f) for s, f in verdicts]
        return {"critic": discriminator_loss(real, fake)}

    def generator_losses(self, batch: Batch) -> Mapping[str, Tensor]:
        """Mel L1, multi-resolution STFT, pitch, and once they joined, what the critics say."""
        assert batch.mel is not None and batch.samples is not None
        joined = self._critics_joined
        self.steps_done += int(self.training)
        made = self.generator(batch.mel)
        losses = {
            "mel": (self.mel(made) - self.mel(batch.samples)).abs().mean(),
            "spectral": self.spectral(made, batch.samples),
        }
        if isinstance(self.generator, PitchReading) and batch.pitch_hz is not None:
            losses["pitch"] = self.generator.pitch_loss(batch.mel, batch.pitch_hz)
        if joined:
            verdicts = self.discriminators(made)
            with torch.no_grad():
                real = self.discriminators(batch.samples)
            losses["adversarial"] = adversarial_loss(verdicts)
            losses["features"] = feature_loss(real, verdicts)
        return losses

    def losses(self, batch: Batch) -> Mapping[str, Tensor]:
        """The generator's losses, for validation."""
        return self.generator_losses(batch)

    def turns(self) -> list[Turn]:
        """First the discriminators, then the generator against them."""
        weights = {
            name: getattr(self.settings, name)
            for name in ("mel", "spectral", "pitch", "adversarial", "features")
        }
        return [
            Turn("critic", self.discriminators.parameters, self.critic_losses, {}),
            Turn("generator", self.generator.parameters, self.generator_losses, weights),
        ]
