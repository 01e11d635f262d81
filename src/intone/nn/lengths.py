"""Between symbols and frames, by tensor operations only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from intone.nn.masks import mask_of


def frame_owners(durations: Tensor, frames: int) -> Tensor:
    """Index (B, frames) of the symbol that owns each frame, given `durations` (B, S).

    Frames beyond the end are given to the last symbol; mask them.
    """
    # A symbol's end moves all later frames one symbol on, so owners are a running count of
    # ends: linear in length, and made of operations that every exporter knows.
    ends = durations.cumsum(dim=1)  # (B, S)
    inside = (ends < frames).to(torch.int64)
    marks = ends.new_zeros((durations.shape[0], frames))
    passed = marks.scatter_add(1, ends.clamp(max=frames - 1), inside).cumsum(dim=1)  # (B, F)
    return passed.clamp(max=durations.shape[1] - 1)


def regulate(values: Tensor, durations: Tensor, frames: int) -> Tensor:
    """Repeat each symbol's vector `durations` times: (B, S, C) → (B, frames, C), zeros after."""
    owners = frame_owners(durations, frames)  # (B, F)
    spread = values.gather(1, owners[..., None].expand(-1, -1, values.shape[-1]))  # (B, F, C)
    return spread * mask_of(durations.sum(dim=1), frames)[..., None].to(values.dtype)


def average_by_symbol(values: Tensor, durations: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean over each symbol's frames where `mask` is True: (B, F) → (B, S), 0 where none is."""
    frames = values.shape[1]
    owners = frame_owners(durations, frames)  # (B, F)
    weights = mask_of(durations.sum(dim=1), frames)
    if mask is not None:
        weights = weights & mask
    real = weights.to(values.dtype)
    sums = values.new_zeros(durations.shape).scatter_add_(1, owners, values * real)  # (B, S)
    counts = values.new_zeros(durations.shape).scatter_add_(1, owners, real)  # (B, S)
    return sums / counts.clamp(min=1.0)


def least_frames(symbols: int, optional: Sequence[int]) -> Tensor:
    """The fewest frames (symbols,) that each symbol may last: one, or none where it is optional.

    A phone is always heard; a pause, a word boundary and the pad, symbol 0, need not be.
    """
    least = torch.ones(symbols, dtype=torch.int64)
    least[[0, *optional]] = 0
    return least


def whole_durations(wanted: Tensor, mask: Tensor, least: Tensor) -> Tensor:
    """Whole frames (B, S) of the `wanted` ones (B, S), 0 where `mask` (B, S) is False.

    Rounded where symbols end, not one by one, so that rounding never moves an end by more
    than half a frame; no symbol gets fewer than `least` (B, S).
    """
    ends = (wanted * mask).cumsum(dim=1).round().to(torch.int64)
    durations = functional.pad(ends, (1, 0)).diff(dim=1)  # (B, S)
    return torch.maximum(durations, least) * mask


def spoken_durations(log_frames: Tensor, speed: Tensor, mask: Tensor, least: Tensor) -> Tensor:
    """Whole frames (B, S) that a predictor's log(1 + frames) (B, S) mean at a `speed` (B,).

    `mask` and `least`, both (B, S), are those of `whole_durations`.
    """
    return whole_durations(log_frames.expm1().clamp(min=0) / speed[:, None], mask, least)


def progress(durations: Tensor, frames: int, owners: Tensor) -> tuple[Tensor, Tensor]:
    """How far each frame is inside its symbol, 0 to 1, and how many frames that lasts.

    `owners` (B, frames) are `frame_owners(durations, frames)`; both results are float
    (B, frames), and mean nothing behind the end.
    """
    lasting = durations.gather(1, owners).float()
    starts = (durations.cumsum(dim=1) - durations).gather(1, owners)
    inside = torch.arange(frames, device=durations.device)[None] - starts
    return (inside.float() + 0.5) / lasting.clamp(min=1), lasting


def spread_with_progress(hidden: Tensor, durations: Tensor, frames: int) -> Tensor:
    """What each frame is told: its symbol's vector, how far it is spoken, how long it lasts.

    `hidden` (B, S, C) → (B, frames, C + 2), zeros behind the end.
    """
    owners = frame_owners(durations, frames)  # (B, frames)
    far, lasting = progress(durations, frames, owners)
    told = hidden.gather(1, owners[..., None].expand(-1, -1, hidden.shape[-1]))
    told = torch.cat([told, far[..., None], lasting.log1p()[..., None] / 3], dim=-1)
    return told * mask_of(durations.sum(dim=1), frames)[..., None].to(hidden.dtype)
