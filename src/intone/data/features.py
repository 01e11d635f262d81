"""One utterance's features, as a row of a shard."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.energy import energy
from intone.audio.files import read_audio
from intone.audio.mel import mel_spectrogram
from intone.audio.pitch import pitch_hz
from intone.audio.trim import speech_span
from intone.core.errors import CorpusError
from intone.core.types import FrameFormat, Utterance

if TYPE_CHECKING:
    from intone.text.frontend import Frontend

_LEAST_FRAMES = 16
"""The widest context of any model here; less sound than that says nothing."""


def fingerprint(utterance: Utterance, settings: str) -> str:
    """A name for the row's contents: it changes with the file, the text or the `settings`."""
    try:
        stat = utterance.audio_path.stat()
        file = f"{stat.st_size} {stat.st_mtime_ns}"
    except OSError:
        file = "missing"
    parts = (utterance.id, utterance.text, utterance.speaker, file, settings)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def features(
    utterance: Utterance, frontend: Frontend, format: FrameFormat, longest_seconds: float
) -> dict[str, Any]:
    """The row of `utterance`: symbols, mel, pitch, energy and sound, silence trimmed off.

    Raises `AudioError`, `TextError` or `CorpusError` if it cannot be used.
    """
    symbols = frontend.symbols(utterance.text)
    audio = read_audio(utterance.audio_path, format.sample_rate)
    start, end = speech_span(audio.samples, format.sample_rate)
    count = (end - start) // format.hop_samples
    lasting = int((~frontend.inventory.optional_mask()[symbols.ids]).sum())
    if audio.seconds > longest_seconds:
        raise CorpusError(
            f"{audio.seconds:.1f} s long, over {longest_seconds:g} s; cut it, or raise the limit"
        )
    if count < max(_LEAST_FRAMES, lasting):
        raise CorpusError(
            f"{count / format.frames_per_second:.2f} s of speech are too short for its text; "
            "check that the text belongs to the recording"
        )
    samples = audio.samples[start : start + count * format.hop_samples]
    mel = mel_spectrogram(samples, format)  # (F, bands)
    pitch = pitch_hz(samples, format)  # (F,)
    loudness = energy(mel)  # (F,)
    logs = np.log(pitch[pitch > 0].astype(np.float64))
    shift = start / format.sample_rate
    return {
        "id": utterance.id,
        "speaker": utterance.speaker,
        "language": utterance.language,
        "text": utterance.text,
        "symbols": symbols.ids.astype(np.int32),
        "words": [{"text": w.text, "start": w.start, "end": w.end} for w in symbols.words],
        "frames": len(mel),
        "mel": mel.reshape(-1),
        "pitch_hz": pitch,
        "energy": loudness,
        "samples": (samples.clip(-1, 1) * 32_767).astype(np.int16),
        "phones": [
            {"symbol": p.symbol, "end_seconds": max(0.0, p.end_seconds - shift)}
            for p in utterance.phones
        ],
        "start_seconds": shift,
        "voiced_frames": len(logs),
        "pitch_sum": float(logs.sum()),
        "pitch_squares": float(np.square(logs).sum()),
        "energy_sum": float(loudness.sum(dtype=np.float64)),
        "energy_squares": float(np.square(loudness, dtype=np.float64).sum()),
    }
