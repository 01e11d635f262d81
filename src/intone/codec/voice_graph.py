"""Whose voice a mel is, by a codec's graph: what its codes leave unsaid. No torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.codec.folder import VOICE_FILE, CodecManifest
from intone.core.errors import VoiceError
from intone.core.onnx_graph import Graph

if TYPE_CHECKING:
    from intone.core.types import FloatArray

VOICE_FRAMES = 3_000
"""Of a long recording, so many frames at once are heard, which bounds the memory."""


class VoiceGraph:
    """`voice.onnx` of a codec's folder; `VoiceError` if it is not as it must be."""

    def __init__(self, folder: Path, manifest: CodecManifest, threads: int) -> None:
        self._graph = Graph(folder / VOICE_FILE, ("frames",), ("voice",), threads)
        self._size = manifest.voice

    def of(self, frames: FloatArray) -> FloatArray:
        """Whose voice mel frames (F, bands) are, (V,) from -1 to 1; zeros where there are none.

        Of a long recording, the mean over its pieces, each as much as it is long.
        """
        if not len(frames):
            return np.zeros(self._size, dtype=np.float32)
        starts = range(0, len(frames), VOICE_FRAMES)
        pieces = [frames[start : start + VOICE_FRAMES] for start in starts]
        heard = [self._graph.run({"frames": piece[None]})[0] for piece in pieces]
        voice: FloatArray = np.average(
            np.concatenate(heard), axis=0, weights=[len(piece) for piece in pieces]
        ).astype(np.float32)
        if voice.shape != (self._size,) or not np.isfinite(voice).all():
            raise VoiceError(f"{self._graph.path} gave numbers that are no voice; make it again")
        return np.clip(voice, -1, 1)
