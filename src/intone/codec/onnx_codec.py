"""A codec's graphs, run by onnxruntime: sound → codes → sound, without torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.codec.codes import Codes, require_codebooks, require_fitting, voice_beside
from intone.codec.decoder import Decoder
from intone.codec.folder import ENCODE_FILE, read_manifest
from intone.codec.voice_graph import VoiceGraph
from intone.core.errors import FormatError
from intone.core.onnx_graph import Graph, default_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import Audio, FloatArray

CODES_AT_ONCE = 1_500
"""Bounds the memory of long recordings: each code is compared to whole codebooks."""


class OnnxCodec:
    """A codec's folder with graphs in it, as a `SoundCodec`.

    Raises `FormatError` or `VoiceError` if the folder is not as it must be.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self.manifest = read_manifest(folder)
        self.name = self.manifest.name
        self.format, self.sound = self.manifest.format, self.manifest.sound
        count = threads or default_threads()
        voice = ("voice",) if self.manifest.voice else ()
        self._encode = Graph(folder / ENCODE_FILE, ("frames", *voice), ("codes",), count)
        self._decode = Decoder(folder, self.manifest, count)
        self._voice = VoiceGraph(folder, self.manifest, count) if self.manifest.voice else None

    def encode(self, audio: Audio, codebooks: int | None = None) -> Codes:
        """The codes of a sound of any rate, in the first `codebooks` or all.

        Raises `SettingsError` if there are not so many codebooks.
        """
        if codebooks is not None:
            require_codebooks(codebooks, self.format.codebooks)
        samples = resample(audio.samples, audio.sample_rate, self.format.sample_rate)
        features = self._features(samples)
        codes = self._coded(features, len(features), len(samples))
        return codes if codebooks is None else codes.first(codebooks)

    def encode_frames(self, frames: FloatArray) -> Codes:
        """The codes of mel frames (F, C); `FormatError` if the codec codes samples."""
        if self.sound is None:
            raise FormatError(f"the codec {self.name} codes samples, not mels; take mel-vq")
        short = -len(frames) % self.manifest.stride
        quiet = math.log(self.sound.floor)
        whole = np.pad(frames, ((0, short), (0, 0)), constant_values=quiet)
        return self._coded(
            whole.astype(np.float32), len(frames), len(frames) * self.sound.hop_samples
        )

    def _coded(self, frames: FloatArray, real: int, samples: int) -> Codes:
        """The codes of a mel (G * stride, bands), the first `real` frames of so many samples."""
        stride = self.manifest.stride
        voice = None if self._voice is None else self._voice.of(frames[:real])
        beside = {} if voice is None else {"voice": voice[None]}

        def run(low: int, high: int) -> NDArray[Any]:
            some = frames[None, low * stride : high * stride]
            (codes,) = self._encode.run({"frames": some, **beside})
            return codes[0]

        made = _in_chunks(run, len(frames) // stride, self.manifest.encode_context, 1)
        if made is None:
            made = np.zeros((0, self.format.codebooks), dtype=np.int64)
        values = made.astype(np.int64)
        return Codes(values, self.format, samples, self.name, self.manifest.fingerprint, voice)

    def render(self, codes: Codes) -> FloatArray:
        """Samples (T), or mel frames (F, C) where `sound` says so, of codes.

        Raises `FormatError` if another codec made them.
        """
        require_fitting(
            codes, name=self.name, format=self.format, fingerprint=self.manifest.fingerprint
        )
        per = self.format.hop_samples if self.sound is None else self.manifest.stride
        decoded = self._decode.passage(voice_beside(codes, self.manifest.voice))

        def run(low: int, high: int) -> NDArray[Any]:
            return decoded(codes.values[low:high], low)

        made = _in_chunks(run, len(codes.values), self.manifest.decode_context, per)
        if made is None:
            bands = () if self.sound is None else (self.sound.bands,)
            return np.zeros((0, *bands), dtype=np.float32)
        most = codes.samples if self.sound is None else -(-codes.samples // self.sound.hop_samples)
        return made[:most]

    def _features(self, samples: FloatArray) -> FloatArray:
        """The mel of samples with silence to a whole number of codes, (G * stride, bands)."""
        features, edge = self.manifest.features, self.manifest.edge_frames
        short = -len(samples) % self.format.hop_samples
        padded = np.pad(samples, (edge * features.hop_samples, edge * features.hop_samples + short))
        mel = mel_spectrogram(padded, features)
        return mel[edge : len(mel) - edge]


def _in_chunks(
    run: Callable[[int, int], NDArray[Any]], count: int, context: int, per: int
) -> NDArray[Any] | None:
    """`run(low, high)` over 0..count in chunks that overlap by `context` on either side.

    Each place gives `per` rows; those of the context are cut off. None for a count of 0.
    """
    pieces = []
    for start in range(0, count, CODES_AT_ONCE):
        end = min(count, start + CODES_AT_ONCE)
        low, high = max(0, start - context), min(count, end + context)
        pieces.append(run(low, high)[(start - low) * per : (end - low) * per])
    return np.concatenate(pieces) if pieces else None
