"""The inverse short-time Fourier transform, so that it exports anywhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.fourier import HannFourier


class InverseSTFT(nn.Module):
    """Samples (B, F * hop) of half spectra, real and imaginary parts each (B, F, bins).

    Frame i is centred at (i + 1/2) * hop, as in the mel. Output is divided by the summed
    squared window, so an unmodified spectrum gives back its sound.
    """

    def __init__(self, *, window: int, hop: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.fourier = HannFourier(window)

    def _overlap_add(self, pieces: Tensor) -> Tensor:
        """(B, F, window) windowed pieces, hop apart, summed: (B, F + per - 1, hop)."""
        frames = pieces.shape[1]
        per = self.window // self.hop
        # Each piece is `per` hops long; hop j of piece i lands on output hop i + j.
        blocks = pieces.reshape(pieces.shape[0], frames, per, self.hop)
        total = functional.pad(blocks[:, :, 0], (0, 0, 0, per - 1))
        for j in range(1, per):
            total = total + functional.pad(blocks[:, :, j], (0, 0, j, per - 1 - j))
        return total

    def forward(self, real: Tensor, imaginary: Tensor) -> Tensor:
        return self.joined(self.fourier.pieces_of(real, imaginary))

    def joined(self, pieces: Tensor) -> Tensor:
        """Samples (B, F * hop) of pieces (B, F, window), as `fourier` gives them."""
        total = self._overlap_add(pieces)  # (B, F + per - 1, hop)
        ones = torch.ones_like(pieces[:1, :, :1])  # (1, F, 1)
        per = self.window // self.hop
        # Which hops of a piece reach each hop of the sound, (1, F + per - 1, per).
        reached = torch.cat(
            [functional.pad(ones, (0, 0, j, per - 1 - j)) for j in range(per)], dim=-1
        )
        envelope = reached @ self.fourier.hann.square().view(per, self.hop)
        samples = (total / envelope.clamp(min=1e-4)).flatten(1)  # (B, (F + per - 1) * hop)
        cut = (self.window - self.hop) // 2
        return samples[:, cut : cut + pieces.shape[1] * self.hop]
