"""Models whose LSTMs make frames group by group, run by onnxruntime, driven from numpy. No torch.

Three graphs: symbols → when each is spoken, and what attention may look at; a step → the next
group of frames; groups → finished frames. A step sees a window around the symbol that it
speaks, which only moves forward, so that its cost does not grow with the text.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import VoiceError
from intone.core.onnx_graph import Graph
from intone.speech.engine_files import read_about, read_arrays
from intone.speech.manifest import file_inside
from intone.speech.onnx_engine import ACOUSTIC_INPUTS
from intone.speech.told import progress, spread

if TYPE_CHECKING:
    from intone.core.types import Controls, FloatArray, FrameFormat, IntArray

STATE = ("asked", "asked_cell", "made", "made_cell")

STEP_OUTPUTS = ("made_group", "stop", "looked", *(f"{name}_next" for name in STATE))

NOTHING = -1e4
"""What is added to the score of a place beyond the text."""

_NUMBERS = (
    "reduction", "window", "query_channels", "decoder_channels", "mel_mean", "mel_deviation",
    "postnet",
)  # fmt: skip


class OnnxRecurrent:
    """An acoustic model with a decoder of LSTMs.

    Raises `VoiceError` if a file of the voice is missing or is not as it must be.
    """

    def __init__(self, folder: Path, description: str, format: FrameFormat, threads: int) -> None:
        self.format = format
        about = self.about = read_about(folder, description, _NUMBERS)
        self.begin = read_arrays(folder, ("begin",))["begin"]  # (r * bands)
        self.text = Graph(
            file_inside(folder, "text.onnx"),
            ACOUSTIC_INPUTS,
            ("memory", "durations", "keys", "values"),
            threads,
        )
        # A step is so little work that a second thread would only be waited for.
        self.step = Graph(
            file_inside(folder, "step.onnx"),
            ("group", "told", "keys", "values", "hole", *STATE),
            STEP_OUTPUTS,
            1,
        )
        self.postnet: Graph | None = None
        if about["postnet"]:
            self.postnet = Graph(
                file_inside(folder, "postnet.onnx"), ("coarse", "spread"), ("frames",), threads
            )

    def frames(
        self, symbols: IntArray, speaker: int, controls: Controls
    ) -> tuple[FloatArray, IntArray]:
        """Frames (F, bands) and durations (S), summing to F, of symbols (S).

        Raises `VoiceError` if a graph fails or gives anything that is no sound.
        """
        memory, planned, keys, values = self.text.run(
            {
                "symbols": symbols[None].astype(np.int64),
                "speaker": np.array([speaker], dtype=np.int64),
                "speed": np.array([controls.speed], dtype=np.float32),
                "pitch": np.array([controls.pitch], dtype=np.float32),
                "energy": np.array([controls.energy], dtype=np.float32),
            }
        )
        if planned.shape != (1, len(symbols)) or planned.min(initial=0) < 0:
            raise VoiceError(
                f"{self.text.path} gave durations that do not fit the text; export it again"
            )
        durations: IntArray = planned[0].copy()
        coarse = self._coarse(durations, keys[0], values[0])
        durations[-1] -= int(durations.sum()) - len(coarse)
        made = coarse[None]
        if self.postnet is not None and len(coarse):
            # Told of the plan, whose last symbol may have been cut short.
            told = spread(memory[0], planned[0])[: len(coarse)]
            (made,) = self.postnet.run({"coarse": made, "spread": told[None]})
        if made.shape != (1, len(coarse), self.format.bands) or not np.isfinite(made).all():
            raise VoiceError(
                f"{self.text.path.parent} gave numbers that are no sound; train or export it again"
            )
        return made[0], durations

    def _coarse(self, durations: IntArray, keys: FloatArray, values: FloatArray) -> FloatArray:
        """Frames (F, bands) before the postnet; fewer than planned where a stop came earlier."""
        about = self.about
        reduction, window = int(about["reduction"]), int(about["window"])
        total = int(durations.sum())
        steps = -(-total // reduction)
        pointers, told = _told(durations, steps, reduction)
        holes = np.pad(np.zeros(len(keys), np.float32), window, constant_values=NOTHING)
        keys, values = (np.pad(part, ((window, window), (0, 0))) for part in (keys, values))
        width = 2 * window + 1
        state = [
            np.zeros((1, int(about[f"{who}_channels"])), np.float32)
            for who in ("query", "query", "decoder", "decoder")
        ]
        group = self.begin[None]
        groups = np.empty((steps, reduction * self.format.bands), np.float32)
        text_left = total - int(durations[-1])  # a stop raised before that is not heeded
        for step in range(steps):
            low = int(pointers[step])
            group, stop, _, *state = self.step.run(
                {
                    "group": group,
                    "told": told[step : step + 1],
                    "keys": keys[None, low : low + width],
                    "values": values[None, low : low + width],
                    "hole": holes[None, low : low + width],
                    **dict(zip(STATE, state, strict=True)),
                }
            )
            groups[step] = group[0]
            if stop[0] > 0.5 and step * reduction >= text_left:
                total = min(total, (step + 1) * reduction)
                break
        frames = groups.reshape(-1, self.format.bands)[:total]
        made: FloatArray = frames * np.float32(about["mel_deviation"]) + about["mel_mean"]
        return made.astype(np.float32)


def _told(durations: IntArray, steps: int, reduction: int) -> tuple[IntArray, FloatArray]:
    """The symbol (G) that each step begins with, and what it is told of its frames (G, r * 3).

    Of each frame: how many symbols it is behind the step's first, how far it is inside its
    own, and how long that lasts.
    """
    owners, along = progress(durations)
    pointers = owners[::reduction]
    behind = (owners - np.repeat(pointers, reduction)[: len(owners)]).astype(np.float32) / 2
    told = np.zeros((steps * reduction, 3), np.float32)
    told[: len(owners)] = np.concatenate([behind[:, None], along], axis=1)
    return pointers, told.reshape(steps, -1)
