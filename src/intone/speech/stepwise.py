"""Models that speak step by step, run by onnxruntime and driven from numpy. No torch.

Four graphs: a reference → latents; text and latents → when each symbol is spoken and a cache;
a step → the next group of frames; groups → finished frames. The cache is kept here, and a step
is given only what it looks at, so that its cost does not grow with the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import VoiceError
from intone.core.onnx_graph import Graph
from intone.speech.engine_files import read_about, read_arrays
from intone.speech.manifest import file_inside
from intone.speech.reference import reference_mel
from intone.speech.told import spread

if TYPE_CHECKING:
    from intone.core.types import Audio, Controls, FloatArray, FrameFormat, IntArray

FIRST_FRAMES = 24
"""The frames that are finished before all others, so that listening can begin."""

MOST_FRAMES = 256

GRAPHS = {
    "reference": (("reference",), ("latents",)),
    "text": (
        ("symbols", "latents", "speed", "higher", "louder", "variation"),
        ("hidden", "durations", "keys", "values"),
    ),
    "step": (("group", "told", "place", "keys", "values"), ("made", "key", "value")),
    "postnet": (("coarse", "told"), ("frames",)),
}

_NUMBERS = (
    "reduction", "latents", "reference_group", "period", "text_window", "mel_window",
    "context_frames",
    "reference_most_frames", "mel_mean", "mel_deviation", "varied", "variation_width",
    "adaptive_norm", "postnet",
)  # fmt: skip


class OnnxStepwise:
    """An acoustic model that takes the voice of a reference and makes frames step by step.

    Who speaks is the number of a known speaker, or what `listen` made of a recording.
    Raises `VoiceError` if a file of the voice is missing or is not as it must be.
    """

    def __init__(self, folder: Path, description: str, format: FrameFormat, threads: int) -> None:
        self.format = format
        about = self.about = read_about(folder, description, _NUMBERS)
        arrays = read_arrays(folder, ("table", "begin", "pitch_deviation", "energy_deviation"))
        self.table = arrays["table"]  # (speakers, L, C)
        self.begin = arrays["begin"]  # (r * bands)
        self.pitch_deviation = arrays["pitch_deviation"]  # (speakers)
        self.energy_deviation = arrays["energy_deviation"]  # (speakers)
        self.graph = {}
        for name, (inputs, outputs) in GRAPHS.items():
            if name == "postnet" and not about["postnet"]:
                continue
            if name == "step" and about["adaptive_norm"]:
                inputs = (*inputs, "style")
            file = file_inside(folder, f"{name}.onnx")
            self.graph[name] = Graph(file, inputs, outputs, threads)

    def listen(self, audio: Audio) -> FloatArray:
        """The voice (L, C) of a recording; `AudioError` if it is too short to tell."""
        group = int(self.about["reference_group"])
        mel = reference_mel(audio, self.format, least_frames=group)
        count = min(len(mel), int(self.about["reference_most_frames"])) // group * group
        (latents,) = self.graph["reference"].run(
            {"reference": mel[:count].reshape(1, count // group, -1)}
        )
        return latents[0]

    def stream(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[IntArray, Iterator[FloatArray]]:
        """Durations (S) of symbols (S), and their frames in pieces (F, bands) as they are made.

        Raises `VoiceError` if a graph fails or gives anything that is no sound.
        """
        known = isinstance(speaker, int)
        latents = self.table[speaker][None] if known else np.asarray(speaker)[None]
        pitch = self.pitch_deviation[speaker] if known else self.pitch_deviation.mean()
        energy = self.energy_deviation[speaker] if known else self.energy_deviation.mean()
        hidden, durations, keys, values = self.graph["text"].run(
            {
                "symbols": symbols[None].astype(np.int64),
                "latents": latents,
                "speed": np.array([controls.speed], np.float32),
                "higher": np.array([np.log(controls.pitch) / pitch], np.float32),
                "louder": np.array([np.log(controls.energy) / energy], np.float32),
                "variation": self._variation(len(symbols), controls)[None],
            }
        )
        path = self.graph["text"].path
        if durations.shape != (1, len(symbols)) or durations.min(initial=0) < 0:
            raise VoiceError(f"{path} gave durations that do not fit the text; export it again")
        told = spread(hidden[0], durations[0])
        return durations[0], self._frames(told, durations[0], latents, keys, values)

    def frames(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[FloatArray, IntArray]:
        """Frames (F, bands) and durations (S), summing to F, of symbols (S)."""
        durations, pieces = self.stream(symbols, speaker, controls)
        made = [np.zeros((0, self.format.bands), np.float32), *pieces]
        return np.concatenate(made), durations

    def _variation(self, count: int, controls: Controls) -> FloatArray:
        """How far each symbol's duration and pitch stray, (S, 2), in deviations."""
        drawn = np.random.default_rng(controls.seed).standard_normal((int(self.about["varied"]), 2))
        width = int(self.about["variation_width"])
        half = width // 2
        around = np.concatenate([drawn[-half:], drawn, drawn[:half]]) if half else drawn
        sums = np.lib.stride_tricks.sliding_window_view(around, width, axis=0).sum(-1)
        smooth = sums[np.arange(count) % len(drawn)] / width**0.5
        return (controls.temperature * smooth).astype(np.float32)

    def _groups(
        self,
        told: FloatArray,
        durations: IntArray,
        latents: FloatArray,
        keys: FloatArray,
        values: FloatArray,
    ) -> Iterator[FloatArray]:
        """Coarse frames (r, bands), a step at a time."""
        about = self.about
        reduction, first, period = (int(about[k]) for k in ("reduction", "latents", "period"))
        text_window, mel_window = int(about["text_window"]), int(about["mel_window"])
        steps = -(-len(told) // reduction)
        padded = np.zeros((steps * reduction, told.shape[1]), np.float32)
        padded[: len(told)] = told
        grouped = padded.reshape(1, steps, -1)
        owners = np.repeat(np.arange(len(durations)), durations)[::reduction]
        style = latents.mean(axis=1)
        text_keys, text_values = keys[:, :, :, first:], values[:, :, :, first:]
        own_keys = np.empty((*keys.shape[:3], steps, keys.shape[4]), np.float32)
        own_values = np.empty_like(own_keys)
        group = self.begin[None, None]
        for step in range(steps):
            low, high = 0, text_keys.shape[3]
            if text_window:
                low = max(0, int(owners[step]) - text_window)
                high = int(owners[step]) + text_window + 1
            back = max(0, step - mel_window) if mel_window else 0
            seen = [
                np.concatenate(
                    [prefix[:, :, :, :first], text[:, :, :, low:high], own[:, :, :, back:step]],
                    axis=3,
                )
                for prefix, text, own in (
                    (keys, text_keys, own_keys),
                    (values, text_values, own_values),
                )
            ]
            feeds = {
                "group": group,
                "told": grouped[:, step : step + 1],
                "place": np.array([[first + period + step % period]], np.int64),
                "keys": seen[0],
                "values": seen[1],
            }
            if about["adaptive_norm"]:
                feeds["style"] = style
            group, key, value = self.graph["step"].run(feeds)
            own_keys[:, :, :, step] = key[:, :, :, 0]
            own_values[:, :, :, step] = value[:, :, :, 0]
            frames = group.reshape(reduction, -1) * about["mel_deviation"] + about["mel_mean"]
            yield frames.astype(np.float32)

    def _frames(
        self,
        told: FloatArray,
        durations: IntArray,
        latents: FloatArray,
        keys: FloatArray,
        values: FloatArray,
    ) -> Iterator[FloatArray]:
        """Finished frames in pieces; joined, they equal finishing all at once."""
        context = int(self.about["context_frames"])
        count = len(told)
        coarse = np.empty((0, self.format.bands), np.float32)
        start, size = 0, FIRST_FRAMES
        for group in self._groups(told, durations, latents, keys, values):
            coarse = np.concatenate([coarse, group])[:count]
            while start < count and len(coarse) >= min(count, start + size + context):
                end = min(count, start + size)
                if len(coarse) == count:
                    end = count
                low, high = max(0, start - context), min(count, end + context)
                made = self._finished(coarse[low:high], told[low:high])
                yield np.ascontiguousarray(made[start - low : end - low])
                start, size = end, min(2 * size, MOST_FRAMES)

    def _finished(self, coarse: FloatArray, told: FloatArray) -> FloatArray:
        """Frames (F, bands) after the postnet, if there is one."""
        made = coarse[None]
        if "postnet" in self.graph:
            (made,) = self.graph["postnet"].run({"coarse": made, "told": told[None]})
        if made.shape != (1, len(coarse), self.format.bands) or not np.isfinite(made).all():
            raise VoiceError(
                f"{self.graph['text'].path.parent} gave numbers that are no sound; "
                "train or export it again"
            )
        return made[0]
