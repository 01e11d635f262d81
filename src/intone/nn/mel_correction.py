"""`MelCorrection`: a sound's mel is brought to the one that it was made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.fourier import HannFourier
from intone.nn.istft import InverseSTFT

_MOST = 2.0
"""The most that a band is raised or lowered by at once, natural logarithm."""


class MelCorrection(nn.Module):
    """Samples (B, F * hop) and the mel (B, F, bands) that they should have → samples.

    The sound keeps its phases and its lines; each band of each frame is scaled to what the mel
    says. That is one round of Griffin and Lim (1984, section III) with a mel in place of a
    magnitude, and has nothing to learn. Windows overlap, so one round comes near and a second
    nearer, and where four and more do, every second frame says enough: half the work leaves 6 %
    more of the difference. Bins above all bands stay as they are. `reach` is how many frames on
    either side change a frame's samples.

    Args:
        filterbank: (bands, bins) float32, from magnitudes to mel bands.
        fourier: of the mel's own window.
        hop: of the mel, samples.
        floor: of the mel.
    """

    filterbank: Tensor
    shares: Tensor

    def __init__(self, filterbank: Tensor, fourier: HannFourier, *, hop: int, floor: float) -> None:
        super().__init__()
        self.floor, self.hop = floor, hop
        window = 2 * fourier.nyquist
        self.every = 2 if window >= 4 * hop else 1
        self.reach = window // hop
        self.fourier = fourier
        self.inverse = InverseSTFT(window=window, hop=self.every * hop, fourier=fourier)
        self.register_buffer("filterbank", filterbank.T.contiguous(), persistent=False)
        covered = filterbank.sum(0).clamp(min=1e-12)
        self.register_buffer("shares", filterbank / covered, persistent=False)  # (bands, bins)

    def forward(self, samples: Tensor, mel: Tensor) -> Tensor:
        frames = mel.shape[1]
        # One more than there are, so that no sample lies in the hem of a single window.
        chosen = torch.arange(0, frames + 1, self.every, device=mel.device)  # (N,)
        wanted = torch.cat([mel, mel[:, -1:]], dim=1).index_select(1, chosen)  # (B, N, bands)
        real, imaginary = self._bins_at(chosen, samples)  # (B, N, bins) each
        magnitude = torch.sqrt(real.square() + imaginary.square() + 1e-9)
        found = torch.matmul(magnitude, self.filterbank).clamp(min=self.floor).log()
        gains = torch.exp((wanted - found).clamp(-_MOST, _MOST) @ self.shares)
        made = self.inverse.hops_of(real * gains, imaginary * gains)
        # As rows that begin where the sound does; a slice of every other frame's windows would
        # end at half of an odd number, which no exporter believes to be inside.
        rows = made.unflatten(2, (2 * self.every, self.hop // 2)).flatten(1, 2)
        within = torch.arange(2 * frames, device=mel.device) + (self.reach - 1)
        return rows.index_select(1, within).flatten(1)  # (B, T)

    def _bins_at(self, chosen: Tensor, samples: Tensor) -> tuple[Tensor, Tensor]:
        """The spectra (B, N, bins), real and imaginary, of the frames `chosen` (N,)."""
        around = (self.reach - 1) * self.hop // 2
        padded = functional.pad(samples, (around, around + self.hop))
        hops = padded.reshape(samples.shape[0], -1, self.hop)  # (B, F + reach, hop)
        pieces = [hops.index_select(1, chosen + j) for j in range(self.reach)]
        return self.fourier.bins_of(torch.cat(pieces, dim=-1))
