"""Does what `mamba-conv` says fit the style it was told, or another speaker's?

A contrast over the batch (InfoNCE, van den Oord et al. 2018, section 2.3): the style of an
utterance's tokens must be nearer to the references of its own speaker than to others'. An
utterance and its reference are never the same recording, so that nothing is compared to itself.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

TEMPERATURE = 0.1


class SpokenStyle(nn.Module):
    """The style of tokens, as far as their mix tells it: (B, C) → (B, D)."""

    def __init__(self, channels: int, *, style: int) -> None:
        super().__init__()
        self.inside = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, style)

    def forward(self, pooled: Tensor) -> Tensor:
        """`pooled` (B, C) is the mean embedding of an utterance's tokens."""
        styles: Tensor = self.out(functional.gelu(self.inside(pooled)))
        return styles


def mean_embedding(
    logits: Tensor, codes: Tensor, hidden: Tensor, mask: Tensor, table: Tensor
) -> Tensor:
    """The mean embedding (B, C) of an utterance's tokens, with expected ones where `hidden`.

    `logits` (B, F, K, V), `codes` (B, F, K), `hidden` (B, F, K), `mask` (B, F); `table`
    (K, V + 1, C) embeds each codebook's codes and, last, a code that is not known. Gradients
    reach the logits.
    """
    size = logits.shape[-1]
    wanted = hidden & mask[..., None]
    shown = ~hidden & mask[..., None]
    expected = (logits.softmax(dim=-1) * wanted[..., None]).sum(dim=1)  # (B, K, V)
    there = torch.zeros_like(expected).scatter_add(
        2, codes.clamp(max=size - 1).transpose(1, 2), shown.transpose(1, 2).to(expected.dtype)
    )
    mix = (expected + there) / mask.sum(dim=1).clamp(min=1)[:, None, None]
    return torch.einsum("bkv,kvc->bc", mix, table[:, :size])


def style_contrast(spoken: Tensor, references: Tensor, speaker: Tensor) -> Tensor:
    """How surely each of `spoken` (B, D) is taken for another than its `speaker` (B,).

    0 where the batch knows one speaker only: there is nobody to be confused with.
    """
    likeness = functional.normalize(spoken, dim=1) @ functional.normalize(references, dim=1).T
    scores = (likeness / TEMPERATURE).log_softmax(dim=1)  # (B, B)
    own = speaker[:, None] == speaker[None]
    return -scores.masked_fill(~own, float("-inf")).logsumexp(dim=1).mean()
