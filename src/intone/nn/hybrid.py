"""`HybridStack`: a selective memory of what was, convolutions over what is around, fused.

The forward branch reads from the first place to the last. The backward branch brings what
comes: convolutions of several reaches, side by side. A style modulates every layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.film import FiLM
from intone.nn.mamba import Mamba

Branches = Literal["both", "forward", "backward"]


class MultiScaleConv(nn.Module):
    """Depthwise convolutions of one width at several dilations, then a pointwise one.

    (B, L, C) → (B, L, C); each dilation has its own share of C, so that reach is free.
    """

    def __init__(self, channels: int, *, kernel: int, dilations: Sequence[int]) -> None:
        super().__init__()
        share = channels // len(dilations)
        self.widths = [share] * (len(dilations) - 1) + [channels - share * (len(dilations) - 1)]
        self.scales = nn.ModuleList(
            nn.Conv1d(
                width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation,
                groups=width,
            )
            for width, dilation in zip(self.widths, dilations, strict=True)
        )  # fmt: skip
        self.mix = nn.Linear(channels, channels)

    def forward(self, inputs: Tensor) -> Tensor:
        """`inputs` (B, L, C), zeros where nothing is."""
        parts = inputs.transpose(1, 2).split(self.widths, dim=1)
        scaled = [scale(part) for scale, part in zip(self.scales, parts, strict=True)]
        mixed: Tensor = self.mix(torch.cat(scaled, dim=1).transpose(1, 2))
        return mixed


class HybridBlock(nn.Module):
    """Norm, FiLM, both branches, their fusion, and the residual."""

    def __init__(
        self,
        channels: int,
        *,
        inner: int,
        state: int,
        kernel: int,
        dilations: Sequence[int],
        style: int,
        dropout: float,
        branches: Branches,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.film = FiLM(channels, style=style) if style else None
        self.forwards = (
            None
            if branches == "backward"
            else Mamba(channels, inner=inner, head=min(64, inner), state=state)
        )
        self.backwards = (
            None
            if branches == "forward"
            else MultiScaleConv(channels, kernel=kernel, dilations=dilations)
        )
        self.fuse = nn.Linear((1 + (branches == "both")) * channels, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, real: Tensor, style: Tensor | None) -> Tensor:
        """`inputs` (B, L, C), `real` (B, L, 1) of zeros and ones, `style` (B, D) → (B, L, C)."""
        hidden = self.norm(inputs)
        if self.film is not None:
            hidden = self.film(hidden, style)
        hidden = hidden * real
        seen = [branch(hidden) for branch in (self.forwards, self.backwards) if branch is not None]
        fused = self.fuse(functional.silu(torch.cat(seen, dim=-1)))
        out: Tensor = (inputs + self.dropout(fused)) * real
        return out


class HybridStack(nn.Module):
    """`layers` of `HybridBlock` and a norm; linear in length.

    Args:
        channels: C.
        layers: blocks.
        inner: width inside the forward branch.
        state: numbers of memory for each channel there.
        kernel: width of the backward branch's convolutions, odd.
        dilations: their reaches.
        style: width of the style; 0 is none.
        dropout: of what each block adds.
        branches: both, or one alone.
    """

    def __init__(
        self,
        channels: int,
        *,
        layers: int,
        inner: int,
        state: int,
        kernel: int,
        dilations: Sequence[int],
        style: int,
        dropout: float,
        branches: Branches,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            HybridBlock(
                channels,
                inner=inner,
                state=state,
                kernel=kernel,
                dilations=dilations,
                style=style,
                dropout=dropout,
                branches=branches,
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(channels)

    def forward(self, inputs: Tensor, mask: Tensor, style: Tensor | None) -> Tensor:
        """`inputs` (B, L, C), `mask` (B, L), `style` (B, D) or None → (B, L, C)."""
        real = mask[..., None].to(inputs.dtype)  # (B, L, 1)
        hidden = inputs * real
        for block in self.blocks:
            hidden = block(hidden, real, style)
        out: Tensor = self.norm(hidden) * real
        return out
