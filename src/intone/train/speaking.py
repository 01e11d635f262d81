"""How models speak in validation: held-out texts, or held-out frames made sound again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from intone.core.batch import Batch
from intone.core.types import Audio, Controls, FrameFormat
from intone.train.hearing import Heard

if TYPE_CHECKING:
    from intone.core.types import FloatArray

Render = Callable[["FloatArray", FrameFormat], Audio]
"""Frames (F, C) of a format → sound."""


class SpokenTexts:
    """Lets an acoustic model speak the texts of a held-out batch; `render` makes them sound.

    The pictures are what it spoke and, beside it, what was recorded.
    """

    def __init__(self, batch: Batch, texts: Mapping[str, str], render: Render) -> None:
        self._batch = batch
        self._texts = texts
        self._render = render

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Heard:
        acoustic: Any = model
        device = next(model.parameters()).device
        batch = self._batch.to(device)
        controls = Controls()
        made = acoustic.generate(
            batch.symbols,
            batch.symbol_lengths,
            batch.speaker,
            controls,
            torch.Generator(device).manual_seed(controls.seed),
        )
        spoken, pictures = {}, {}
        for row, name in enumerate(batch.ids):
            frames = made.frames[row, : int(made.lengths[row])].float().cpu().numpy()  # (F, C)
            spoken[name] = self._render(frames, acoustic.format)
            pictures[f"{name}.spoken"] = frames.T
            if batch.mel is not None and batch.frame_lengths is not None:
                recorded = batch.mel[row, : int(batch.frame_lengths[row])]  # (F, C)
                pictures[f"{name}.recorded"] = recorded.cpu().numpy().T
        return Heard(spoken, {name: self._texts[name] for name in spoken}, pictures)


class RenderedFrames:
    """Lets a vocoder in training render the frames of a held-out batch."""

    def __init__(self, batch: Batch, texts: Mapping[str, str]) -> None:
        self._batch = batch
        self._texts = texts

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Heard:
        vocoder: Any = model.generator
        batch = self._batch.to(next(model.parameters()).device)
        assert batch.mel is not None and batch.frame_lengths is not None
        spoken = {}
        for row, name in enumerate(batch.ids):
            frames = batch.mel[row : row + 1, : int(batch.frame_lengths[row])]  # (1, F, C)
            samples = vocoder.render(frames)[0].float().cpu().numpy()  # (T)
            spoken[name] = Audio(samples, vocoder.format.sample_rate)
        return Heard(spoken, {name: self._texts[name] for name in spoken})
