"""One utterance's features, as a row of a shard."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.energy import energy
from intone.audio.files import read_audio
from intone.audio.mel import mel_spectrogram
from intone.audio.pitch import pitch_hz
from intone.audio.trim import speech_span
from intone.core.errors import CorpusError
from intone.core.types import FrameFormat, Utterance
from intone.data.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intone.text.frontend import Frontend

LONGEST_SECONDS = 20.0

_LEAST_FRAMES = 16
"""The widest context of any model here; less sound than that says nothing."""


@dataclass(frozen=True)
class Measures:
    """How recordings are measured, and which are of a length to be used.

    `trim` takes the silence off both ends. Longer recordings than `longest_seconds` and
    less speech than `shortest_seconds` are errors.
    """

    format: FrameFormat
    longest_seconds: float = LONGEST_SECONDS
    shortest_seconds: float = 0.0
    trim: bool = True

    def described(self, frontend_state: Mapping[str, Any]) -> str:
        """All that decides about a row beside the utterance: equal texts, equal rows."""
        limits = (self.longest_seconds, self.shortest_seconds, self.trim)
        return json.dumps([asdict(self.format), frontend_state, limits, VERSION], sort_keys=True)


def fingerprint(utterance: Utterance, described: str) -> str:
    """A name for the row's contents: it changes with the file, the text or the measures."""
    try:
        stat = utterance.audio_path.stat()
        file = f"{stat.st_size} {stat.st_mtime_ns}"
    except OSError:
        file = "missing"
    parts = (utterance.id, utterance.text, utterance.speaker, file, described)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def features(utterance: Utterance, frontend: Frontend, measures: Measures) -> dict[str, Any]:
    """The row of `utterance`: symbols, mel, pitch, energy and sound.

    Raises `AudioError`, `TextError` or `CorpusError` if it cannot be used.
    """
    format = measures.format
    symbols = frontend.symbols(utterance.text)
    audio = read_audio(utterance.audio_path, format.sample_rate)
    if audio.seconds > measures.longest_seconds:
        raise CorpusError(
            f"{audio.seconds:.1f} s long, over {measures.longest_seconds:g} s; "
            "cut it, or raise the limit"
        )
    start, end = 0, len(audio.samples)
    if measures.trim:
        start, end = speech_span(audio.samples, format.sample_rate)
    count = (end - start) // format.hop_samples
    seconds = count / format.frames_per_second
    lasting = int((~frontend.inventory.optional_mask()[symbols.ids]).sum())
    if count < max(_LEAST_FRAMES, lasting):
        raise CorpusError(
            f"{seconds:.2f} s of speech are too short for its text; "
            "check that the text belongs to the recording"
        )
    if seconds < measures.shortest_seconds:
        raise CorpusError(
            f"{seconds:.2f} s of speech, under {measures.shortest_seconds:g} s; lower the limit"
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
            {"symbol": p.symbol, "end_seconds": min(max(0.0, p.end_seconds - shift), seconds)}
            for p in utterance.phones
        ],
        "start_seconds": shift,
        "voiced_frames": len(logs),
        "pitch_sum": float(logs.sum()),
        "pitch_squares": float(np.square(logs).sum()),
        "energy_sum": float(loudness.sum(dtype=np.float64)),
        "energy_squares": float(np.square(loudness, dtype=np.float64).sum()),
    }
