"""Mels as of voices that are in no corpus: other throats, other microphones."""

from __future__ import annotations

import torch
from torch import Tensor

from intone.codec._mel_vq_cepstra import Cepstra

_CURVES, _LIFT = 3, 0.4
"""How many slow curves over the bands tilt a disguised voice, and how high they are (log mel)."""


def disguised(mel: Tensor, share: float, cepstra: Cepstra) -> Tensor:
    """Mel (B, F, bands), a random `share` of the rows as of other throats and microphones.

    What is smooth over the bands, a throat's resonances, and the lines of the voice are each
    moved along the bands by up to an eighth (vocal tract length perturbation, Jaitly and
    Hinton 2013), by another step each; and slow random curves lift both.
    """
    count, bands = len(mel), mel.shape[2]
    moved = torch.rand(count, 1, device=mel.device) < share  # (B, 1)
    resonances = cepstra.smooth(mel)
    made = _moved(resonances, moved) + _moved(mel - resonances, moved)
    at = torch.arange(bands, device=mel.device, dtype=mel.dtype)
    lifts = torch.randn(count, _CURVES, device=mel.device) * moved
    waves = torch.arange(1, _CURVES + 1, device=mel.device)[:, None] * at / bands
    curve = lifts @ torch.cos(torch.pi * waves) * _LIFT  # (B, bands)
    return (made + curve[:, None]).clamp(min=cepstra.floor)


def _moved(mel: Tensor, moved: Tensor) -> Tensor:
    """Mel (B, F, bands) with the bands of the rows `moved` (B, 1) drawn out or pressed."""
    count, bands = len(mel), mel.shape[2]
    stretch = 1 + (torch.rand(count, 1, device=mel.device) - 0.5) / 4
    at = torch.arange(bands, device=mel.device, dtype=mel.dtype)
    source = (at * torch.where(moved, stretch, torch.ones_like(stretch))).clamp(max=bands - 1)
    below = source.floor().clamp(max=bands - 2)  # (B, bands)
    above = (source - below)[:, None]
    low = below.long()[:, None].expand(-1, mel.shape[1], -1)  # (B, F, bands)
    return torch.lerp(mel.gather(2, low), mel.gather(2, low + 1), above)
