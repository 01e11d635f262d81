"""The one way from lengths to masks. True means real."""

from __future__ import annotations

import torch
from torch import Tensor


def mask_of(lengths: Tensor, size: int | None = None) -> Tensor:
    """Mask (B, size) of sequences of `lengths` (B,); `size` defaults to the longest."""
    if size is None:
        size = int(lengths.max())
    return torch.arange(size, device=lengths.device)[None, :] < lengths[:, None]  # (B, size)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Scalar mean of `values` over the places where `mask`, of the same shape or (B, F), is True.

    A trailing channel axis that `mask` lacks is averaged over as well.
    """
    weights = mask.to(values.dtype)
    if values.dim() > mask.dim():
        values = values.mean(dim=-1)
    return (values * weights).sum() / weights.sum().clamp(min=1.0)
