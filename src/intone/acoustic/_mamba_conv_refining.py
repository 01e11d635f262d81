"""How `mamba-conv` masks tokens in training and fills them in speech, the coarse ones first.

After "MaskGIT" (Chang et al. 2022, section 3) and, for several codebooks, "SoundStorm"
(Borsos et al. 2023, section 3.3). MASK is the number behind a codebook's last: its size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

NOISE_FRAMES = 256
"""Frames whose noise is drawn at once; it repeats in longer speech."""


@dataclass(frozen=True)
class Masking:
    """What one training step hides and shows.

    `codes` (B, F, K) with MASK at the hidden places, `hidden` (B, F, K) True there, `level`
    (B,) the codebook that is partly hidden; finer ones are hidden as a whole.
    """

    codes: Tensor
    hidden: Tensor
    level: Tensor


def masked(
    codes: Tensor, mask: Tensor, size: int, noise: float, generator: torch.Generator | None
) -> Masking:
    """Hide a random share, by a cosine schedule, of one random codebook of each row.

    `codes` (B, F, K) are below `size`, `mask` (B, F) is True where they are real. Half of the
    rows get the coarsest codebook. A share of what is shown, drawn up to `noise`, is replaced
    at random: in speech, too, some of what was chosen earlier is wrong.
    """
    batch, frames, books = codes.shape
    where = codes.device if generator is None else generator.device

    def drawn(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=where).to(codes.device)

    row = drawn(3, batch)
    # Frames first, so that padding behind the longest draws nothing new before it.
    place = drawn(frames, batch, 2 + books).transpose(0, 1)  # (B, F, 2 + K)
    level = (books * row[0].square()).long()  # (B,)
    wanted = ((row[1] * (math.pi / 2)).cos() * mask.sum(dim=1)).ceil().clamp(min=1)  # (B,)
    order = place[..., 0].masked_fill(~mask, 2.0).argsort(dim=1).argsort(dim=1)
    part = order < wanted[:, None]  # (B, F)
    book = torch.arange(books, device=codes.device)
    behind = book > level[:, None, None]
    hidden = ((book == level[:, None, None]) & part[..., None]) | behind
    replaced = place[..., 1] < noise * row[2][:, None]
    shown = torch.where(replaced[..., None], (place[..., 2:] * size).long(), codes)
    real = mask[..., None]
    return Masking(torch.where(hidden | ~real, size, shown), hidden & real, level)


def chosen(
    logits: Tensor, noise: Tensor, temperature: float, top_p: float
) -> tuple[Tensor, Tensor]:
    """Tokens (B, F, L) drawn from `logits` (B, F, L, V), and the probability of each.

    `noise` (F, L, V) is uniform; all rows share it. A `temperature` of 0 takes the likeliest.
    """
    probabilities = logits.softmax(dim=-1)
    if temperature > 0:
        ordered, place = probabilities.sort(dim=-1, descending=True)
        unlikely = ordered.cumsum(dim=-1) - ordered > top_p
        unlikely = torch.zeros_like(unlikely).scatter(-1, place, unlikely)
        gumbel = -(-noise.clamp(1e-9, 1 - 1e-7).log()).log()
        logits = (logits / temperature).masked_fill(unlikely, float("-inf")) + gumbel
    tokens = logits.argmax(dim=-1)
    return tokens, probabilities.gather(-1, tokens[..., None])[..., 0]


def kept(sure: Tensor, open_places: Tensor, places: Tensor, share: float, least: float) -> Tensor:
    """Which of the `open_places` (B, F, L) are filled now: the surest, by a cosine schedule.

    `sure` (B, F, L) are probabilities, `places` (B,) how many a row has in all, `share` how far
    the passes are done, 0..1. The threshold is what lets as many pass as are due, and never
    above `least`: what is surer need not wait.
    """
    due = (math.cos(share * math.pi / 2) * places).floor().long()  # stay open, (B,)
    flat = sure.masked_fill(~open_places, -1.0).flatten(1)  # (B, F * L)
    fill = open_places.flatten(1).sum(dim=1) - due  # (B,)
    ordered = flat.sort(dim=1, descending=True).values
    threshold = ordered.gather(1, (fill - 1).clamp(min=0)[:, None])[:, 0]
    threshold = torch.where(fill > 0, threshold, 2.0).clamp(max=least)
    return open_places & (sure >= threshold[:, None, None])
