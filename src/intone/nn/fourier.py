"""The Fourier transform of Hann windows by real matrices, so that it exports anywhere."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

Half = tuple[Tensor, Tensor]
"""Real and imaginary parts of every other bin."""


class HannFourier(nn.Module):
    """Pieces of `window` samples ↔ the real and imaginary parts of their `window / 2 + 1` bins.

    Both ways the pieces are multiplied by a periodic Hann window. At sample k, k before the
    middle, k behind it and k before the end, cosines and sines are the same but for their signs,
    which differ with whether the bin is even. So the four quarters of a piece, those that lie
    backwards turned round, are added up in four ways, and each sum goes through a matrix of a
    quarter's size: an eighth of the work of a matrix from samples to bins. `window` is a multiple
    of 4.
    """

    hann: Tensor
    hann_back: Tensor
    even_cosines: Tensor
    even_sines: Tensor
    odd_cosines: Tensor
    odd_sines: Tensor
    odd_cosines_back: Tensor
    odd_sines_back: Tensor

    def __init__(self, window: int) -> None:
        super().__init__()
        self.nyquist, self.quarter = window // 2, window // 4
        hann = torch.hann_window(window, dtype=torch.float64)
        self._keep("hann", hann)
        self._keep("hann_back", hann * (2 / window))
        at = torch.arange(self.quarter + 1)
        # Two quarters hold the sample at which they meet, and two bins lie at an edge.
        shares = torch.ones(self.quarter + 1, 1, dtype=torch.float64)
        shares[0] = shares[-1] = 0.5
        turned = (torch.outer(at, 2 * at) % window).double() * (2 * math.pi / window)
        self._keep("even_cosines", shares * turned.cos())  # (sample, bin), and as well the reverse
        self._keep("even_sines", turned.sin())
        turned = (torch.outer(at, 2 * at[:-1] + 1) % window).double() * (2 * math.pi / window)
        self._keep("odd_cosines", shares * turned.cos())  # (quarter + 1, quarter): sample, bin
        self._keep("odd_sines", shares * turned.sin())
        self._keep("odd_cosines_back", turned.cos().T)
        self._keep("odd_sines_back", turned.sin().T)

    def _keep(self, name: str, values: Tensor) -> None:
        self.register_buffer(name, values.float().contiguous(), persistent=False)

    def bins_of(self, pieces: Tensor) -> tuple[Tensor, Tensor]:
        """Real and imaginary parts, each (B, F, bins), of `pieces` (B, F, window)."""
        (even_re, even_im), (odd_re, odd_im) = self.halves_of(pieces)
        return _in_turns(even_re, odd_re), _in_turns(even_im, odd_im)

    def pieces_of(self, real: Tensor, imaginary: Tensor) -> Tensor:
        """The pieces (B, F, window) of real and imaginary parts (B, F, bins) each."""
        even, odd = ((real[..., n::2], imaginary[..., n::2]) for n in range(2))
        return self.pieces_of_halves(even, odd)

    def halves_of(self, pieces: Tensor) -> tuple[Half, Half]:
        """Of `pieces` (B, F, window) the even bins and, apart from them, the odd ones."""
        windows = pieces * self.hann
        quarter, middle = self.quarter, self.nyquist
        first = windows[..., : quarter + 1]  # (B, F, quarter + 1), as are all
        second = windows[..., quarter : middle + 1].flip(-1)
        third = windows[..., middle : middle + quarter + 1]
        fourth = torch.cat([windows[..., middle + quarter :], windows[..., :1]], dim=-1).flip(-1)
        outer, inner = first + fourth, second + third
        even_re = (outer + inner) @ self.even_cosines  # (B, F, quarter + 1)
        odd_re = (outer - inner) @ self.odd_cosines  # (B, F, quarter)
        outer, inner = fourth - first, third - second
        even_im = (outer - inner) @ self.even_sines
        odd_im = (outer + inner) @ self.odd_sines
        return (even_re, even_im), (odd_re, odd_im)

    def pieces_of_halves(self, even: Half, odd: Half) -> Tensor:
        """The pieces (B, F, window) of even and of odd bins, as `halves_of` gives them."""
        ones = even[0] @ self.even_cosines  # (B, F, quarter + 1), as are all
        others = odd[0] @ self.odd_cosines_back
        outer, inner = ones + others, ones - others
        ones = even[1] @ self.even_sines
        others = odd[1] @ self.odd_sines_back
        turned, kept = ones + others, ones - others
        quarters = [
            (outer - turned)[..., :-1],
            (inner + kept)[..., 1:].flip(-1),
            (inner - kept)[..., :-1],
            (outer + turned)[..., 1:].flip(-1),
        ]
        return torch.cat(quarters, dim=-1) * self.hann_back


def _in_turns(even: Tensor, odd: Tensor) -> Tensor:
    """(B, F, n + 1) and (B, F, n) taken in turns, (B, F, 2 n + 1)."""
    both = torch.stack([even[..., :-1], odd], dim=-1).flatten(-2)
    return torch.cat([both, even[..., -1:]], dim=-1)
