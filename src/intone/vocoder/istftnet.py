"""iSTFTNet: HiFi-GAN's way up to a quarter of the sample rate, an inverse STFT for the rest.

After "iSTFTNet: Fast and lightweight mel-spectrogram vocoder incorporating inverse short-time
Fourier transform" (Kaneko et al. 2022); the preset `full` is its C8C8I on HiFi-GAN V1.
"""

from __future__ import annotations

import math

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.core.errors import FormatError
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.nn.istft import InverseSTFT
from intone.nn.upsampling import Upsampling, check_stages


class ISTFTNetSettings(Settings):
    """Dimensions of an iSTFTNet generator; product of `rates` times a `hop` must be the frame's."""

    channels: int = Field(512, ge=8, description="width at the frame rate, halved by each stage")
    rates: tuple[int, ...] = Field((8, 8), description="lengthening of each stage")
    kernels: tuple[int, ...] = Field((16, 16), description="width of each stage's way up")
    block_kernels: tuple[int, ...] = Field((3, 7, 11), description="widths of residual blocks, odd")
    dilations: tuple[tuple[int, ...], ...] = Field(
        ((1, 3, 5), (1, 3, 5), (1, 3, 5)), description="dilations of each residual block"
    )
    window: int = Field(16, ge=8, multiple_of=4, description="inverse STFT window, samples")
    hop: int = Field(4, ge=1, description="inverse STFT hop, samples; a divisor of the window")

    @model_validator(mode="after")
    def _must_fit(self) -> ISTFTNetSettings:
        check_stages(
            self.channels,
            rates=self.rates,
            kernels=self.kernels,
            block_kernels=self.block_kernels,
            dilations=self.dilations,
        )
        if self.window % self.hop or (self.window - self.hop) % 2:
            raise ValueError("window must be a multiple of hop, which must be even")
        return self


class ISTFTNet(nn.Module):
    """Mel frames (B, F, bands) → samples (B, F * hop)."""

    def __init__(self, settings: ISTFTNetSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        if (made := math.prod(settings.rates) * settings.hop) != self.format.hop_samples:
            raise FormatError(
                f"model.rates and model.hop make {made} samples of a frame, but the corpus has "
                f"hops of {self.format.hop_samples}; choose rates with that product"
            )
        self.upsampling = Upsampling(
            self.format.bands,
            channels=settings.channels,
            rates=settings.rates,
            kernels=settings.kernels,
            block_kernels=settings.block_kernels,
            dilations=settings.dilations,
            paired=True,
        )
        bins = settings.window // 2 + 1
        self.conv_post = nn.Conv1d(self.upsampling.out_channels, 2 * bins, 7, padding=3)
        self.inverse = InverseSTFT(window=settings.window, hop=settings.hop)

    @property
    def context_frames(self) -> int:
        """Frames on either side that can change a frame's samples."""
        window = (3 * self.settings.hop + self.settings.window) / self.format.hop_samples
        return math.ceil(self.upsampling.reach_frames + window)

    def forward(self, frames: Tensor) -> Tensor:
        hidden = self.upsampling(frames.transpose(1, 2))  # (B, C, F * rates)
        spectrum = self.conv_post(functional.leaky_relu(hidden, 0.01)).transpose(1, 2)
        log_magnitude, turned = spectrum.chunk(2, dim=-1)  # (B, F * rates, bins) each
        # A runaway magnitude early in training would drown every gradient.
        magnitude = log_magnitude.clamp(max=4.0).exp()
        # A sine alone would leave two thirds of the circle out of reach.
        phase = math.pi * torch.sin(turned)
        samples: Tensor = self.inverse(magnitude * torch.cos(phase), magnitude * torch.sin(phase))
        return samples

    @torch.inference_mode()
    def render(self, frames: Tensor) -> Tensor:
        """Samples (B, F * hop) of mel frames (B, F, bands)."""
        samples: Tensor = self(frames)
        return samples


FAMILY = Family(
    name="istftnet",
    summary="HiFi-GAN's first two stages, then a short inverse STFT",
    settings=ISTFTNetSettings,
    model=ISTFTNet,
    presets={
        "tiny": {"channels": 32, "block_kernels": (3,), "dilations": ((1, 3),)},
        "laptop": {"channels": 128},
        "full": {},
    },
)
