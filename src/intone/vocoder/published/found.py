"""`Published`: somebody else's vocoder in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from intone.vocoder.published.conventions import MelConvention


@dataclass(frozen=True)
class Published:
    """A vocoder of somebody else's, in our words; `source` names it in messages."""

    source: str
    family: str
    settings: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    convention: MelConvention
