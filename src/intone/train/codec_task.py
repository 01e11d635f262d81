"""How a codec that makes samples is trained: spectral losses, its own, and critics that join late.

It lies here and not in `codec/`, since the critics are the vocoders'. A codec of mel
frames (which has `losses` and `turns` of its own) needs none of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


class CodecLossSettings(Settings):
    """What the losses of a codec weigh, and when the discriminators join."""

    mel: float = Field(15.0, ge=0, description="weight of the mel L1")
    spectral: float = Field(2.0, ge=0, description="weight of the multi-resolution STFT loss")
    sketch: float = Field(
        5.0, ge=0, description="weight of the mel L1 that a codec's own sketch of the frames has"
    )
    pitch: float = Field(
        0.2, ge=0, description="weight of the pitch, for codecs whose decoder says it"
    )
    commitment: float = Field(
        0.25, ge=0, description="weight of how far the encoder lies from its codes"
    )
    adversarial: float = Field(1.0, ge=0, description="weight of the adversarial loss")
    features: float = Field(2.0, ge=0, description="weight of feature matching")
    warmup_steps: int = Field(
        5_000, ge=0, description="steps of spectral losses alone, before the discriminators"
    )
    critic_every: int = Field(
        2, ge=1, description="generator steps to one of the discriminators, which cost the most"
    )


class CodecTask(nn.Module):
    """A codec (`generator`, with `rebuild` and `learn`) and its critics."""

    steps_done: Tensor

    def __init__(self, generator: Any, settings: CodecLossSettings) -> None:
        super().__init__()
        self.generator = generator
        self.settings = settings
        self.discriminators = Discriminators()
        code: FrameFormat = generator.format
        format = FrameFormat(
            sample_rate=code.sample_rate,
            hop_samples=256,
            window_samples=1024,
            high_hz=code.sample_rate / 2,
        )
        self.mel = MelSpectrogram(
            torch.from_numpy(filterbank(format)), window=1024, hop=256, floor=format.floor
        )
        self.spectral = MultiResolutionSpectralLoss()
        self.register_buffer("steps_done", torch.zeros((), dtype=torch.int64))

    @property
    def _critics_joined(self) -> bool:
        return int(self.steps_done) >= self.settings.warmup_steps

    def critic_losses(self, batch: Batch) -> Mapping[str, Tensor]:
        """The discriminators' hinge loss; nothing before they join, or between their steps."""
        if not self._critics_joined or int(self.steps_done) % self.settings.critic_every:
            return {}
        assert batch.samples is not None
        with torch.no_grad():
            made = self.generator.rebuild(batch.samples).samples[:, : batch.samples.shape[1]]
        verdicts = self.discriminators(torch.cat([batch.samples, made]))
        real = [(s[: len(batch)], f) for s, f in verdicts]
        fake = [(s[len(batch) :], f) for s, f in verdicts]
        return {"critic": discriminator_loss(real, fake)}

    def generator_losses(self, batch: Batch) -> Mapping[str, Tensor]:
        """Mel L1, multi-resolution STFT, the coding's own, and what critics that joined say."""
        assert batch.samples is not None
        joined = self._critics_joined
        rebuilt = self.generator.rebuild(batch.samples, batch.pitch_hz)
        if self.training:
            self.generator.learn(rebuilt)
            self.steps_done += 1
        made = rebuilt.samples[:, : batch.samples.shape[1]]
        with torch.autocast(made.device.type, enabled=False):
            losses = {
                "mel": (self.mel(made) - self.mel(batch.samples)).abs().mean(),
                "spectral": self.spectral(made, batch.samples),
                **rebuilt.losses,
                **rebuilt.figures,
            }
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
        """First the discriminators, then the codec against them."""
        names = ("mel", "spectral", "sketch", "pitch", "commitment", "adversarial", "features")
        weights = {name: getattr(self.settings, name) for name in names}
        return [
            Turn("critic", self.discriminators.parameters, self.critic_losses, {}),
            Turn("generator", self.generator.parameters, self.generator_losses, weights),
        ]
