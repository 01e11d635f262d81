"""Two interchangeable stacks on (B, S, C): `FFTStack` as FastSpeech has it, `ConvStack` for speed.

Both keep padding out of everything: what stands behind a sequence's end cannot change it.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from intone.nn.attention import SelfAttention, sinusoids
from intone.nn.convnext import ConvNeXtBlock


class FFTBlock(nn.Module):
    """Self-attention, then two convolutions; FastSpeech (Ren et al. 2019), figure 1(b)."""

    def __init__(
        self, channels: int, *, hidden: int, kernel: int, heads: int, dropout: float
    ) -> None:
        super().__init__()
        self.attention = SelfAttention(channels, heads=heads, dropout=dropout)
        self.norm_attention = nn.LayerNorm(channels)
        self.widen = nn.Conv1d(channels, hidden, kernel, padding=kernel // 2)
        self.narrow = nn.Conv1d(hidden, channels, 1)
        self.norm_out = nn.LayerNorm(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S) → (B, S, C)."""
        real = mask[..., None].to(inputs.dtype)
        attended = self.attention(inputs, mask)
        inputs = self.norm_attention(inputs + self.dropout(attended)) * real
        hidden = functional.relu(self.widen(inputs.transpose(1, 2)))  # (B, hidden, S)
        hidden = self.narrow(hidden).transpose(1, 2)  # (B, S, C)
        out: Tensor = self.norm_out(inputs + self.dropout(hidden)) * real
        return out


class FFTStack(nn.Module):
    """Positions, then `layers` of `FFTBlock`."""

    def __init__(
        self,
        channels: int,
        *,
        layers: int,
        hidden: int,
        kernel: int,
        heads: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            FFTBlock(channels, hidden=hidden, kernel=kernel, heads=heads, dropout=dropout)
            for _ in range(layers)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S) → (B, S, C)."""
        hidden = self.dropout(inputs + sinusoids(inputs.shape[1], inputs.shape[2], inputs))
        hidden = hidden * mask[..., None].to(inputs.dtype)
        for block in self.blocks:
            hidden = block(hidden, mask)
        return hidden


class ConvStack(nn.Module):
    """`layers` of depthwise-separable ConvNeXt blocks and a norm; linear in length."""

    def __init__(
        self, channels: int, *, layers: int, hidden: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(channels, hidden=hidden, kernel=kernel, scale=0.3) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S) → (B, S, C)."""
        real = mask[:, None, :].to(inputs.dtype)  # (B, 1, S)
        hidden = inputs.transpose(1, 2)  # (B, C, S)
        for block in self.blocks:
            hidden = block(hidden, real)
        out: Tensor = self.dropout(self.norm((hidden * real).transpose(1, 2)))
        return out * mask[..., None].to(inputs.dtype)
