"""`FiLM`: a style scales and shifts channels (Perez et al. 2018, "FiLM", equation 2)."""

from __future__ import annotations

from torch import Tensor, nn


class FiLM(nn.Module):
    """(B, L, C) scaled by 1 + gamma and shifted by beta, both made of a style (B, D).

    Without a style nothing changes; nor does it in a layer that has not learned yet. A row
    without one may lie beside rows that have one: its style is zeros, which do nothing.
    """

    def __init__(self, channels: int, *, style: int) -> None:
        super().__init__()
        # Without a bias: what a style does is then nothing at all where the style is nothing.
        self.out = nn.Linear(style, 2 * channels, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, inputs: Tensor, style: Tensor | None) -> Tensor:
        """`inputs` (B, L, C), `style` (B, D) or None → (B, L, C)."""
        if style is None:
            return inputs
        gamma, beta = self.out(style)[:, None].chunk(2, dim=-1)  # (B, 1, C) each
        return inputs * (1 + gamma) + beta
