"""The inverse short-time Fourier transform, so that it exports anywhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.fourier import RealFourier


class InverseSTFT(nn.Module):
    """Samples (B, F * hop) of half spectra, real and imaginary parts each (B, F, bins).

    Frame i is centred at (i + 1/2) * hop, as in the mel. Output is divided by the summed
    squared window, so an unmodified spectrum gives back its sound.
    """

    hann: Tensor

    def __init__(self, *, window: int, hop: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.fourier = RealFourier(window)
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def _overlap_add(self, pieces: Tensor) -> Tensor:
        """(B, F, window) windowed pieces, hop apart, summed: (B, F * hop)."""
        frames = pieces.shape[1]
        per = self.window // self.hop
        # Each piece is `per` hops long; hop j of piece i lands on output hop i + j.
        blocks = pieces.reshape(pieces.shape[0], frames, per, self.hop)
        total = functional.pad(blocks[:, :, 0], (0, 0, 0, per - 1))
        for j in range(1, per):
            total = total + functional.pad(blocks[:, :, j], (0, 0, j, per - 1 - j))
        samples = total.flatten(1)  # (B, (F + per - 1) * hop)
        cut = (self.window - self.hop) // 2
        return samples[:, cut : cut + frames * self.hop]

    def forward(self, real: Tensor, imaginary: Tensor) -> Tensor:
        pieces = self.fourier.windows_of(real, imaginary) * self.hann  # (B, F, window)
        samples = self._overlap_add(pieces)  # (B, T)
        ones = torch.ones_like(real[:1, :, :1])  # (1, F, 1)
        envelope = self._overlap_add(self.hann.square() * ones)  # (1, T)
        return samples / envelope.clamp(min=1e-4)
