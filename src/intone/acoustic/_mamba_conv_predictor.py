"""Durations, pitch and energy of symbols, in a style."""

from __future__ import annotations

from torch import Tensor, nn

from intone.nn.film import FiLM
from intone.nn.variance import VariancePredictor


class StyledPredictor(nn.Module):
    """A variance predictor that a style modulates: (B, S, C) → (B, S), zero on padding."""

    def __init__(self, channels: int, *, style: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.film = FiLM(channels, style=style) if style else None
        self.predict = VariancePredictor(channels, hidden=hidden, kernel=3, dropout=dropout)

    def forward(self, inputs: Tensor, mask: Tensor, style: Tensor | None) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S), `style` (B, D) or None."""
        modulated = inputs if self.film is None else self.film(inputs, style)
        predicted: Tensor = self.predict(modulated, mask)
        return predicted
