"""`MelCorrection`: a sound's mel is brought to the one that it was made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from intone.nn.fourier import Half
from intone.nn.harmonics import ShortTimeSpectrum
from intone.nn.istft import InverseSTFT

_MOST = 2.0
"""The most that a band is raised or lowered by at once, natural logarithm."""


class MelCorrection(nn.Module):
    """Samples (B, F * hop) and the mel (B, F, bands) that they should have → samples.

    The sound keeps its phases and its lines; each band of each frame is scaled to what the mel
    says. That is one round of Griffin and Lim (1984, section III) with a mel in place of a
    magnitude, and has nothing to learn. Windows overlap, so one round comes near and a second
    nearer. Bins above all bands stay as they are. `reach` is how many frames on either side
    change a frame's samples.

    Args:
        filterbank: (bands, bins) float32, from magnitudes to mel bands.
        inverse: of the mel's own window and hop.
        floor: of the mel.
    """

    even: Tensor
    odd: Tensor
    even_shares: Tensor
    odd_shares: Tensor

    def __init__(self, filterbank: Tensor, inverse: InverseSTFT, *, floor: float) -> None:
        super().__init__()
        self.floor = floor
        self.inverse = inverse
        self.reach = inverse.window // inverse.hop
        self.analysis = ShortTimeSpectrum(inverse.fourier, hop=inverse.hop)
        covered = filterbank.sum(0).clamp(min=1e-12)
        # Bins are taken apart by the transform, and nothing here needs them in order.
        for first, name in enumerate(("even", "odd")):
            weights = filterbank[:, first::2]  # (bands, bins)
            self.register_buffer(name, weights.T.contiguous(), persistent=False)
            shares = (weights / covered[first::2]).contiguous()
            self.register_buffer(f"{name}_shares", shares, persistent=False)

    def forward(self, samples: Tensor, mel: Tensor) -> Tensor:
        pieces = self.analysis.pieces_of(samples)  # (B, F, window)
        even, odd = self.inverse.fourier.halves_of(pieces)
        found = _magnitude(even) @ self.even + _magnitude(odd) @ self.odd  # (B, F, bands)
        wanting = (mel - found.clamp(min=self.floor).log()).clamp(-_MOST, _MOST)
        corrected = self.inverse.fourier.pieces_of_halves(
            _scaled(even, torch.exp(wanting @ self.even_shares)),
            _scaled(odd, torch.exp(wanting @ self.odd_shares)),
        )
        return self.inverse.joined(corrected)


def _magnitude(half: Half) -> Tensor:
    return torch.sqrt(half[0].square() + half[1].square() + 1e-9)


def _scaled(half: Half, factor: Tensor) -> Half:
    return half[0] * factor, half[1] * factor
