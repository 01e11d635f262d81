"""Attention over sequences, and the sinusoids that say where a position is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def sinusoids(length: int, channels: int, like: Tensor) -> Tensor:
    """Position vectors (length, channels), "Attention is all you need", section 3.5."""
    places = torch.arange(length, device=like.device, dtype=like.dtype)[:, None]
    half = torch.arange(channels // 2, device=like.device, dtype=like.dtype)
    angles = places * torch.exp(half * (-math.log(10_000.0) / (channels // 2)))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class SelfAttention(nn.Module):
    """Multi-head self-attention on (B, S, C) that never looks at padding."""

    def __init__(self, channels: int, *, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.project = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S) True where real → (B, S, C)."""
        batch, length, channels = inputs.shape
        shape = (batch, length, self.heads, channels // self.heads)
        query, key, value = (
            part.reshape(shape).transpose(1, 2)  # (B, heads, S, C / heads)
            for part in self.project(inputs).chunk(3, dim=-1)
        )
        attended = functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=mask[:, None, None, :],
            dropout_p=self.dropout if self.training else 0.0,
        )
        merged: Tensor = self.out(attended.transpose(1, 2).reshape(batch, length, channels))
        return merged
