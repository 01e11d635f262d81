"""Codes → samples: a codec's decoder, and behind it a vocoder where it gives mel frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.codec.codes import require_codebooks
from intone.codec.folder import DECODE_FILE, read_manifest
from intone.core.errors import FormatError, VoiceError
from intone.core.onnx_graph import Graph
from intone.speech.manifest import file_inside

if TYPE_CHECKING:
    from intone.core.types import FloatArray
    from intone.speech.rendering import Renderer


class CodecRenderer:
    """Renders the codes of the codec in `folder`, of its first `codebooks` alone or of all.

    Raises `FormatError` if the codec gives mel frames and `vocoder` renders others or none,
    or if it gives samples and there is a vocoder; `VoiceError` if a file is missing.
    """

    def __init__(
        self, folder: Path, threads: int, vocoder: Renderer | None, codebooks: int | None = None
    ) -> None:
        self.manifest = manifest = read_manifest(folder)
        self.format = manifest.format
        if codebooks is not None:
            require_codebooks(codebooks, manifest.format.codebooks)
            self.format = replace(manifest.format, codebooks=codebooks)
        self._sound, self._stride = manifest.sound, manifest.stride
        self._context = manifest.decode_context
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
        made = "samples" if manifest.sound is None else "frames"
        self._decode = Graph(file_inside(folder, DECODE_FILE), ("codes",), (made,), threads)

    def render(self, frames: FloatArray) -> FloatArray:
        """Samples (F * hop) of codes (F, K)."""
        return self.passage()(frames, 0)

    def passage(self) -> Callable[[FloatArray, int], FloatArray]:
        """Renders pieces of one passage in order: codes (F, K), and the number of the first."""
        vocoder = None if self._vocoder is None else self._vocoder.passage()

        def piece(codes: FloatArray, first: int) -> FloatArray:
            made = self._decoded(codes)
            if vocoder is None:
                return made
            # At its left edge a piece is decoded without what decides it, and a vocoder that
            # goes on from piece to piece must not hear that.
            cut = min(self._context, len(codes) - 1) if first else 0
            samples = vocoder(made[cut * self._stride :], (first + cut) * self._stride)
            unheard = np.zeros(cut * self.format.hop_samples, dtype=np.float32)
            return np.concatenate([unheard, samples])

        return piece

    def _decoded(self, codes: FloatArray) -> FloatArray:
        """Samples (F * hop) or mel frames (F * stride, bands) of codes (F, K)."""
        (found,) = self._decode.run({"codes": np.asarray(codes, dtype=np.int64)[None]})
        count = len(codes)
        wanted: tuple[int, ...] = (count * self.format.hop_samples,)
        if self._sound is not None:
            wanted = (count * self._stride, self._sound.bands)
        if found.shape != (1, *wanted) or not np.isfinite(found).all():
            raise VoiceError(
                f"{self._decode.path} gave shape {found.shape} for {count} codes, or numbers "
                "that are no sound; make the voice again"
            )
        made: FloatArray = found[0]
        return made
