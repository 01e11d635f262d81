"""Codes → samples: a codec's decoder, and behind it a vocoder where it gives mel frames."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.codec.codes import require_codebooks
from intone.codec.decoder import Decoder
from intone.codec.folder import DECODE_FILE, VOICE_FILE, read_manifest
from intone.codec.voice_graph import VoiceGraph
from intone.core.errors import FormatError, VoiceError
from intone.speech.manifest import file_inside

if TYPE_CHECKING:
    from intone.core.types import Audio, FloatArray
    from intone.speech.rendering import Renderer


class CodecRenderer:
    """Renders the codes of the codec in `folder`, of its first `codebooks` alone or of all.

    `voices` (N, V) say whose voice each speaker's is, where the codes do not; it renders as the
    first until it is told otherwise, and where there are none, as nobody. Raises `FormatError` if
    the codec gives mel frames and `vocoder` renders others or none, if it gives samples and there
    is a vocoder, or if the voices are not as it wants them; `VoiceError` if a file is missing.
    """

    def __init__(
        self,
        folder: Path,
        threads: int,
        vocoder: Renderer | None,
        codebooks: int | None = None,
        voices: Sequence[Sequence[float]] = (),
    ) -> None:
        self.manifest = manifest = read_manifest(folder)
        self.format = manifest.format
        if codebooks is not None:
            require_codebooks(codebooks, manifest.format.codebooks)
            self.format = replace(manifest.format, codebooks=codebooks)
        self._stride, self._context = manifest.stride, manifest.decode_context
        self._vocoder = vocoder
        self.context_frames: int | None = self._context
        if manifest.sound is None:
            if vocoder is not None:
                raise FormatError(f"the codec {manifest.name} gives samples, so no vocoder fits it")
        elif vocoder is None:
            raise FormatError(f"the codec {manifest.name} gives mel frames; name a vocoder")
        else:
            manifest.sound.require(vocoder.format, ours="the codec", theirs="the vocoder")
            behind = vocoder.context_frames
            self.context_frames = (
                None if behind is None else self._context + -(-behind // self._stride)
            )
        nobody = np.zeros((1, manifest.voice), dtype=np.float32)
        self._voices = np.array(voices, dtype=np.float32) if len(voices) else nobody
        self._told = len(voices) > 0
        if self._voices.ndim != 2 or self._voices.shape[1] != manifest.voice:
            raise FormatError(
                f"the codec {manifest.name} takes {manifest.voice} numbers of each speaker's "
                "voice; make the voice again"
            )
        self.voice: FloatArray = self._voices[0]
        self._folder, self._threads = folder, threads
        file_inside(folder, DECODE_FILE)
        self._decode = Decoder(folder, manifest, threads)

    def speaking(self, speaker: int) -> CodecRenderer:
        """The same renderer, in the voice of this speaker."""
        if not self.manifest.voice or not self._told:
            return self
        if speaker >= len(self._voices):
            raise VoiceError(f"nothing says whose voice speaker {speaker} has; make it again")
        return self._in(self._voices[speaker])

    def hearing(self, audio: Audio) -> CodecRenderer:
        """The same renderer, in the voice of a recording."""
        about = self.manifest
        if not about.voice:
            return self
        file_inside(self._folder, VOICE_FILE)
        samples = resample(audio.samples, audio.sample_rate, about.features.sample_rate)
        mel = mel_spectrogram(samples, about.features)
        return self._in(VoiceGraph(self._folder, about, self._threads).of(mel))

    def _in(self, voice: FloatArray) -> CodecRenderer:
        moved = copy.copy(self)
        moved.voice = voice
        return moved

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of codes (F, K)."""
        return self.passage()(frames, 0)

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of one passage in order: codes (F, K), and the number of the first."""
        decoded = self._decode.passage(self.voice)
        vocoder = None if self._vocoder is None else self._vocoder.passage()

        def piece(codes: FloatArray, first: int) -> FloatArray:
            made = decoded(np.asarray(codes, dtype=np.int64), first)
            if vocoder is None:
                return made
            # At its left edge a piece is decoded without what decides it, and a vocoder that
            # goes on from piece to piece must not hear that.
            cut = min(self._context, len(codes) - 1) if first else 0
            samples = vocoder(made[cut * self._stride :], (first + cut) * self._stride)
            unheard = np.zeros(cut * self.format.hop_samples, dtype=np.float32)
            return np.concatenate([unheard, samples])

        return piece
