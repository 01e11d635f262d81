"""Cepstra of mel frames: what is smooth over the bands, which is what makes a phone."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from intone.nn.masks import mask_of

CEPSTRA = 20
"""Cosines over the bands that make the smooth part of a frame; the rest are a voice's lines."""
_HEARD = 16
"""Of these, those that make phones: recognisers hear thirteen."""
_LOUD = 4.0
"""How far (mean log mel) under its loudest frame an utterance's voice is heard: not in pauses."""
_FARTHEST = 6.5
"""Log mel from the middle that the mean of a voice reaches: digital silence lies as low. Each
cepstrum reaches less far than the one before it: in files they are kept in eight bits."""


class Cepstra(nn.Module):
    """The first cosines over the bands of log mel that lies about `middle`; nothing is learned.

    `floor` is the log mel of digital silence.
    """

    cosines: Tensor
    spans: Tensor
    lifted: Tensor

    def __init__(self, bands: int, *, middle: float, floor: float) -> None:
        super().__init__()
        self.middle, self.floor = middle, floor
        cosines = torch.cos(
            torch.outer(torch.arange(bands) + 0.5, torch.arange(CEPSTRA)) * (math.pi / bands)
        )
        cosines = cosines / cosines.norm(dim=0)
        lifter = 1 + _HEARD / 2 * torch.sin(torch.pi * torch.arange(_HEARD) / _HEARD)
        lifted = cosines[:, :_HEARD] * (lifter / lifter.mean())
        spans = bands**0.5 * _FARTHEST / (1 + torch.arange(CEPSTRA) / 2)
        self.register_buffer("cosines", cosines, persistent=False)  # (bands, CEPSTRA)
        self.register_buffer("lifted", lifted, persistent=False)  # (bands, _HEARD)
        self.register_buffer("spans", spans, persistent=False)  # (CEPSTRA)

    def smooth(self, mel: Tensor) -> Tensor:
        """What is smooth over the bands of mel (B, F, bands), of the same shape."""
        return mel @ self.cosines @ self.cosines.T

    def liftered(self, difference: Tensor) -> Tensor:
        """The cepstra (B, F, _HEARD) of a difference of frames (B, F, bands), by weight.

        The first are large and the later ones decide what is heard, which a lifter makes up for
        (Juang, Rabiner and Wilpon 1987).
        """
        return difference @ self.lifted

    def means_of(self, mel: Tensor, lengths: Tensor) -> Tensor:
        """The means (B, CEPSTRA), from -1 to 1, over the loud frames of mel (B, F, bands)."""
        real = mask_of(lengths, mel.shape[1])  # (B, F)
        loudness = mel.mean(dim=2).masked_fill(~real, self.floor)  # (B, F)
        loud = real & (loudness >= loudness.amax(dim=1, keepdim=True) - _LOUD)
        share = loud.to(mel.dtype) / loud.sum(dim=1, keepdim=True).clamp(min=1)
        mean = ((mel - self.middle) * share[..., None]).sum(dim=1)  # (B, bands)
        # Sums of products, which autocast leaves in float32, as it does not matrix products.
        cepstra = (mean[..., None] * self.cosines).sum(dim=1)  # (B, CEPSTRA)
        return (cepstra / self.spans).clamp(-1, 1)

    def centre_of(self, means: Tensor) -> Tensor:
        """The log mel (B, 1, bands) that frames of such `means` (B, CEPSTRA) lie about."""
        cepstra = means * self.spans
        return self.middle + (cepstra[:, None] * self.cosines).sum(dim=-1)[:, None]
