"""The Fourier transform of real windows by real matrices, so that it exports anywhere."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class RealFourier(nn.Module):
    """Windows of `window` samples ↔ the real and imaginary parts of their `window / 2 + 1` bins.

    A window is an even and an odd half, the cosines and the sines see one of them each, and
    either matrix is its own transpose: half the work and a quarter of the numbers of a matrix
    from samples to bins and of another one back. `window` is even.
    """

    cosines: Tensor
    sines: Tensor
    shares: Tensor

    def __init__(self, window: int) -> None:
        super().__init__()
        self.nyquist = window // 2
        at = torch.arange(self.nyquist + 1)
        angle = (torch.outer(at, at) % window).double() * (2 * math.pi / window)
        shares = torch.full((self.nyquist + 1,), 2.0 / window)
        shares[0] = shares[-1] = 1.0 / window
        self.register_buffer("cosines", angle.cos().float(), persistent=False)  # (bins, bins)
        sines = angle[1:-1, 1:-1].sin().float()
        self.register_buffer("sines", sines.contiguous(), persistent=False)  # (bins - 2, bins - 2)
        self.register_buffer("shares", shares, persistent=False)

    def bins_of(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Real and imaginary parts, each (B, F, bins), of `windows` (B, F, window)."""
        first, low, middle, high = windows.split([1, self.nyquist - 1, 1, self.nyquist - 1], dim=-1)
        high = high.flip(-1)
        even = torch.cat([first, low + high, middle], dim=-1)
        imaginary = functional.pad((high - low) @ self.sines, (1, 1))
        return even @ self.cosines, imaginary

    def windows_of(self, real: Tensor, imaginary: Tensor) -> Tensor:
        """The windows (B, window, F) of real and imaginary parts (B, bins, F) each."""
        even = self.cosines @ (self.shares[:, None] * real)
        odd = self.sines @ (self.shares[1:-1, None] * imaginary[:, 1:-1])
        first, low, middle = even.split([1, self.nyquist - 1, 1], dim=1)
        return torch.cat([first, low - odd, middle, (low + odd).flip(1)], dim=1)
