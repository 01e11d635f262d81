"""How models speak in validation: held-out texts, or held-out frames made sound again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from intone.codec.codes import Codes, SoundCodec
from intone.core.batch import Batch
from intone.core.protocols import Spoken
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
        batch = self._batch.to(next(model.parameters()).device)
        made = _generated(acoustic, batch)
        spoken, pictures = {}, {}
        for row, name in enumerate(batch.ids):
            frames = made.frames[row, : int(made.lengths[row])].float().cpu().numpy()  # (F, C)
            spoken[name] = self._render(frames, acoustic.format)
            pictures[f"{name}.spoken"] = frames.T
            if batch.mel is not None and batch.frame_lengths is not None:
                recorded = batch.mel[row, : int(batch.frame_lengths[row])]  # (F, C)
                pictures[f"{name}.recorded"] = recorded.cpu().numpy().T
        return Heard(spoken, {name: self._texts[name] for name in spoken}, pictures)


class SpokenCodes:
    """As `SpokenTexts`, of a model that speaks the codes of `codec`.

    `render` makes mel frames sound, where the codec gives those. `voices` (N, V) are the
    speakers', where the codec keeps them beside the codes.
    """

    def __init__(
        self,
        batch: Batch,
        texts: Mapping[str, str],
        codec: SoundCodec,
        render: Render,
        voices: Sequence[Sequence[float]] = (),
    ) -> None:
        self._batch = batch
        self._texts = texts
        self._codec = codec
        self._render = render
        self._voices = [np.array(voice, dtype=np.float32) for voice in voices]

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Heard:
        batch = self._batch.to(next(model.parameters()).device)
        made = _generated(model, batch)
        format: FrameFormat = model.format  # type: ignore[assignment]
        spoken: dict[str, Audio] = {}
        pictures: dict[str, FloatArray] = {}
        for row, name in enumerate(batch.ids):
            voice = self._voices[int(batch.speaker[row])] if self._voices else None
            codes = made.frames[row, : int(made.lengths[row])]
            spoken[name] = self._decoded(codes, format, voice, f"{name}.spoken", pictures)
            if batch.codes is not None and batch.frame_lengths is not None:
                recorded = batch.codes[row, : int(batch.frame_lengths[row])]
                self._decoded(recorded, format, voice, f"{name}.recorded", pictures)
        return Heard(spoken, {name: self._texts[name] for name in spoken}, pictures)

    def _decoded(
        self,
        codes: Tensor,
        format: FrameFormat,
        voice: FloatArray | None,
        name: str,
        pictures: dict[str, FloatArray],
    ) -> Audio:
        """The sound of codes (F, K); their mel, if they have one, is added to `pictures`."""
        codec = self._codec
        samples = len(codes) * format.hop_samples
        given = Codes(codes.cpu().numpy(), format, samples, codec.name, voice=voice)
        made = codec.render(given)
        if codec.sound is None:
            return Audio(made, codec.format.sample_rate)
        pictures[name] = made.T
        return self._render(made, codec.sound)


def _generated(acoustic: Any, batch: Batch) -> Spoken:
    """What a model says of a batch's texts."""
    controls = Controls()
    made: Spoken = acoustic.generate(
        batch.symbols,
        batch.symbol_lengths,
        batch.speaker,
        controls,
        torch.Generator(batch.symbols.device).manual_seed(controls.seed),
    )
    return made


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
