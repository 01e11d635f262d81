"""Transposed convolutions with residual blocks of several widths: HiFi-GAN's way up.

After "HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech
Synthesis" (Kong, Kim and Bae 2020), section 2.2 and appendix A.1. The names of the parts are
those of the published weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from operator import mul

from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.1


def check_stages(
    channels: int,
    *,
    rates: Sequence[int],
    kernels: Sequence[int],
    block_kernels: Sequence[int],
    dilations: Sequence[Sequence[int]],
) -> None:
    """Raise `ValueError`, naming what does not fit, unless `Upsampling` can be so built."""
    if not rates or len(rates) != len(kernels):
        raise ValueError("rates and kernels must be equally many")
    if not dilations or len(block_kernels) != len(dilations):
        raise ValueError("block_kernels and dilations must be equally many")
    if any(r < 1 or k < r or (k - r) % 2 for r, k in zip(rates, kernels, strict=True)):
        raise ValueError("each of kernels must be its rate plus an even number")
    if any(kernel % 2 == 0 for kernel in block_kernels):
        raise ValueError("block_kernels must be odd")
    if channels % (1 << len(rates)):
        raise ValueError(f"channels must be a multiple of {1 << len(rates)}")


def _convolution(channels: int, kernel: int, dilation: int) -> nn.Conv1d:
    reach = dilation * (kernel - 1) // 2
    return nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=reach)


class PairedBlock(nn.Module):
    """Residual block on (B, C, T): each dilated convolution is followed by a plain one."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.reach = sum((kernel - 1) // 2 * (d + 1) for d in dilations)
        self.convs1 = nn.ModuleList(_convolution(channels, kernel, d) for d in dilations)
        self.convs2 = nn.ModuleList(_convolution(channels, kernel, 1) for _ in dilations)

    def forward(self, hidden: Tensor) -> Tensor:
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            inner = dilated(functional.leaky_relu(hidden, SLOPE))
            hidden = hidden + plain(functional.leaky_relu(inner, SLOPE))
        return hidden


class SingleBlock(nn.Module):
    """Residual block on (B, C, T) of dilated convolutions alone."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.reach = sum((kernel - 1) // 2 * d for d in dilations)
        self.convs = nn.ModuleList(_convolution(channels, kernel, d) for d in dilations)

    def forward(self, hidden: Tensor) -> Tensor:
        for dilated in self.convs:
            hidden = hidden + dilated(functional.leaky_relu(hidden, SLOPE))
        return hidden


class Upsampling(nn.Module):
    """Frames (B, bands, F) → hidden (B, `out_channels`, F * product of `rates`).

    Args:
        bands: channels that come in.
        channels: width at the frame rate; each stage halves it.
        rates: how many times as long each stage makes its input.
        kernels: width of each stage's transposed convolution.
        block_kernels: widths of the residual blocks, which run side by side.
        dilations: dilations of each residual block.
        paired: whether a block's dilated convolutions are followed by plain ones.
    """

    def __init__(
        self,
        bands: int,
        *,
        channels: int,
        rates: Sequence[int],
        kernels: Sequence[int],
        block_kernels: Sequence[int],
        dilations: Sequence[Sequence[int]],
        paired: bool,
    ) -> None:
        super().__init__()
        self._side_by_side = len(block_kernels)
        self.conv_pre = nn.Conv1d(bands, channels, 7, padding=3)
        widths = [channels >> stage for stage in range(len(rates) + 1)]
        self.out_channels = widths[-1]
        self.ups = nn.ModuleList(
            nn.ConvTranspose1d(
                widths[i], widths[i + 1], kernel, stride=rate, padding=(kernel - rate) // 2
            )
            for i, (rate, kernel) in enumerate(zip(rates, kernels, strict=True))
        )
        kind = PairedBlock if paired else SingleBlock
        self.resblocks = nn.ModuleList(
            kind(width, kernel, each)
            for width in widths[1:]
            for kernel, each in zip(block_kernels, dilations, strict=True)
        )
        # What one stage sees is counted in its own steps; the frame has ever more of them.
        reach = 3.0
        for stage, total in enumerate(accumulate(rates, mul)):
            before = total / rates[stage]
            reach += math.ceil(kernels[stage] / rates[stage] / 2) / before
            reach += max(block.reach for block in self._blocks_of(stage)) / total  # type: ignore[type-var]
        self.reach_frames = reach

    def _blocks_of(self, stage: int) -> list[nn.Module]:
        start = stage * self._side_by_side
        return list(self.resblocks[start : start + self._side_by_side])

    def forward(self, frames: Tensor) -> Tensor:
        hidden = self.conv_pre(frames)
        for stage, up in enumerate(self.ups):
            hidden = up(functional.leaky_relu(hidden, SLOPE))
            total = sum(block(hidden) for block in self._blocks_of(stage))
            hidden = total / self._side_by_side
        return hidden
