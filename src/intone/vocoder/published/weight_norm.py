"""Weight normalisation, folded: a direction and its length become one weight."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_PAIRS = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)
"""Length and direction, as torch named them up to release 1 and names them since release 2."""


def folded(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` with every length and direction put together under the name of their weight."""
    made = dict(weights)
    for length_name, direction_name in _PAIRS:
        for name in [key for key in made if key.endswith(f".{length_name}")]:
            layer = name.removesuffix(length_name)
            if f"{layer}{direction_name}" not in made:
                continue
            length = made.pop(name)
            direction = made.pop(f"{layer}{direction_name}")
            across = [axis for axis in range(direction.ndim) if length.shape[axis] == 1]
            norm = torch.linalg.vector_norm(direction, dim=across, keepdim=True)
            made[f"{layer}weight"] = direction * (length / norm)
    return made
