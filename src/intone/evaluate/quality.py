"""How clean speech sounds, and whose it is, by networks trained on people's opinions."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import MissingExtra
from intone.core.types import Audio

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_RATE = 16_000


def dnsmos(audio: Audio) -> float:
    """Overall opinion score, 1 to 5, that DNSMOS P.835 predicts (Reddy et al. 2022)."""
    try:
        from speechmos import dnsmos as model
    except ImportError:
        raise MissingExtra("speechmos", "eval", "predicting opinion scores") from None
    samples = resample(audio.samples, audio.sample_rate, _RATE)
    loudest = float(np.abs(samples).max())
    if loudest > 1:
        samples = samples / loudest
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(model.run(samples, sr=_RATE)["ovrl_mos"])


@lru_cache(maxsize=1)
def _encoder() -> Any:
    try:
        from resemblyzer import VoiceEncoder
    except ImportError:
        raise MissingExtra("resemblyzer", "eval", "comparing speakers") from None
    with contextlib.redirect_stdout(io.StringIO()):
        return VoiceEncoder("cpu")


def speaker_vector(audio: Audio) -> FloatArray:
    """Unit vector (256) of who speaks, by Resemblyzer's GE2E encoder (Wan et al. 2018)."""
    encoder = _encoder()
    from resemblyzer import preprocess_wav

    samples = preprocess_wav(resample(audio.samples, audio.sample_rate, _RATE), source_sr=_RATE)
    vector: FloatArray = encoder.embed_utterance(samples).astype(np.float32)
    return vector


def speaker_similarity(one: Audio, other: Audio) -> float:
    """Cosine of two recordings' speaker vectors; the same person is around 0.85 and up."""
    return float(np.dot(speaker_vector(one), speaker_vector(other)))
