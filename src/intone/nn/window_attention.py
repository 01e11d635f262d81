"""Attention that sees only a window around the symbol that is being spoken."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

NOTHING = -1e4
"""Added to the score of what must not be seen; finite, so that half precision bears it."""


class WindowAttention(nn.Module):
    """Multi-head attention of steps (B, G, Q) over symbols (B, S, C) in a moving window.

    A symbol's score is the product of query and key, and a learned number for how far it
    stands from the spoken one: the location of Chorowski et al. (2015), section 2.2, with the
    place given instead of remembered. What lies further than `window` is never seen.
    """

    def __init__(self, queries: int, channels: int, *, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.query = nn.Linear(queries, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.out = nn.Linear(channels, channels)
        # At first a step looks at the spoken symbol, and little at its neighbours.
        far = torch.arange(-window, window + 1).abs().float()
        self.place = nn.Parameter(-far[None].repeat(heads, 1))  # (heads, W)

    def _split(self, values: Tensor) -> Tensor:
        """(B, N, C) → (B, heads, N, C / heads)."""
        return values.reshape(*values.shape[:2], self.heads, -1).transpose(1, 2)

    def kept(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each (B, S, C), of `memory` (B, S, C)."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return keys, values

    def forward(self, asked: Tensor, memory: Tensor, mask: Tensor, pointers: Tensor) -> Tensor:
        """Answers (B, G, C) to `asked` (B, G, Q), whose steps speak symbols `pointers` (B, G).

        `memory` is (B, S, C), `mask` (B, S) True where real.
        """
        keys, values = self.kept(memory)
        last = mask.sum(dim=1, keepdim=True) - 1
        pointers = torch.minimum(pointers, last)  # steps behind the end look at the last symbol
        at = torch.arange(mask.shape[1], device=mask.device)
        away = at[None, None] - pointers[..., None]  # (B, G, S)
        seen = (away.abs() <= self.window) & mask[:, None]
        places = self.place[:, (away + self.window).clamp(0, 2 * self.window)]  # (heads, B, G, S)
        bias = places.transpose(0, 1).masked_fill(~seen[:, None], NOTHING)  # (B, heads, G, S)
        found = functional.scaled_dot_product_attention(
            self._split(self.query(asked)), self._split(keys), self._split(values), attn_mask=bias
        )
        answers: Tensor = self.out(found.transpose(1, 2).reshape(*asked.shape[:2], -1))
        return answers

    def window_at(
        self, keys: Tensor, values: Tensor, mask: Tensor, pointer: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values (B, W, C) around symbols `pointer` (B,), and holes (B, W).

        A hole is `NOTHING` where the window reaches beyond the text, else 0.
        """
        last = mask.sum(dim=1) - 1
        reach = torch.arange(-self.window, self.window + 1, device=mask.device)
        at = torch.minimum(pointer, last)[:, None] + reach[None]  # (B, W)
        empty = (at < 0) | (at > last[:, None])
        at = at.clamp(0, mask.shape[1] - 1)[..., None].expand(-1, -1, keys.shape[2])
        hole = empty.to(keys.dtype) * NOTHING
        return keys.gather(1, at), values.gather(1, at), hole

    def look(
        self, asked: Tensor, keys: Tensor, values: Tensor, hole: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step: the answer (B, C) to `asked` (B, Q), and where it looked (B, W).

        `keys`, `values` (B, W, C) and `hole` (B, W) are what `window_at` gives.
        """
        query = self._split(self.query(asked)[:, None])  # (B, heads, 1, C / heads)
        scores = (query * self._split(keys)).sum(dim=-1) / query.shape[-1] ** 0.5
        weights = (scores + self.place[None] + hole[:, None]).softmax(dim=-1)  # (B, heads, W)
        found = (weights[..., None] * self._split(values)).sum(dim=2)  # (B, heads, C / heads)
        answer: Tensor = self.out(found.reshape(len(asked), -1))
        return answer, weights.mean(dim=1)
