"""Any number of vectors → a fixed number of latents, by attention of the latents to them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class CrossAttention(nn.Module):
    """Multi-head attention of some vectors to others that never looks at padding."""

    def __init__(self, channels: int, *, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, asking: Tensor, asked: Tensor, mask: Tensor) -> Tensor:
        """`asking` (B, L, C), `asked` (B, F, C), `mask` (B, F) True where real → (B, L, C)."""
        batch, length, channels = asking.shape
        shape = (batch, -1, self.heads, channels // self.heads)
        query = self.query(asking).reshape(shape).transpose(1, 2)  # (B, heads, L, C / heads)
        key, value = (
            part.reshape(shape).transpose(1, 2) for part in self.key_value(asked).chunk(2, dim=-1)
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


class PerceiverResampler(nn.Module):
    """Learned latents that attend to what they are given, `layers` times.

    After Perceiver (Jaegle et al. 2021) and the resampler of Flamingo (Alayrac et al.
    2022): in each layer the latents see each other as well.
    """

    def __init__(
        self, channels: int, *, latents: int, layers: int, heads: int, dropout: float
    ) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.randn(latents, channels) * channels**-0.5)
        self.layers = nn.ModuleList(
            nn.ModuleDict(
                {
                    "norm_latents": nn.LayerNorm(channels),
                    "norm_given": nn.LayerNorm(channels),
                    "attention": CrossAttention(channels, heads=heads, dropout=dropout),
                    "further": nn.Sequential(
                        nn.LayerNorm(channels),
                        nn.Linear(channels, 2 * channels),
                        nn.GELU(),
                        nn.Linear(2 * channels, channels),
                    ),
                }
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(channels)

    def forward(self, given: Tensor, mask: Tensor) -> Tensor:
        """`given` (B, F, C), `mask` (B, F) True where real → latents (B, L, C)."""
        latents = self.latents[None].expand(given.shape[0], -1, -1)  # (B, L, C)
        seen = functional.pad(mask, (0, latents.shape[1]), value=True)  # (B, F + L)
        for layer in self.layers:
            assert isinstance(layer, nn.ModuleDict)
            own = layer["norm_latents"](latents)
            both = torch.cat([layer["norm_given"](given), own], dim=1)  # (B, F + L, C)
            latents = latents + layer["attention"](own, both, seen)
            latents = latents + layer["further"](latents)
        normed: Tensor = self.norm(latents)
        return normed
