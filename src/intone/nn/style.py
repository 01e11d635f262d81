"""`AudioStyleExtractor`: a reference recording → one vector that says how it is spoken."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of


class AudioStyleExtractor(nn.Module):
    """Depthwise, then pointwise convolutions with norms, pooled over real frames only.

    The mean says what a voice is like, the deviation how lively it is; a frame's place says
    nothing. Norms are over channels, so that neither padding nor company changes a style.
    """

    def __init__(
        self, bands: int, *, channels: int, style: int, layers: int = 3, kernel: int = 5
    ) -> None:
        super().__init__()
        widths = [bands, *[channels] * layers]
        self.depthwise = nn.ModuleList(
            nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
            for width in widths[:-1]
        )
        self.pointwise = nn.ModuleList(
            nn.Linear(before, after) for before, after in zip(widths[:-1], widths[1:], strict=True)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(layers))
        self.out = nn.Linear(2 * channels, style)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """`frames` (B, F, bands) at about unit scale, of `lengths` (B,) → (B, D)."""
        real = mask_of(lengths, frames.shape[1])[..., None].to(frames.dtype)  # (B, F, 1)
        hidden = frames * real
        for depthwise, pointwise, norm in zip(
            self.depthwise, self.pointwise, self.norms, strict=True
        ):
            hidden = depthwise(hidden.transpose(1, 2)).transpose(1, 2)
            hidden = functional.relu(norm(pointwise(hidden))) * real  # (B, F, C)
        count = real.sum(dim=1).clamp(min=1.0)  # (B, 1)
        mean = hidden.sum(dim=1) / count  # (B, C)
        spread = ((hidden - mean[:, None]).square() * real).sum(dim=1) / count
        style: Tensor = self.out(torch.cat([mean, (spread + 1e-5).sqrt()], dim=-1))
        return style
