"""Discriminators of samples (B, T): by period and by resolution.

Each returns a list of (scores, features): the scores of one sub-discriminator and its
inner layers, for feature matching. Multi-period after HiFi-GAN (Kong et al. 2020),
section 2.3; multi-resolution after UnivNet (Jang et al. 2021), section 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

Verdict = tuple[Tensor, list[Tensor]]


class PeriodDiscriminator(nn.Module):
    """Looks at every `period`-th sample."""

    def __init__(self, period: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.period = period
        widths = [1, *channels]
        strides = [3] * (len(channels) - 1) + [1]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (5, 1), (stride, 1), padding=(2, 0)))
            for a, b, stride in zip(widths[:-1], widths[1:], strides, strict=True)
        )
        self.last = weight_norm(nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, samples: Tensor) -> Verdict:
        short = -samples.shape[-1] % self.period
        padded = functional.pad(samples[:, None], (0, short), mode="reflect")  # (B, 1, T)
        hidden = padded.reshape(padded.shape[0], 1, -1, self.period)  # (B, 1, T / p, p)
        features = []
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), 0.1)
            features.append(hidden)
        return self.last(hidden).flatten(1), features


class ResolutionDiscriminator(nn.Module):
    """Looks at the magnitude spectrogram of one window size."""

    hann: Tensor

    def __init__(self, window: int, channels: int) -> None:
        super().__init__()
        self.window, self.hop = window, window // 4
        self.register_buffer("hann", torch.hann_window(window), persistent=False)
        widths = [1, channels // 2, channels, channels, channels]
        strides = [(2, 1), (2, 1), (2, 1), (2, 2)]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (9, 3), stride, padding=(4, 1)))
            for a, b, stride in zip(widths[:-1], widths[1:], strides, strict=True)
        )
        self.last = weight_norm(nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, samples: Tensor) -> Verdict:
        spectrum = torch.stft(samples, self.window, self.hop, window=self.hann, return_complex=True)
        magnitude = torch.sqrt(torch.view_as_real(spectrum).square().sum(-1) + 1e-7)
        # Compressed, so that weak high bands count beside strong low ones.
        hidden = magnitude.pow(0.3)[:, None]  # (B, 1, bins, F)
        features = []
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), 0.1)
            features.append(hidden)
        return self.last(hidden).flatten(1), features


class Discriminators(nn.Module):
    """All discriminators together, small enough for two CPU cores at the default widths."""

    def __init__(
        self,
        *,
        periods: Sequence[int] = (2, 3, 5, 7, 11),
        period_channels: Sequence[int] = (16, 64, 128, 128),
        windows: Sequence[int] = (2048, 1024, 512),
        resolution_channels: int = 16,
    ) -> None:
        super().__init__()
        self.each = nn.ModuleList(
            [PeriodDiscriminator(p, period_channels) for p in periods]
            + [ResolutionDiscriminator(w, resolution_channels) for w in windows]
        )

    def forward(self, samples: Tensor) -> list[Verdict]:
        return [one(samples) for one in self.each]


def discriminator_loss(real: list[Verdict], made: list[Verdict]) -> Tensor:
    """Hinge loss, averaged over discriminators: real above 1, made below -1."""
    losses = [
        functional.relu(1 - r).mean() + functional.relu(1 + m).mean()
        for (r, _), (m, _) in zip(real, made, strict=True)
    ]
    return torch.stack(losses).mean()


def adversarial_loss(made: list[Verdict]) -> Tensor:
    """Hinge loss of the generator, averaged over discriminators."""
    return torch.stack([functional.relu(1 - scores).mean() for scores, _ in made]).mean()


def feature_loss(real: list[Verdict], made: list[Verdict]) -> Tensor:
    """Mean L1 between the inner layers of real and made, averaged over all layers."""
    losses = [
        (a.detach() - b).abs().mean()
        for (_, ours), (_, theirs) in zip(real, made, strict=True)
        for a, b in zip(ours, theirs, strict=True)
    ]
    return torch.stack(losses).mean()
