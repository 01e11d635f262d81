"""A codec's decoder, run by onnxruntime, by pieces: codes → samples or mel frames. No torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.codec.folder import DECODE_FILE, CodecManifest
from intone.core.errors import VoiceError
from intone.core.onnx_graph import KEPT_LENGTH, Graph
from intone.core.turning import TURNING_INPUTS, TURNING_OUTPUTS, Turning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray, IntArray


class Decoder:
    """`decode.onnx` of a codec's folder; `VoiceError` if it is not as it must be."""

    def __init__(self, folder: Path, manifest: CodecManifest, threads: int) -> None:
        inputs, outputs = ["codes"], ["samples" if manifest.sound is None else "frames"]
        if manifest.voice:
            inputs.append("voice")
        if manifest.pitch_reach is not None:
            inputs += TURNING_INPUTS
            outputs += TURNING_OUTPUTS
        self._graph = Graph(
            folder / DECODE_FILE, tuple(inputs), tuple(outputs), threads, kept_length=KEPT_LENGTH
        )
        self._manifest = manifest

    def passage(self, voice: FloatArray) -> Callable[[IntArray, int], FloatArray]:
        """Decodes pieces of one passage in order: codes (F, K), and the number of the first.

        `voice` (V,) is whose it is, of no numbers where the codes say that themselves. Gives
        samples (F * hop) or mel frames (F * stride, bands); `VoiceError` if the graph gives
        anything else.
        """
        about = self._manifest
        turning = None if about.pitch_reach is None else Turning(about.pitch_reach)

        def piece(codes: IntArray, first: int) -> FloatArray:
            given: dict[str, NDArray[Any]] = {"codes": np.asarray(codes, dtype=np.int64)[None]}
            if about.voice:
                given["voice"] = voice[None].astype(np.float32)
            if turning is not None:
                given |= turning.given(first, len(codes))
            made, *turned = self._graph.run(given)
            wanted: tuple[int, ...] = (len(codes) * about.format.hop_samples,)
            if about.sound is not None:
                wanted = (len(codes) * about.stride, about.sound.bands)
            if made.shape != (1, *wanted) or not np.isfinite(made).all():
                raise VoiceError(
                    f"{self._graph.path} gave shape {made.shape} for {len(codes)} codes, or "
                    "numbers that are no sound; make it again"
                )
            if turning is not None:
                if turned[0].shape != (1, len(codes)):
                    raise VoiceError(
                        f"{self._graph.path} does not say how far it turned; make it again"
                    )
                turning.keep(turned[0][0], first)
            sound: FloatArray = made[0]
            return sound

        return piece
