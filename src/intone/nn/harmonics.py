"""A pulse train whose pitch moves, as a sound and as short-time spectra."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.fourier import HannFourier


def phases(pitch_hz: Tensor, *, sample_rate: int, hop: int) -> tuple[Tensor, Tensor, Tensor]:
    """What the pitch of each frame, (B, F) in Hz, says of every sample in it.

    Returns the turns done (0 to 1) at each frame's first sample, and the turns a sample
    there and at its end, each (B, F). Pitch goes in straight lines from border to border
    of the frames, where it is the mean of the frames that meet.
    """
    per_sample = pitch_hz / sample_rate
    padded = functional.pad(per_sample[:, None], (1, 1), mode="replicate")[:, 0]  # (B, F + 2)
    borders = (padded[:, :-1] + padded[:, 1:]) / 2  # (B, F + 1)
    first, last = borders[:, :-1], borders[:, 1:]
    each = ((first + last) * (hop / 2)).double()
    turns = torch.cumsum(each, 1) - each
    return torch.remainder(turns, 1.0).to(pitch_hz.dtype), first, last


def pulses(turns: Tensor, first: Tensor, last: Tensor, *, hop: int) -> Tensor:
    """A train of pulses of power 1 with all harmonics below Nyquist, (B, F * hop).

    The sum of N cosines in closed form, cos((N + 1) x / 2) sin(N x / 2) / sin(x / 2).
    """
    at = torch.arange(hop, dtype=turns.dtype, device=turns.device)
    slope = (last - first)[..., None] / (2 * hop)
    turned = turns[..., None] + first[..., None] * at + slope * at * at  # (B, F, hop)
    # About 0, where the quotient below loses no digits.
    turned = turned - torch.round(turned)
    count = torch.floor(0.5 / torch.maximum(first, last).clamp(min=1e-4))[..., None]
    half = turned * math.pi
    below = torch.sin(half)
    close = below.abs() < 1e-4
    train = torch.cos((count + 1) * half) * torch.sin(count * half)
    train = torch.where(close, count, train / torch.where(close, torch.ones_like(below), below))
    return (train * torch.sqrt(2 / count.clamp(min=1))).flatten(1)


class ShortTimeSpectrum(nn.Module):
    """Samples (B, F * hop) → real and imaginary parts, each (B, F, bins).

    Frame i is centred at (i + 1/2) * hop, as in the mel and in `InverseSTFT`, whose
    `fourier` it may share.
    """

    def __init__(self, fourier: HannFourier, *, hop: int) -> None:
        super().__init__()
        self.fourier = fourier
        self.window, self.hop = 2 * fourier.nyquist, hop

    def pieces_of(self, samples: Tensor) -> Tensor:
        """What each frame sees of samples (B, F * hop), (B, F, window)."""
        around = (self.window - self.hop) // 2
        padded = functional.pad(samples, (around, around))
        per, frames = self.window // self.hop, samples.shape[1] // self.hop
        hops = padded.reshape(samples.shape[0], -1, self.hop)  # (B, F + per - 1, hop)
        return torch.cat([hops[:, j : j + frames] for j in range(per)], dim=-1)

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        return self.fourier.bins_of(self.pieces_of(samples))
