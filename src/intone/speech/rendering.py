"""Frames → samples, whole or in pieces that join without a seam."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from intone.core.types import FloatArray, FrameFormat


class Renderer(Protocol):
    """Frames → samples; `context_frames` around a frame decide its samples, None if all do."""

    format: FrameFormat
    context_frames: int | None

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of frames (F, C)."""
        ...

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of one passage in order: frames (F, C), and the number of the first."""
        ...


class GriffinLim:
    """Renders mel frames without a trained vocoder."""

    def __init__(self, format: FrameFormat, seed: int = 0) -> None:
        self.format, self.seed = format, seed
        self.context_frames: int | None = None

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of frames (F, C)."""
        from intone.vocoder.griffin_lim import griffin_lim

        return griffin_lim(frames, self.format, seed=self.seed)

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of a passage, each for itself."""
        return lambda frames, first: self.render(frames)


def in_pieces(
    renderer: Renderer, frames: FloatArray, *, first_frames: int, most_frames: int
) -> Iterator[FloatArray]:
    """The samples of `frames` (F, C) in pieces that, joined, equal one rendering of all.

    The first piece has `first_frames`, each next one twice as many as the last, up to
    `most_frames`. Each is rendered with its context, which is cut off again. A renderer
    without a known context renders all at once.
    """
    return as_they_come(
        renderer, [frames], len(frames), first_frames=first_frames, most_frames=most_frames
    )


def as_they_come(
    renderer: Renderer,
    parts: Iterable[FloatArray],
    count: int,
    *,
    first_frames: int,
    most_frames: int,
) -> Iterator[FloatArray]:
    """As `in_pieces`, of `count` frames that arrive in `parts`.

    A piece leaves as soon as its frames and their context have come.
    """
    context = renderer.context_frames
    source = iter(parts)
    frames = next(source, None)
    if frames is None:
        return
    if context is None or count <= first_frames:
        yield renderer.render(np.concatenate([frames, *source]))
        return
    hop = renderer.format.hop_samples
    render = renderer.passage()
    start, size = 0, max(1, first_frames)
    while start < count:
        end = min(count, start + size)
        if count - end < min(first_frames, context):
            end = count  # A last crumb would cost more in context than in itself.
        low, high = max(0, start - context), min(count, end + context)
        arrived = [frames]
        while sum(map(len, arrived)) < high and (part := next(source, None)) is not None:
            arrived.append(part)
        if len(arrived) > 1:
            frames = np.concatenate(arrived)
        samples = render(frames[low:high], low)
        yield np.ascontiguousarray(samples[(start - low) * hop : (end - low) * hop])
        start, size = end, min(2 * size, most_frames)
