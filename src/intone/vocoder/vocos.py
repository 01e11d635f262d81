"""Vocos: a ConvNeXt backbone at the frame rate, a Fourier head, an inverse STFT.

After "Vocos: Closing the gap between time-domain and Fourier-based neural vocoders"
(Siuzdak 2023), section 3; magnitude and phase as in equation 4.
"""

from __future__ import annotations

import math

import torch
from pydantic import Field
from torch import Tensor, nn

from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.nn.convnext import convnext_blocks
from intone.nn.istft import InverseSTFT


class VocosSettings(Settings):
    """Dimensions of a Vocos generator."""

    channels: int = Field(256, ge=8, description="width of the backbone")
    hidden: int = Field(768, ge=8, description="width inside each ConvNeXt block")
    layers: int = Field(6, ge=1, description="ConvNeXt blocks")
    kernel: int = Field(7, ge=3, description="width of each depthwise convolution, odd")
    window: int = Field(1024, ge=64, multiple_of=4, description="inverse STFT window, samples")
    loudest: float = Field(1096.0, gt=0, description="what the magnitude of a bin is limited to")


class Vocos(nn.Module):
    """Mel frames (B, F, bands) → samples (B, F * hop)."""

    def __init__(self, settings: VocosSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        channels = settings.channels
        self.embed = nn.Conv1d(self.format.bands, channels, settings.kernel, padding="same")
        self.norm_in = nn.LayerNorm(channels, eps=1e-6)
        self.blocks = convnext_blocks(
            channels, hidden=settings.hidden, kernel=settings.kernel, layers=settings.layers
        )
        self.norm_out = nn.LayerNorm(channels, eps=1e-6)
        bins = settings.window // 2 + 1
        self.head = nn.Linear(channels, 2 * bins)
        self.inverse = InverseSTFT(window=settings.window, hop=self.format.hop_samples)
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    @property
    def context_frames(self) -> int:
        """Frames on either side that can change a frame's samples."""
        reach = (self.settings.kernel // 2) * (self.settings.layers + 1)
        return reach + self.settings.window // self.format.hop_samples

    def forward(self, frames: Tensor) -> Tensor:
        hidden = self.embed(frames.transpose(1, 2))  # (B, C, F)
        hidden = self.norm_in(hidden.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            hidden = block(hidden)
        spectrum = self.head(self.norm_out(hidden.transpose(1, 2)))
        log_magnitude, phase = spectrum.chunk(2, dim=-1)  # (B, F, bins) each
        # A runaway magnitude early in training would drown every gradient.
        magnitude = log_magnitude.clamp(max=math.log(self.settings.loudest)).exp()
        return self.inverse(magnitude * torch.cos(phase), magnitude * torch.sin(phase))

    @torch.inference_mode()
    def render(self, frames: Tensor) -> Tensor:
        """Samples (B, F * hop) of mel frames (B, F, bands)."""
        samples: Tensor = self(frames)
        return samples


FAMILY = Family(
    name="vocos",
    summary="ConvNeXt backbone with an inverse STFT head; small and fast",
    settings=VocosSettings,
    model=Vocos,
    presets={
        "tiny": {"channels": 32, "hidden": 64, "layers": 2},
        "laptop": {},
        "full": {"channels": 512, "hidden": 1536, "layers": 8},
    },
)
