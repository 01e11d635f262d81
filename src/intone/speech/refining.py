"""Models that fill in a codec's codes by refinement, run by onnxruntime, driven from numpy.

Three graphs: text → when each symbol is spoken; codes so far → what is known of each frame; a
reference → a style. The heads are kept here, since a pass needs those of one codebook. No torch.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.core.errors import AudioError, VoiceError
from intone.core.onnx_graph import Graph
from intone.core.refining import passes
from intone.core.types import MEL_22K
from intone.speech.engine_files import read_about, read_arrays
from intone.speech.manifest import file_inside
from intone.speech.reference import reference_mel
from intone.speech.told import spread

if TYPE_CHECKING:
    from intone.core.types import Audio, Controls, FloatArray, FrameFormat, IntArray

NOISE_FRAMES = 256
"""Frames whose noise is drawn at once; it repeats in longer speech."""

_NUMBERS = (
    "codebooks", "codebook_size", "style", "nobody", "reference_bands", "reference_most_frames",
    "vary_duration", "sure", "stop_quality", "stop_gain",
)  # fmt: skip
_CONTROLLER = tuple(
    f"{p}.{k}" for p in ("text", "audio", "told", "out") for k in ("weight", "bias")
)


class OnnxRefining:
    """An acoustic model whose codes are filled in over a number of passes, the coarse ones first.

    Who speaks is the number of a known speaker, or the style that `listen` heard in a
    recording. Raises `VoiceError` if a file of the voice is missing or is not as it must be.
    """

    def __init__(self, folder: Path, description: str, format: FrameFormat, threads: int) -> None:
        self.format = format
        about = self.about = read_about(folder, description, _NUMBERS)
        if (about["codebooks"], about["codebook_size"]) != (format.codebooks, format.codebook_size):
            raise VoiceError(
                f"{folder / description} speaks other codes than the voice; export it again"
            )
        arrays = read_arrays(folder, ("heads", "biases", *(f"controller.{k}" for k in _CONTROLLER)))
        self.heads = arrays["heads"]  # (K, V, C)
        self.biases = arrays["biases"]  # (K, V)
        self.controller = {k: arrays[f"controller.{k}"] for k in _CONTROLLER}
        styled = ("style",) if about["style"] else ()
        text = ("symbols", "speaker", "speed", "pitch", "energy", "variation", *styled)
        graphs = {
            "text": (text, ("context", "adapted", "durations")),
            "refine": (("told", "codes", *styled), ("hidden",)),
            **({"style": (("reference",), ("style",))} if styled else {}),
        }
        self.graph = {
            name: Graph(file_inside(folder, f"{name}.onnx"), inputs, outputs, threads)
            for name, (inputs, outputs) in graphs.items()
        }

    def listen(self, audio: Audio) -> FloatArray:
        """The style (D) of a recording; `AudioError` if it is too short or silent."""
        if "style" not in self.graph:
            raise AudioError("this voice takes no reference; speak without one")
        mel = reference_mel(audio, MEL_22K, least_frames=2)
        most = int(self.about["reference_most_frames"])
        style: FloatArray = self.graph["style"].run({"reference": mel[None, :most]})[0][0]
        return style

    def frames(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[Any, IntArray]:
        """Codes (F, K) and durations (S), summing to F, of symbols (S).

        Raises `VoiceError` if a graph fails or gives what is no speech.
        """
        source = np.random.default_rng(controls.seed)
        known = isinstance(speaker, int)
        style: dict[str, Any] = {}
        if size := int(self.about["style"]):
            # A style of zeros modulates nothing.
            heard = np.zeros(size, np.float32) if known else np.asarray(speaker, np.float32)
            style = {"style": heard[None]}
        wander = controls.temperature * float(self.about["vary_duration"])
        drawn = source.standard_normal(NOISE_FRAMES)[np.arange(len(symbols)) % NOISE_FRAMES]
        context, adapted, durations = self.graph["text"].run(
            {
                "symbols": symbols[None].astype(np.int64),
                "speaker": np.array([speaker if known else self.about["nobody"]], np.int64),
                "speed": np.array([controls.speed], np.float32),
                "pitch": np.array([controls.pitch], np.float32),
                "energy": np.array([controls.energy], np.float32),
                "variation": (wander * drawn).astype(np.float32),
                **style,
            }
        )
        path = self.graph["text"].path
        if durations.shape != (1, len(symbols)) or durations.min(initial=0) < 0:
            raise VoiceError(f"{path} gave durations that do not fit the text; export it again")
        told = spread(adapted[0], durations[0])
        size = int(self.about["codebook_size"])
        codes = np.full((len(told), int(self.about["codebooks"])), size, np.int64)
        for first, last, count in passes(controls.steps, codes.shape[1]):
            self._fill(codes, first, last, count, told, style, context[0], controls, source)
        return codes, durations[0]

    def _fill(
        self,
        codes: IntArray,
        first: int,
        last: int,
        count: int,
        told: FloatArray,
        style: dict[str, Any],
        context: FloatArray,
        controls: Controls,
        source: np.random.Generator,
    ) -> None:
        """Fill in the codebooks from `first` to before `last` of `codes` (F, K), in place."""
        size = int(self.about["codebook_size"])
        noise = source.random((NOISE_FRAMES, last - first, size), np.float32)
        gumbel = -np.log(-np.log(np.clip(noise, 1e-9, 1 - 1e-7)))
        gumbel = gumbel[np.arange(len(codes)) % NOISE_FRAMES]  # (F, L, V)
        best, idle = -1.0, 0
        for number in range(1, count + 1):
            at_hand = codes[:, first:last]  # (F, L)
            waiting = at_hand == size
            if not waiting.any():
                return
            (hidden,) = self.graph["refine"].run(
                {"told": told[None], "codes": codes[None], **style}
            )
            logits = np.stack(
                [hidden[0] @ self.heads[k].T + self.biases[k] for k in range(first, last)], axis=1
            )  # (F, L, V)
            if not np.isfinite(logits).all():
                path = self.graph["refine"].path
                raise VoiceError(f"{path} gave numbers that are no codes; train or export it again")
            shares = _softmax(logits)
            filled = at_hand.copy()
            filled[waiting] = _drawn(logits[waiting], shares[waiting], gumbel[waiting], controls)
            sure = np.take_along_axis(shares, filled[..., None], axis=2)[..., 0]  # (F, L)
            quality = self._quality(context, hidden[0], float(sure.mean()), float(waiting.mean()))
            idle = idle + 1 if quality - best < self.about["stop_gain"] else 0
            best = max(best, quality)
            now = waiting
            if quality < self.about["stop_quality"] and idle < 2:
                stay = math.floor(math.cos(number / count * math.pi / 2) * waiting.size)
                now = waiting & (sure >= self._threshold(sure[waiting], stay))
            codes[:, first:last] = np.where(now, filled, at_hand)

    def _threshold(self, sure: FloatArray, stay: int) -> float:
        """The probability from which on a token is kept, so that `stay` at most are not."""
        fill = len(sure) - stay
        least = float(np.sort(sure)[::-1][fill - 1]) if fill > 0 else 2.0
        return min(least, float(self.about["sure"]))

    def _quality(self, text: FloatArray, hidden: FloatArray, sure: float, waiting: float) -> float:
        """The share of the tokens at hand that the controller expects to be right."""
        inputs = (
            ("text", text),
            ("audio", hidden.mean(axis=0)),
            ("told", np.array([sure, waiting], np.float32)),
        )
        parts = (
            self.controller[f"{name}.weight"] @ values + self.controller[f"{name}.bias"]
            for name, values in inputs
        )
        inside = np.maximum(sum(parts), 0)
        logit = self.controller["out.weight"] @ inside + self.controller["out.bias"]
        return float(1 / (1 + np.exp(-logit[0])))


def _softmax(logits: FloatArray) -> FloatArray:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: FloatArray = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _drawn(
    logits: FloatArray, shares: FloatArray, gumbel: FloatArray, controls: Controls
) -> IntArray:
    """Tokens (N,) of the likeliest `top_p` at a temperature; `gumbel` (N, V) decides which."""
    if controls.temperature > 0:
        # Values are sorted several times as fast as places.
        ordered = -np.sort(-shares, axis=-1)
        before = np.cumsum(ordered, axis=-1) - ordered
        count = np.maximum(1, (before <= controls.top_p).sum(axis=-1, keepdims=True))
        unlikely = shares < np.take_along_axis(ordered, count - 1, axis=-1)
        logits = np.where(unlikely, -np.inf, logits / controls.temperature) + gumbel
    drawn: IntArray = logits.argmax(axis=-1)
    return drawn
