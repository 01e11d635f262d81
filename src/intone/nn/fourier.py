"""The Fourier transform of real windows by real matrices, so that it exports anywhere."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class RealFourier(nn.Module):
    """Windows of `window` samples ↔ the real and imaginary parts of their `window / 2 + 1` bins.

    A window is an even and an odd half, of which the cosines and the sines see one each; each
    half folds once more, into what the even bins see and what the odd ones do. That leaves an
    eighth of the work of a matrix from samples to bins, and all of it is its own inverse but for
    shares. `window` is a multiple of 4.
    """

    even_cosines: Tensor
    odd_cosines: Tensor
    even_sines: Tensor
    odd_sines: Tensor
    shares: Tensor

    def __init__(self, window: int) -> None:
        super().__init__()
        self.nyquist = window // 2
        half = window // 4
        at = torch.arange(half + 1)
        even = (torch.outer(at, at) % (2 * half)).double() * (math.pi / half)
        odd = (torch.outer(at, 2 * at[:-1] + 1) % window).double() * (2 * math.pi / window)
        self._keep("even_cosines", even.cos())  # (half + 1, half + 1): sample, bin
        self._keep("odd_cosines", odd[:-1].cos())  # (half, half)
        self._keep("even_sines", even[1:-1, 1:-1].sin())  # (half - 1, half - 1)
        self._keep("odd_sines", odd[1:].sin())  # (half, half)
        shares = torch.full((self.nyquist + 1,), 2.0 / window)
        shares[0] = shares[-1] = 1.0 / window
        self.register_buffer("shares", shares, persistent=False)

    def _keep(self, name: str, values: Tensor) -> None:
        self.register_buffer(name, values.float().contiguous(), persistent=False)

    def bins_of(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Real and imaginary parts, each (B, F, bins), of `windows` (B, F, window)."""
        first, low, middle, high = windows.split([1, self.nyquist - 1, 1, self.nyquist - 1], dim=-1)
        high = high.flip(-1)
        real = self._cosines(torch.cat([first, low + high, middle], dim=-1))
        return real, functional.pad(self._sines(high - low), (1, 1))

    def windows_of(self, real: Tensor, imaginary: Tensor) -> Tensor:
        """The windows (B, F, window) of real and imaginary parts (B, F, bins) each."""
        even = self._cosines(self.shares * real)
        odd = self._sines((self.shares * imaginary)[..., 1:-1])
        first, low, middle = even.split([1, self.nyquist - 1, 1], dim=-1)
        return torch.cat([first, low - odd, middle, (low + odd).flip(-1)], dim=-1)

    def _cosines(self, values: Tensor) -> Tensor:
        """Sums over n of values (B, F, nyquist + 1) times cos(pi n k / nyquist), for all k."""
        half = self.nyquist // 2
        low, middle, high = values.split([half, 1, half], dim=-1)
        high = high.flip(-1)
        even = torch.cat([low + high, middle], dim=-1) @ self.even_cosines  # (B, F, half + 1)
        odd = (low - high) @ self.odd_cosines  # (B, F, half)
        both = torch.stack([even[..., :-1], odd], dim=-1).flatten(-2)
        return torch.cat([both, even[..., -1:]], dim=-1)

    def _sines(self, values: Tensor) -> Tensor:
        """Sums over n of values (B, F, nyquist - 1) times sin(pi n k / nyquist); both from 1 on."""
        half = self.nyquist // 2
        low, middle, high = values.split([half - 1, 1, half - 1], dim=-1)
        high = high.flip(-1)
        even = (low - high) @ self.even_sines  # (B, F, half - 1)
        odd = torch.cat([low + high, middle], dim=-1) @ self.odd_sines  # (B, F, half)
        both = torch.stack([odd[..., :-1], even], dim=-1).flatten(-2)
        return torch.cat([both, odd[..., -1:]], dim=-1)
