"""The graphs of a voice, run by onnxruntime: symbols → frames, frames → samples.

Knows the contract of the two graphs and turns every fault of a file into one line;
knows nothing of texts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.core.errors import VoiceError
from intone.core.onnx_graph import KEPT_LENGTH, Graph
from intone.core.turning import TURNING_INPUTS, TURNING_OUTPUTS, Turning

if TYPE_CHECKING:
    from intone.core.types import Controls, FloatArray, FrameFormat, IntArray

ACOUSTIC_INPUTS = ("symbols", "speaker", "speed", "pitch", "energy")
ACOUSTIC_OUTPUTS = ("frames", "durations")
VOCODER_INPUTS = ("frames",)
VOCODER_OUTPUTS = ("samples",)
PASSAGE_INPUTS = ("frames", *TURNING_INPUTS)
PASSAGE_OUTPUTS = ("samples", *TURNING_OUTPUTS)


class OnnxAcoustic:
    """A parallel acoustic model: symbols → frames and the frames of each symbol."""

    def __init__(self, path: Path, format: FrameFormat, threads: int) -> None:
        self.graph = Graph(
            path, ACOUSTIC_INPUTS, ACOUSTIC_OUTPUTS, threads, kept_length=KEPT_LENGTH
        )
        self.format = format

    def frames(
        self, symbols: IntArray, speaker: int, controls: Controls
    ) -> tuple[FloatArray, IntArray]:
        """Frames (F, C) and durations (S), summing to F, of symbols (S).

        Raises `VoiceError` if the model gives anything else, or numbers that are no sound.
        """
        frames, durations = self.graph.run(
            {
                "symbols": symbols[None].astype(np.int64),
                "speaker": np.array([speaker], dtype=np.int64),
                "speed": np.array([controls.speed], dtype=np.float32),
                "pitch": np.array([controls.pitch], dtype=np.float32),
                "energy": np.array([controls.energy], dtype=np.float32),
            }
        )
        path = self.graph.path
        if frames.ndim != 3 or len(frames) != 1 or frames.shape[2] != self.format.channels:
            raise VoiceError(
                f"{path} gave frames of shape {frames.shape}, "
                f"but must give (1, F, {self.format.channels}); export it again"
            )
        if durations.shape != (1, len(symbols)) or durations.sum() != frames.shape[1]:
            raise VoiceError(f"{path} gave durations that do not fit its frames; export it again")
        if durations.min(initial=0) < 0 or not np.isfinite(frames).all():
            raise VoiceError(f"{path} gave numbers that are no sound; train or export it again")
        return frames[0], durations[0]


class OnnxVocoder:
    """A vocoder: frames → samples."""

    def __init__(
        self, path: Path, format: FrameFormat, threads: int, context_frames: int | None
    ) -> None:
        self.graph = Graph(path, VOCODER_INPUTS, VOCODER_OUTPUTS, threads, kept_length=KEPT_LENGTH)
        self.format, self.context_frames = format, context_frames

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of frames (F, C); `VoiceError` if the vocoder gives anything else."""
        (samples,) = self.graph.run({"frames": frames[None].astype(np.float32)})
        return _sound(self.graph.path, samples, len(frames) * self.format.hop_samples)

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of a passage; here none depends on another."""
        return lambda frames, first: self.render(frames)


class OnnxSourceVocoder:
    """A vocoder with a source, whose pulses go on from piece to piece of a passage.

    `pitch_reach` is how many frames on either side decide the pitch of one.
    """

    def __init__(
        self,
        path: Path,
        format: FrameFormat,
        threads: int,
        *,
        context_frames: int | None,
        pitch_reach: int,
    ) -> None:
        self.graph = Graph(path, PASSAGE_INPUTS, PASSAGE_OUTPUTS, threads, kept_length=KEPT_LENGTH)
        self.format, self.context_frames = format, context_frames
        self._reach = pitch_reach

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of frames (F, C); `VoiceError` if the vocoder gives anything else."""
        return self.passage()(frames, 0)

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of one passage in order: frames (F, C), and the number of the first."""
        turning = Turning(self._reach)

        def piece(frames: FloatArray, first: int) -> FloatArray:
            samples, turned = self.graph.run(
                {
                    "frames": frames[None].astype(np.float32),
                    **turning.given(first, len(frames)),
                }
            )
            turning.keep(turned[0], first)
            return _sound(self.graph.path, samples, len(frames) * self.format.hop_samples)

        return piece


def open_vocoder(
    path: Path, format: FrameFormat, threads: int, context: int | None, pitch_reach: int | None
) -> OnnxVocoder | OnnxSourceVocoder:
    """The vocoder in `path`, with what its manifest says of it."""
    if pitch_reach is None:
        return OnnxVocoder(path, format, threads, context)
    return OnnxSourceVocoder(path, format, threads, context_frames=context, pitch_reach=pitch_reach)


def _sound(path: Path, samples: Any, expected: int) -> FloatArray:
    if samples.shape != (1, expected):
        raise VoiceError(
            f"{path} gave samples of shape {samples.shape}, "
            f"but must give (1, {expected}); export it again"
        )
    if not np.isfinite(samples).all():
        raise VoiceError(f"{path} gave numbers that are no sound; train or export it again")
    found: FloatArray = samples[0]
    return found
