"""Models that speak a codec's codes one by one, run by onnxruntime and driven from numpy. No torch.

Two graphs: text → when each symbol is spoken and what is seen of it; a step → how likely each
code is next. A third where there are several codebooks: what a step made and its codes so far →
how likely each code of the next codebook is. The caches are kept here, and a step is given only
what it looks at.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.core.errors import VoiceError
from intone.core.onnx_graph import Graph
from intone.speech.engine_files import ARRAYS_FILE, read_about, read_arrays
from intone.speech.manifest import file_inside
from intone.speech.told import spread

if TYPE_CHECKING:
    from intone.core.types import Controls, FloatArray, FrameFormat, IntArray

CODES_AT_ONCE = 8
"""Codes that are handed on together."""
SORTED = 256
"""The likeliest codes, which are sorted; the others only where these make up too little."""

GRAPHS = {
    "text": (("symbols", "speaker", "speed"), ("hidden", "durations", "keys", "values")),
    "step": (
        ("code", "told", "keys", "values", "text_keys", "text_values", "where"),
        ("logits", "key", "value"),
    ),
}

FURTHER = (("made", "known"), ("logits",))
"""What the graph of the codebooks behind the first takes and gives."""

_NUMBERS = ("begin", "codes", "text_window", "code_window", "use_alibi", "emotion_size")


class OnnxCodes:
    """An acoustic model whose frames are codes, made step by step.

    Raises `VoiceError` if a file of the voice is missing or is not as it must be.
    """

    def __init__(self, folder: Path, description: str, format: FrameFormat, threads: int) -> None:
        self.format = format
        about = self.about = read_about(folder, description, _NUMBERS)
        # Voices of a time when one codebook was all do not count them.
        self.codebooks = about.get("codebooks", 1)
        if (about["codes"], self.codebooks) != (format.codebook_size, format.codebooks):
            raise VoiceError(
                f"{folder / description} speaks other codes than the voice; export it again"
            )
        self.emotions, self._vectors = _emotions(folder, about)
        self._felt = np.zeros(int(about["emotion_size"]), dtype=np.float32)
        self.graph = {}
        for name, (inputs, outputs) in GRAPHS.items():
            if name == "text" and about["emotion_size"]:
                inputs = (*inputs, "emotion")
            if name == "step" and self.codebooks > 1:
                outputs = (*outputs, "made")
            file = file_inside(folder, f"{name}.onnx")
            self.graph[name] = Graph(file, inputs, outputs, threads)
        if self.codebooks > 1:
            self.graph["further"] = Graph(file_inside(folder, "further.onnx"), *FURTHER, threads)

    def feeling(self, emotion: str) -> OnnxCodes:
        """The same engine, speaking in one of `emotions`."""
        moved = copy.copy(self)
        moved._felt = self._vectors[self.emotions.index(emotion)]
        return moved

    def stream(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[IntArray, Iterator[FloatArray]]:
        """Durations (S) of symbols (S), and their codes in pieces (F, K) as they are made.

        Raises `VoiceError` if a graph fails or gives what are no codes.
        """
        given = {
            "symbols": symbols[None].astype(np.int64),
            "speaker": np.array([speaker], dtype=np.int64),
            "speed": np.array([controls.speed], dtype=np.float32),
        }
        if len(self._felt):
            given["emotion"] = self._felt[None]
        hidden, durations, keys, values = self.graph["text"].run(given)
        path = self.graph["text"].path
        if durations.shape != (1, len(symbols)) or durations.min(initial=0) < 0:
            raise VoiceError(f"{path} gave durations that do not fit the text; export it again")
        told = spread(hidden[0], durations[0])
        return durations[0], self._pieces(told, durations[0], keys, values, controls)

    def _pieces(
        self,
        told: FloatArray,
        durations: IntArray,
        keys: FloatArray,
        values: FloatArray,
        controls: Controls,
    ) -> Iterator[Any]:
        piece: list[list[int]] = []
        for codes in self._codes(told, durations, keys, values, controls):
            piece.append(codes)
            if len(piece) == CODES_AT_ONCE:
                yield np.array(piece, dtype=np.int64)
                piece = []
        if piece or not len(told):
            yield np.array(piece, dtype=np.int64).reshape(-1, self.codebooks)

    def _codes(
        self,
        told: FloatArray,
        durations: IntArray,
        text_keys: FloatArray,
        text_values: FloatArray,
        controls: Controls,
    ) -> Iterator[list[int]]:
        about, steps, size = self.about, len(told), int(self.about["codes"])
        text_window, code_window = int(about["text_window"]), int(about["code_window"])
        source = np.random.default_rng(controls.seed)
        owners = np.repeat(np.arange(len(durations)), durations)
        keys = np.empty((*text_keys.shape[:3], steps, text_keys.shape[4]), np.float32)
        values = np.empty_like(keys)
        codes = [int(about["begin"]), *[0] * (self.codebooks - 1)]
        for step in range(steps):
            low, high = 0, len(durations)
            if text_window:
                low = max(0, int(owners[step]) - text_window)
                high = int(owners[step]) + text_window + 1
            back = max(0, step - code_window) if code_window else 0
            far = np.arange(low, min(high, len(durations)), dtype=np.int64) - owners[step]
            logits, key, value, *made = self.graph["step"].run(
                {
                    "code": np.array([codes], np.int64),
                    "told": told[None, step : step + 1],
                    "keys": keys[:, :, :, back:step],
                    "values": values[:, :, :, back:step],
                    "text_keys": text_keys[:, :, :, low:high],
                    "text_values": text_values[:, :, :, low:high],
                    "where": far if about["use_alibi"] else np.array([step], np.int64),
                }
            )
            keys[:, :, :, step], values[:, :, :, step] = key[:, :, :, 0], value[:, :, :, 0]
            # When speech ends follows from the durations, so that the end is never drawn.
            self._require_logits("step", logits, (1, size + 1))
            codes = [_drawn(logits[0, :size], controls, float(source.random()))]
            if self.codebooks > 1:
                codes = self._with_further(codes, made[0], controls, source)
            yield codes

    def _with_further(
        self, codes: list[int], made: FloatArray, controls: Controls, source: np.random.Generator
    ) -> list[int]:
        """The codes of all codebooks in a step that `made` (1, C), of the first one's."""
        further, size = self.codebooks - 1, int(self.about["codes"])
        for number in range(further):
            known = np.array([codes + [0] * (further - len(codes))], np.int64)
            (logits,) = self.graph["further"].run({"made": made, "known": known})
            self._require_logits("further", logits, (1, further, size))
            codes = [*codes, _drawn(logits[0, number], controls, float(source.random()))]
        return codes

    def _require_logits(self, graph: str, logits: FloatArray, shape: tuple[int, ...]) -> None:
        """Raise `VoiceError` unless a graph gave logits of this shape."""
        if logits.shape != shape or not np.isfinite(logits).all():
            path = self.graph[graph].path
            raise VoiceError(f"{path} gave numbers that are no codes; train or export it again")


