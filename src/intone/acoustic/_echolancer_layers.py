"""The layers of `echolancer`: attention with or without ALiBi, feed-forward, and their stacks.

All attention takes a `bias`, float and added to the scores: distance that is penalised, and
minus infinity where nothing may be seen. ALiBi is "Train short, test long" (Press et al.
2022), section 3; rotary positions are RoFormer's (Su et al. 2021), equation 34.

Dropout is on what a part adds and not within it, where it would take a fifth of each step on a
processor, and attention its fastest way.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

Cache = tuple[Tensor, Tensor]
"""Keys and values, each (B, heads, positions, C / heads)."""

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "gelu": functional.gelu,
}


def slopes(heads: int, alpha: float) -> Tensor:
    """What a unit of distance costs each head (heads): `alpha` times powers of 2^(-8/heads)."""
    return alpha * 2.0 ** (-8.0 * torch.arange(1, heads + 1) / heads)


def bias_of(distance: Tensor, seen: Tensor, penalty: Tensor | None) -> Tensor:
    """Scores to add, (B, heads or 1, Q, K), for `distance` and `seen`, both (B or 1, Q, K).

    `penalty` (heads) is what a unit of distance costs, None where it costs nothing.
    """
    far = distance.abs()[:, None].to(torch.get_default_dtype())
    cost = torch.zeros_like(far) if penalty is None else -penalty[:, None, None] * far
    return cost.masked_fill(~seen[:, None], float("-inf"))


def rotated(values: Tensor, places: Tensor) -> Tensor:
    """`values` (B, heads, N, D) turned by angles that their `places` (N,) say."""
    half = values.shape[-1] // 2
    steps = torch.arange(half, device=values.device, dtype=values.dtype)
    angles = places.to(values.dtype)[:, None] * 10_000.0 ** (-steps / half)  # (N, D / 2)
    first, second = values[..., :half], values[..., half:]
    cosine, sine = angles.cos(), angles.sin()
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)


def split_heads(values: Tensor, heads: int) -> Tensor:
    """(B, N, C) → (B, heads, N, C / heads)."""
    return values.unflatten(-1, (heads, -1)).transpose(1, 2)


def attended(query: Tensor, cache: Cache, bias: Tensor) -> Tensor:
    """What `query` (B, heads, Q, D) finds in a cache of K positions: (B, Q, heads * D)."""
    found = functional.scaled_dot_product_attention(query, *cache, attn_mask=bias.to(query.dtype))
    return found.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """Attention of a sequence to itself; query, key and value come of one matrix."""

    def __init__(self, channels: int, *, heads: int, rotary: bool) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.project = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(
        self, inputs: Tensor, bias: Tensor, places: Tensor, past: Cache | None = None
    ) -> tuple[Tensor, Cache]:
        """`inputs` (B, N, C) at `places` (N,) → (B, N, C), and their own keys and values.

        `bias` is over the positions of `past`, which come first, and those of `inputs`.
        """
        query, key, value = (
            split_heads(part, self.heads) for part in self.project(inputs).chunk(3, dim=-1)
        )
        if self.rotary:
            query, key = rotated(query, places), rotated(key, places)
        own = (key, value)
        seen = own
        if past is not None:
            seen = (torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2))
        return self.out(attended(query, seen, bias)), own


class CrossAttention(nn.Module):
    """Attention of frames to text; query, key and value have matrices of their own."""

    def __init__(self, channels: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, channels)

    def remember(self, text: Tensor) -> Cache:
        """Keys and values of `text` (B, S, C)."""
        return split_heads(self.key(text), self.heads), split_heads(self.value(text), self.heads)

    def forward(self, inputs: Tensor, text: Cache, bias: Tensor) -> Tensor:
        """`inputs` (B, N, C) and what `remember` made of the text → (B, N, C)."""
        query = split_heads(self.query(inputs), self.heads)
        out: Tensor = self.out(attended(query, text, bias))
        return out

    def looks(self, inputs: Tensor, text: Cache, bias: Tensor, heads: int) -> Tensor:
        """Where the first `heads` heads look: shares (B, heads, N, S)."""
        query = split_heads(self.query(inputs), self.heads)[:, :heads]
        scores = query @ text[0][:, :heads].transpose(-1, -2) * query.shape[-1] ** -0.5
        return (scores + bias[:, :heads]).softmax(dim=-1)


class FeedForward(nn.Module):
    """Two matrices and an activation between them; what is not real comes out as zero."""

    def __init__(self, channels: int, *, hidden: int, activation: str) -> None:
        super().__init__()
        self.widen = nn.Linear(channels, hidden)
        self.narrow = nn.Linear(hidden, channels)
        self.activation = ACTIVATIONS[activation]

    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """`inputs` (B, N, C), `mask` (B, N) True where real → (B, N, C)."""
        out: Tensor = self.narrow(self.activation(self.widen(inputs)))
        return out if mask is None else out.masked_fill(~mask[..., None], 0.0)


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward, each behind a norm and added to what came in."""

    def __init__(
        self,
        channels: int,
        *,
        heads: int,
        hidden: int,
        activation: str,
        dropout: float,
        rotary: bool,
    ) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = SelfAttention(channels, heads=heads, rotary=rotary)
        self.norm_forward = nn.LayerNorm(channels)
        self.feed = FeedForward(channels, hidden=hidden, activation=activation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor, bias: Tensor, places: Tensor) -> Tensor:
        """`inputs` (B, S, C) with `mask` (B, S) and `bias` (B, heads, S, S) → (B, S, C)."""
        found, _ = self.attention(self.norm_attention(inputs), bias, places)
        hidden = inputs + self.dropout(found)
        out: Tensor = hidden + self.dropout(self.feed(self.norm_forward(hidden), mask))
        return out


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention, feed-forward, each behind a norm and added."""

    def __init__(
        self,
        channels: int,
        *,
        heads: int,
        hidden: int,
        activation: str,
        dropout: float,
        rotary: bool,
    ) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = SelfAttention(channels, heads=heads, rotary=rotary)
        self.norm_cross = nn.LayerNorm(channels)
        self.cross = CrossAttention(channels, heads=heads)
        self.norm_forward = nn.LayerNorm(channels)
        self.feed = FeedForward(channels, hidden=hidden, activation=activation)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        inputs: Tensor,
        text: Cache,
        own_bias: Tensor,
        text_bias: Tensor,
        places: Tensor,
        past: Cache | None = None,
        watched: int = 0,
    ) -> tuple[Tensor, Cache, Tensor | None]:
        """`inputs` (B, N, C) → (B, N, C), their keys and values, where `watched` heads look.

        `own_bias` is over the past and `inputs`, `text_bias` over the S symbols of `text`.
        """
        found, made = self.attention(self.norm_attention(inputs), own_bias, places, past)
        hidden = inputs + self.dropout(found)
        asking = self.norm_cross(hidden)
        looks = self.cross.looks(asking, text, text_bias, watched) if watched else None
        hidden = hidden + self.dropout(self.cross(asking, text, text_bias))
        hidden = hidden + self.dropout(self.feed(self.norm_forward(hidden)))
        return hidden, made, looks


def placed(places: Tensor, like: Tensor) -> Tensor:
    """Sinusoids (N, C) of `places` (N,), as wide as `like`; Vaswani et al. 2017, section 3.5."""
    half = like.shape[-1] // 2
    steps = torch.arange(half, device=like.device, dtype=like.dtype)
    angles = places.to(like.dtype)[:, None] * 10_000.0 ** (-steps / half)
    return torch.cat([angles.sin(), angles.cos()], dim=1)
