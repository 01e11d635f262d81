"""Losses over padded sequences, as modules: what stands behind an end does not count."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of, masked_mean


class MaskedMAE(nn.Module):
    """Mean absolute error of (B, L) or (B, L, C) over the first `lengths` (B,) places."""

    def forward(self, made: Tensor, wanted: Tensor, lengths: Tensor) -> Tensor:
        """A scalar; the same whatever a batch was padded with."""
        return masked_mean((made - wanted).abs(), mask_of(lengths, made.shape[1]))


class MaskedBCE(nn.Module):
    """Binary cross-entropy of logits (B, L) over the first `lengths` (B,) places."""

    def forward(self, logits: Tensor, wanted: Tensor, lengths: Tensor) -> Tensor:
        """A scalar; `wanted` (B, L) is 0 to 1."""
        found = functional.binary_cross_entropy_with_logits(
            logits, wanted.to(logits.dtype), reduction="none"
        )
        return masked_mean(found, mask_of(lengths, logits.shape[1]))
