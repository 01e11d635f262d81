"""A reference recording → latents that say whose voice it is."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of
from intone.nn.perceiver import PerceiverResampler
from intone.nn.stacks import FFTStack


class ReferenceEncoder(nn.Module):
    """Transformer over groups of mel frames, then a Perceiver: any length → `latents` vectors.

    Args:
        bands: mel bands of a frame.
        group: how many frames are read as one vector.
        channels: width inside.
        out: width of the latents that come out.
    """

    def __init__(
        self,
        bands: int,
        *,
        group: int,
        channels: int,
        out: int,
        layers: int,
        heads: int,
        latents: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.group = group
        self.widen = nn.Linear(group * bands, channels)
        self.encoder = FFTStack(
            channels,
            layers=layers,
            hidden=2 * channels,
            kernel=3,
            heads=heads,
            dropout=dropout,
        )
        self.resample = PerceiverResampler(
            channels, latents=latents, layers=2, heads=heads, dropout=dropout
        )
        self.out = nn.Linear(channels, out)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """`frames` (B, F, bands) of `lengths` (B,), at about unit scale → (B, L, out)."""
        batch, count, bands = frames.shape
        real = mask_of(lengths, count)[..., None].to(frames.dtype)
        whole = -(-count // self.group) * self.group
        grouped = functional.pad(frames * real, (0, 0, 0, whole - count))
        grouped = grouped.reshape(batch, -1, self.group * bands)  # (B, F / group, group * bands)
        mask = mask_of((lengths + self.group - 1) // self.group, grouped.shape[1])
        return self.encode(grouped, mask)

    def encode(self, grouped: Tensor, mask: Tensor) -> Tensor:
        """Latents (B, L, out) of groups of frames (B, N, group * bands); `mask` (B, N)."""
        hidden = self.encoder(self.widen(grouped), mask)
        latents: Tensor = self.out(self.resample(hidden, mask))
        return latents


def random_excerpts(
    frames: Tensor, lengths: Tensor, *, least: int, most: int
) -> tuple[Tensor, Tensor]:
    """A stretch of each row of `frames` (B, F, C), of a length drawn from `least` to `most`.

    Returns the stretches, padded, and their lengths; a shorter row is taken whole.
    """
    wanted = int(torch.randint(least, most + 1, ()))
    room = (lengths - wanted).clamp(min=0)
    starts = (torch.rand(len(lengths), device=frames.device) * (room + 1)).long()  # (B,)
    count = min(wanted, frames.shape[1])
    places = starts[:, None] + torch.arange(count, device=frames.device)  # (B, count)
    places = places.clamp(max=frames.shape[1] - 1)
    cut = frames.gather(1, places[..., None].expand(-1, -1, frames.shape[2]))
    return cut, (lengths - starts).clamp(max=count)
