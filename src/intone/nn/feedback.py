"""What a model that makes groups of frames is fed of its own past, in training."""

from __future__ import annotations

import torch
from torch import Tensor


def fed_back(groups: Tensor, begin: Tensor) -> Tensor:
    """What each step is fed of the group before it: `groups` (B, G, C), moved by one.

    The first step is fed `begin` (C).
    """
    first = begin[None, None].expand(len(groups), 1, -1)
    return torch.cat([first, groups[:, :-1]], dim=1)


def spoiled(fed: Tensor, begin: Tensor, *, noise: float, withheld: float) -> Tensor:
    """`fed` (B, G, C) as something not to be relied on, since in speech it is the model's own.

    Noise of a random deviation, up to `noise`, is on each row, and the share `withheld` of
    the groups is `begin` (C) instead.
    """
    level = torch.rand((len(fed), 1, 1), device=fed.device) * noise
    noisy = fed + level * torch.randn_like(fed)
    gone = torch.rand((*fed.shape[:2], 1), device=fed.device) < withheld
    return torch.where(gone, begin[None, None], noisy)
