"""The mel of a reference recording, for voices that speak like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import AudioError

if TYPE_CHECKING:
    from intone.core.types import Audio, FloatArray, FrameFormat

LEAST_SECONDS = 0.5
_SILENCE = 1e-3


def reference_mel(audio: Audio, format: FrameFormat, least_frames: int) -> FloatArray:
    """Mel frames (F, bands) of what is spoken in `audio`.

    Raises `AudioError` if it is too short to tell a voice, or silent.
    """
    from intone.audio.mel import mel_spectrogram
    from intone.audio.resampling import resample
    from intone.audio.trim import speech_span

    if audio.seconds < LEAST_SECONDS:
        raise AudioError(
            f"the reference lasts {audio.seconds:.2f} s; give {LEAST_SECONDS:g} s "
            "or more, best 2 to 8 s"
        )
    samples = resample(audio.samples, audio.sample_rate, format.sample_rate)
    start, end = speech_span(samples, format.sample_rate)
    mel = mel_spectrogram(samples[start:end], format)
    if len(mel) < least_frames or float(np.abs(samples).max()) < _SILENCE:
        raise AudioError("the reference is silent; give a recording of a voice")
    return mel
