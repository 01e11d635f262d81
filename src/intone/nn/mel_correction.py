"""`MelCorrection`: a sound's mel is brought to the one that it was made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn

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

    filterbank: Tensor
    shares: Tensor

    def __init__(self, filterbank: Tensor, inverse: InverseSTFT, *, floor: float) -> None:
        super().__init__()
        self.floor = floor
        self.inverse = inverse
        self.reach = inverse.window // inverse.hop
        self.analysis = ShortTimeSpectrum(inverse.fourier, hop=inverse.hop)
        self.register_buffer("filterbank", filterbank.T.contiguous(), persistent=False)
        covered = filterbank.sum(0).clamp(min=1e-12)
        self.register_buffer("shares", filterbank / covered, persistent=False)  # (bands, bins)

    def forward(self, samples: Tensor, mel: Tensor) -> Tensor:
        real, imaginary = self.analysis(samples)  # (B, F, bins) each
        magnitude = torch.sqrt(real.square() + imaginary.square() + 1e-9)
        found = torch.matmul(magnitude, self.filterbank).clamp(min=self.floor).log()
        gains = torch.exp((mel - found).clamp(-_MOST, _MOST) @ self.shares)
        corrected: Tensor = self.inverse(real * gains, imaginary * gains)
        return corrected
