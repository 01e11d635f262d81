"""The inverse short-time Fourier transform by real matrices, so that it exports anywhere."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class InverseSTFT(nn.Module):
    """Samples (B, F * hop) of half spectra, real and imaginary parts each (B, bins, F).

    The inverse transform is one matrix product per part and the overlap-add one fold;
    frame i is centred at (i + 1/2) * hop, as in the mel. Output is divided by the summed
    squared window, so an unmodified spectrum gives back its sound.
    """

    basis: Tensor
    envelope: Tensor

    def __init__(self, *, window: int, hop: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        bins = window // 2 + 1
        turns = torch.outer(torch.arange(bins), torch.arange(window)) % window
        angle = turns.double() * (2 * math.pi / window)
        scale = torch.full((bins, 1), 2.0 / window, dtype=torch.float64)
        scale[0] = scale[-1] = 1.0 / window
        hann = torch.hann_window(window, dtype=torch.float64)
        basis = torch.cat([scale * angle.cos() * hann, -scale * angle.sin() * hann])
        self.register_buffer("basis", basis.float(), persistent=False)  # (2 bins, window)
        self.register_buffer("squared", hann.square().float(), persistent=False)

    squared: Tensor

    def _overlap_add(self, pieces: Tensor) -> Tensor:
        """(B, window, F) windowed pieces, hop apart, summed: (B, F * hop)."""
        frames = pieces.shape[-1]
        per = self.window // self.hop
        # Each piece is `per` hops long; hop j of piece i lands on output hop i + j.
        blocks = pieces.reshape(pieces.shape[0], per, self.hop, frames)
        total = functional.pad(blocks[:, 0], (0, per - 1))
        for j in range(1, per):
            total = total + functional.pad(blocks[:, j], (j, per - 1 - j))
        samples = total.transpose(1, 2).reshape(pieces.shape[0], -1)  # (B, (F + per - 1) * hop)
        cut = (self.window - self.hop) // 2
        return samples[:, cut : cut + frames * self.hop]

    def forward(self, real: Tensor, imaginary: Tensor) -> Tensor:
        spectrum = torch.cat([real, imaginary], dim=1)  # (B, 2 bins, F)
        pieces = torch.matmul(self.basis.T, spectrum)  # (B, window, F)
        samples = self._overlap_add(pieces)  # (B, T)
        ones = torch.ones_like(spectrum[:1, :1])  # (1, 1, F)
        envelope = self._overlap_add(self.squared[None, :, None] * ones)  # (1, T)
        return samples / envelope.clamp(min=1e-4)
