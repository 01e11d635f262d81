"""How codecs sound in validation: held-out sounds or frames, coded and decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from intone.core.batch import Batch
from intone.core.types import Audio
from intone.train.hearing import Heard
from intone.train.speaking import Render

if TYPE_CHECKING:
    from intone.core.types import FloatArray

FEW_CODEBOOKS = 4
"""Beside all of them, samples are decoded from so many: what codec-token families predict."""


class RebuiltSounds:
    """Lets a codec of samples in training code and decode a held-out batch of sounds."""

    def __init__(self, batch: Batch, texts: Mapping[str, str]) -> None:
        self._batch = batch
        self._texts = texts

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Heard:
        codec: Any = model.generator
        batch = self._batch.to(next(model.parameters()).device)
        assert batch.samples is not None and batch.sample_lengths is not None
        spoken, pictures = {}, {}
        for row, name in enumerate(batch.ids):
            sound = batch.samples[row : row + 1, : int(batch.sample_lengths[row])]  # (1, T)
            codes = codec.encode(sound)  # (1, F, K)
            made = codec.render(codes)[:, : sound.shape[1]]
            spoken[name] = Audio(made[0].float().cpu().numpy(), codec.format.sample_rate)
            few = codec.render(codes[..., :FEW_CODEBOOKS])[0, : sound.shape[1]]
            spoken[f"{name}.{FEW_CODEBOOKS}"] = Audio(
                few.float().cpu().numpy(), codec.format.sample_rate
            )
            pictures[f"{name}.rebuilt"] = _picture(codec.mel_of(made))
            pictures[f"{name}.recorded"] = _picture(codec.mel_of(sound))
        return Heard(spoken, {name: self._texts[name] for name in batch.ids}, pictures)


class RebuiltFrames:
    """Lets a codec of mel frames code and decode a held-out batch; `render` makes it sound."""

    def __init__(self, batch: Batch, texts: Mapping[str, str], render: Render) -> None:
        self._batch = batch
        self._texts = texts
        self._render = render

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Heard:
        codec: Any = model
        batch = self._batch.to(next(model.parameters()).device)
        assert batch.mel is not None and batch.frame_lengths is not None
        spoken, pictures = {}, {}
        for row, name in enumerate(batch.ids):
            mel = batch.mel[row : row + 1, : int(batch.frame_lengths[row])]  # (1, F, C)
            voice = (codec.voices(mel),) if codec.voice_size else ()
            made = codec.render(codec.encode(mel), *voice)[:, : mel.shape[1]]
            spoken[name] = self._render(made[0].float().cpu().numpy(), codec.sound)
            pictures[f"{name}.rebuilt"] = _picture(made)
            pictures[f"{name}.recorded"] = _picture(mel)
        return Heard(spoken, {name: self._texts[name] for name in spoken}, pictures)


def _picture(mel: Tensor) -> FloatArray:
    """A mel (1, F, bands) as rows of bands (bands, F)."""
    picture: FloatArray = mel[0].float().cpu().numpy().T
    return picture