def _drawn(logits: FloatArray, controls: Controls, at: float) -> int:
    """A code drawn by logits (codes), of the likeliest `top_p`; `at` (0 to 1) decides which."""
    logits = logits.astype(np.float64)
    if not controls.temperature:
        return int(logits.argmax())
    shares = np.exp((logits - logits.max()) / controls.temperature)
    order = _likeliest(shares, SORTED)
    upto = np.cumsum(shares[order]) / shares.sum()
    if upto[-1] < controls.top_p and len(order) < len(logits):
        order = _likeliest(shares, len(logits))
        upto = np.cumsum(shares[order]) / shares.sum()
    kept = int(np.searchsorted(upto, controls.top_p)) + 1
    upto = upto[:kept]
    return int(order[min(np.searchsorted(upto, at * upto[-1], side="right"), len(upto) - 1)])


def _likeliest(shares: FloatArray, count: int) -> IntArray:
    """The codes of the largest `count` of `shares` (codes), the largest first."""
    chosen = np.arange(len(shares))
    if count < len(shares):
        chosen = np.sort(np.argpartition(-shares, count)[:count])
    made: IntArray = chosen[np.argsort(-shares[chosen], kind="stable")]
    return made


def _emotions(folder: Path, about: Any) -> tuple[tuple[str, ...], FloatArray]:
    """The emotions that can be asked for by name, and their vectors (N, E)."""
    names, size = about.get("emotions"), int(about["emotion_size"])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise VoiceError(f"{folder} does not say which emotions it knows; export it again")
    if not names:
        return (), np.zeros((0, size), dtype=np.float32)
    vectors = read_arrays(folder, ("emotions",))["emotions"]
    if vectors.shape != (len(names), size):
        raise VoiceError(f"{folder / ARRAYS_FILE} has no vector for each emotion; export it again")
    return tuple(names), vectors.astype(np.float32)
