"""Natural-log mels at about unit scale, for models that are fed what they made."""

from __future__ import annotations

from torch import Tensor

MEL_MEAN, MEL_DEVIATION = -6.0, 2.5
"""Of natural-log mels of speech, roughly."""


def scaled(mel: Tensor) -> Tensor:
    """A mel at about unit scale."""
    return (mel - MEL_MEAN) / MEL_DEVIATION


def unscaled(values: Tensor) -> Tensor:
    """The mel that `scaled` made `values` of."""
    return values * MEL_DEVIATION + MEL_MEAN
