"""Judges of who speaks, by name: Resemblyzer's encoder, or an ECAPA through speechbrain."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import AudioError, DownloadError, MissingExtra, SettingsError
from intone.core.types import Audio
from intone.evaluate.quality import speaker_vector

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_RATE = 16_000

Portrait = Callable[[Audio], "FloatArray"]
"""From a sound to a unit vector of who speaks."""


def speaker_judge(name: str) -> Portrait:
    """The judge that `name` spells: resemblyzer, or ecapa:MODEL.

    MODEL is a name on the hub or a folder that speechbrain opens (ECAPA-TDNN, Desplanques et
    al. 2020). Its settings can run code, so open only those that you trust. Raises
    `SettingsError` for another spelling, `MissingExtra`, `DownloadError`.
    """
    kind, _, model = name.partition(":")
    if name == "resemblyzer":
        return speaker_vector
    if kind == "ecapa" and model:
        return partial(_ecapa_vector, _ecapa(model))
    raise SettingsError(f"there is no judge {name!r}; there are: resemblyzer and ecapa:MODEL")


def likeness(
    spoken: Sequence[Audio], recordings: Sequence[Audio], judge: Portrait = speaker_vector
) -> float:
    """Mean cosine of each sound with the mean vector of `recordings`, from -1 to 1.

    Raises `AudioError` if either is empty.
    """
    if not spoken or not recordings:
        raise AudioError("a likeness needs at least one sound and one recording")
    wanted = np.mean([judge(audio) for audio in recordings], axis=0)
    wanted /= np.linalg.norm(wanted)
    return float(np.mean([judge(audio) @ wanted for audio in spoken]))


def _ecapa(model: str) -> Any:
    try:
        from speechbrain.inference.speaker import EncoderClassifier
    except ImportError:
        raise MissingExtra("speechbrain", "ecapa", "comparing speakers by ECAPA") from None
    try:
        # Speechbrain leaves links to the model's files in a folder; no one needs them later.
        with tempfile.TemporaryDirectory() as folder:
            return EncoderClassifier.from_hparams(source=model, savedir=folder)
    # The library raises what its parts raise: of the hub, of YAML, of torch.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise DownloadError(
            f"the speaker judge {model!r} cannot be had ({first}); give a folder that holds "
            "hyperparams.yaml and the weights that it names"
        ) from None


def _ecapa_vector(encoder: Any, audio: Audio) -> FloatArray:
    import torch

    samples = resample(audio.samples, audio.sample_rate, _RATE)
    with torch.inference_mode():
        found = encoder.encode_batch(torch.from_numpy(np.asarray(samples, np.float32))[None])
    vector = found.reshape(-1).numpy()
    unit: FloatArray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
