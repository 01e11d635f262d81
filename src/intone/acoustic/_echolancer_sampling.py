"""Which code is said next, of those that the decoder thinks likely."""

from __future__ import annotations

import torch
from torch import Tensor

from intone.core.types import Controls


def drawn(logits: Tensor, controls: Controls, generator: torch.Generator) -> Tensor:
    """Codes (B,) drawn by `logits` (B, N) at a temperature, from the likeliest `top_p` of them.

    Nucleus sampling (Holtzman et al. 2020), section 3.1. One number is drawn for all rows, so
    that what a row says does not depend on those beside it.
    """
    at = torch.rand((1, 1), generator=generator, device=logits.device)
    if not controls.temperature:
        return logits.argmax(dim=-1)
    shares, order = (
        (logits.float() / controls.temperature)
        .softmax(dim=-1)
        .sort(dim=-1, descending=True, stable=True)
    )
    upto = shares.cumsum(dim=-1)  # (B, N)
    shares = shares * (upto - shares < controls.top_p)
    upto = shares.cumsum(dim=-1)
    chosen = (upto <= at * upto[:, -1:]).sum(dim=-1, keepdim=True)
    chosen = torch.minimum(chosen, (shares > 0).sum(dim=-1, keepdim=True) - 1)
    return order.gather(1, chosen)[:, 0]
