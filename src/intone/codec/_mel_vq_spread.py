"""How far cepstra spread, in recordings and as decoded, and decoded frames given what they lack."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from intone.codec._mel_vq_cepstra import CEPSTRA, Cepstra
from intone.nn.quantise import add_over_processes

_DECAY = 0.99
_LEAST, _MOST = 1.0, 2.0
"""Times that a cepstrum is drawn apart: none is pressed, and the last ones are mostly guesses."""


class Spread(nn.Module):
    """The mean squares of cepstra about a voice's centre, of recordings and of decoded frames.

    A loss that is least at a mean makes frames that lie too near to it, and phones that sound
    alike, of a stranger above all. As a post-filter, each cepstrum is drawn as far apart as those
    of recordings lie: global variance (Toda and Tokuda 2007), by a factor of its own (Silén et
    al. 2012), which is learned from what training codes.
    """

    squares: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Sums of as many frames in both rows, of which only the ratio counts: (2, CEPSTRA).
        self.register_buffer("squares", torch.zeros(2, CEPSTRA))

    @torch.no_grad()
    def learn(self, recorded: Tensor, decoded: Tensor, cepstra: Cepstra) -> None:
        """Hear deviations from the centre (N, bands), of recorded frames and of them decoded.

        Outside autocast: sums of squares do not bear bfloat16.
        """
        cepstral = torch.stack([recorded, decoded]) @ cepstra.cosines  # (2, N, CEPSTRA)
        seen = cepstral.square().sum(dim=1)  # (2, CEPSTRA)
        add_over_processes(seen)
        self.squares.lerp_(seen, 1 - _DECAY)

    def drawn_apart(self, deviation: Tensor, cepstra: Cepstra) -> Tensor:
        """The deviation of decoded frames from the centre (..., bands), as far as recordings'."""
        recorded, decoded = self.squares
        times = (recorded / decoded.clamp(min=1e-12)).sqrt()  # (CEPSTRA)
        # Nothing is known before anything was learned.
        more = times.clamp(_LEAST, _MOST) - 1
        added = (deviation @ cepstra.cosines) * more  # (..., CEPSTRA)
        return deviation + added @ cepstra.cosines.T
