"""What the codebooks behind the first say in a step of `echolancer`, one after the other."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class FurtherCodebooks(nn.Module):
    """How likely each code of the codebooks behind the first is, in the same step.

    Each codebook knows those before it, as in RQ-Transformer (Lee et al. 2022, section 3.2.2),
    by a network of one hidden layer in place of a second Transformer.

    Args:
        further: codebooks behind the first.
        size: codes of each codebook.
        width: of what a step is told and of what it made.
    """

    def __init__(self, further: int, size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.fed = nn.Embedding(further * size, width)
        nn.init.normal_(self.fed.weight, std=width**-0.5)
        self.known = nn.Embedding(further * size, width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)
        self.heads = nn.ModuleList(nn.Linear(width, size) for _ in range(further))
        self.register_buffer("first", torch.arange(further) * size, persistent=False)

    first: Tensor

    def told(self, codes: Tensor) -> Tensor:
        """What a step is told of these codes of the step before: (..., K - 1) → (..., C)."""
        told: Tensor = self.fed(codes + self.first).sum(dim=-2)
        return told

    def forward(self, hidden: Tensor, known: Tensor) -> Tensor:
        """Logits (..., K - 1, codes) of what steps made, (..., C).

        `known` (..., K - 1) are the codes of all codebooks but the last; those of a codebook and
        of later ones do not change its own logits.
        """
        before = self.known(known + self.first).cumsum(dim=-2)  # (..., K - 1, C)
        each = hidden[..., None, :] + before
        each = each + self.narrow(functional.gelu(self.widen(self.norm(each))))
        logits = [head(each[..., number, :]) for number, head in enumerate(self.heads)]
        return torch.stack(logits, dim=-2)
