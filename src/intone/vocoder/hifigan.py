"""HiFi-GAN: transposed convolutions up to the sample rate, residual blocks of several widths.

After "HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech
Synthesis" (Kong, Kim and Bae 2020); presets V1 (`full`), V2 and V3 of its appendix A.1. The
weights are plain: what was published with weight normalisation is folded when it is read.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.core.errors import FormatError
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.nn.upsampling import Upsampling, check_stages


class HiFiGANSettings(Settings):
    """Dimensions of a HiFi-GAN generator; the product of `rates` must be the hop."""

    channels: int = Field(512, ge=8, description="width at the frame rate, halved by each stage")
    rates: tuple[int, ...] = Field((8, 8, 2, 2), description="lengthening of each stage")
    kernels: tuple[int, ...] = Field((16, 16, 4, 4), description="width of each stage's way up")
    block: Literal["1", "2"] = Field(
        "1", description="residual blocks: 1 of paired convolutions, 2 of single ones"
    )
    block_kernels: tuple[int, ...] = Field((3, 7, 11), description="widths of residual blocks, odd")
    dilations: tuple[tuple[int, ...], ...] = Field(
        ((1, 3, 5), (1, 3, 5), (1, 3, 5)), description="dilations of each residual block"
    )

    @model_validator(mode="after")
    def _must_fit(self) -> HiFiGANSettings:
        check_stages(
            self.channels,
            rates=self.rates,
            kernels=self.kernels,
            block_kernels=self.block_kernels,
            dilations=self.dilations,
        )
        return self


class HiFiGAN(nn.Module):
    """Mel frames (B, F, bands) → samples (B, F * hop)."""

    def __init__(self, settings: HiFiGANSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        if (made := math.prod(settings.rates)) != self.format.hop_samples:
            raise FormatError(
                f"model.rates make {made} samples of a frame, but the corpus has hops of "
                f"{self.format.hop_samples}; choose rates with that product"
            )
        self.upsampling = Upsampling(
            self.format.bands,
            channels=settings.channels,
            rates=settings.rates,
            kernels=settings.kernels,
            block_kernels=settings.block_kernels,
            dilations=settings.dilations,
            paired=settings.block == "1",
        )
        self.conv_post = nn.Conv1d(self.upsampling.out_channels, 1, 7, padding=3)

    @property
    def context_frames(self) -> int:
        """Frames on either side that can change a frame's samples."""
        return math.ceil(self.upsampling.reach_frames + 3 / self.format.hop_samples)

    def forward(self, frames: Tensor) -> Tensor:
        hidden = self.upsampling(frames.transpose(1, 2))  # (B, C, T)
        # The published weights were trained with this smaller slope in the last place.
        samples: Tensor = torch.tanh(self.conv_post(functional.leaky_relu(hidden, 0.01)))
        return samples[:, 0]

    @torch.inference_mode()
    def render(self, frames: Tensor) -> Tensor:
        """Samples (B, F * hop) of mel frames (B, F, bands)."""
        samples: Tensor = self(frames)
        return samples


_V3 = {
    "rates": (8, 8, 4),
    "kernels": (16, 16, 8),
    "block": "2",
    "block_kernels": (3, 5, 7),
    "dilations": ((1, 2), (2, 6), (3, 12)),
}

FAMILY = Family(
    name="hifigan",
    summary="transposed convolutions up to the samples; other people's weights fit",
    settings=HiFiGANSettings,
    model=HiFiGAN,
    presets={
        "tiny": {**_V3, "channels": 32},
        "laptop": {"channels": 64},
        "full": {},
        "v2": {"channels": 128},
        "v3": {**_V3, "channels": 256},
    },
)
