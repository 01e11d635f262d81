"""ConvNeXt blocks over time: wide depthwise convolution, then a pointwise bottleneck."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ConvNeXtBlock(nn.Module):
    """Residual block on (B, C, F); ConvNeXt (Liu et al. 2022) in one dimension, as in Vocos.

    Args:
        channels: C.
        hidden: width of the pointwise bottleneck.
        kernel: width of the depthwise convolution, odd.
        scale: initial value of the learned residual scale.
        dilation: frames from one weight of the depthwise convolution to the next.
    """

    def __init__(
        self, channels: int, *, hidden: int, kernel: int = 7, scale: float = 0.1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(
            channels,
            channels,
            kernel,
            padding=kernel // 2 * dilation,
            dilation=dilation,
            groups=channels,
        )
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.widen = nn.Linear(channels, hidden)
        self.activation = nn.GELU()
        self.narrow = nn.Linear(hidden, channels)
        self.scale = nn.Parameter(torch.full((channels,), scale))

    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """`inputs` (B, C, F) → the same shape; `mask` (B, 1, F) keeps padding out of neighbours."""
        if mask is not None:
            inputs = inputs * mask
        hidden = self.depthwise(inputs).transpose(1, 2)  # (B, F, C)
        hidden = self.narrow(self.activation(self.widen(self.norm(hidden))))
        return inputs + (self.scale * hidden).transpose(1, 2)  # (B, C, F)


def convnext_blocks(
    channels: int, *, hidden: int, kernel: int, layers: int, dilations: Sequence[int] = (1,)
) -> nn.ModuleList:
    """As many blocks as `layers`, each adding its share at first; `dilations` over and over."""
    return nn.ModuleList(
        ConvNeXtBlock(
            channels,
            hidden=hidden,
            kernel=kernel,
            scale=1 / layers,
            dilation=dilations[number % len(dilations)],
        )
        for number in range(layers)
    )
