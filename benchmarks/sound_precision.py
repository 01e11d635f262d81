"""A vocoder's graph at other precisions: written, compared, timed.

`sound.py` calls it; what is compared are weights and sums of 32 bits, weights of 16 bits with sums
of 32, weights and sums of 16, weights of 8 bits by dynamic quantisation, and layers of 8 bits by
scales that are fixed ahead, which is what is shipped. What reads the pitch keeps its 32 bits beside
those of 8.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.core.types import MEL_22K, Audio
from intone.export.eight_bit import in_eight_bits, widen
from intone.export.onnx import store_small
from intone.speech.rendering import in_pieces

if TYPE_CHECKING:
    from intone.core.types import FloatArray

HALF_WEIGHTS = "16-bit weights, 32-bit sums"
SHIPPED = "8-bit layers, fixed scales"


def variants(folder: Path, out: Path, examples: Sequence[FloatArray]) -> dict[str, Path]:
    """The vocoder of `folder`, whose layers are not in eight bits, at each precision, in `out`.

    Fixed scales are of what the layers see in `examples`, each mel frames (F, bands).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.float16 import convert_float_to_float16

    from intone.speech.manifest import read_shared_vocoder

    shared = read_shared_vocoder(folder)
    made = {
        name: out / name.replace(" ", "-").replace(",", "")
        for name in (
            "32 bits",
            HALF_WEIGHTS,
            "16 bits",
            "8-bit matrices",
            "8-bit matrices and filters",
            SHIPPED,
        )
    }
    for place in made.values():
        place.mkdir(parents=True, exist_ok=True)
        shared.write(place)
    plain = made["32 bits"] / shared.file
    graph = onnx.load(str(folder / shared.file))
    widen(graph)
    onnx.save(graph, str(plain))
    shutil.copyfile(folder / shared.file, made[HALF_WEIGHTS] / shared.file)
    exact = _of_the_pitch(graph)
    half = convert_float_to_float16(onnx.load(str(plain)), keep_io_types=True)
    onnx.save(half, str(made["16 bits"] / shared.file))
    for name, kinds in (
        ("8-bit matrices", ["MatMul", "Gemm"]),
        ("8-bit matrices and filters", ["MatMul", "Gemm", "Conv"]),
    ):
        quantize_dynamic(
            str(plain),
            str(made[name] / shared.file),
            op_types_to_quantize=kinds,
            nodes_to_exclude=exact,
            weight_type=QuantType.QUInt8 if "Conv" in kinds else QuantType.QInt8,
            per_channel="Conv" not in kinds,
        )
        rest = onnx.load(str(made[name] / shared.file))
        store_small(rest)
        onnx.save(rest, str(made[name] / shared.file))
    in_eight_bits(
        folder / shared.file,
        made[SHIPPED] / shared.file,
        map(inputs_of, examples),
    )
    return made


def inputs_of(frames: FloatArray) -> dict[str, Any]:
    """What a vocoder's graph is given of mel frames (F, bands), the first ones of a passage."""
    return {
        "frames": frames[None].astype(np.float32),
        "number": np.array([0]),
        "anchor": np.array([0]),
        "turns": np.zeros(1, np.float32),
    }


def stream_difference(folder: Path, mels: Sequence[FloatArray]) -> float:
    """The most that a sound of the vocoder in `folder` differs when it comes in small pieces."""
    from intone.speech.manifest import read_shared_vocoder
    from intone.speech.onnx_engine import open_vocoder

    about = read_shared_vocoder(folder)
    path = folder / about.file
    vocoder = open_vocoder(path, about.format, 1, about.context_frames, about.pitch_reach)
    worst = 0.0
    for mel in mels:
        pieces = list(in_pieces(vocoder, mel, first_frames=26, most_frames=64))
        worst = max(worst, float(np.abs(np.concatenate(pieces) - vocoder.render(mel)).max()))
    return worst


def _of_the_pitch(graph: Any) -> list[str]:
    """The nodes that a source's phase comes from: errors there add up from frame to frame."""
    makers = {name: node for node in graph.graph.node for name in node.output}
    waiting, found = [name for name in ("turned",) if name in makers], {}
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in found:
            found[node.name] = node
            waiting.extend(node.input)
    return list(found)


def differences(made: Sequence[Audio], plain: Sequence[Audio]) -> dict[str, float]:
    """How far copies are from those of 32 bits: mel L1, and decibels of noise under them."""
    mels, noise = [], []
    for one, other in zip(made, plain, strict=True):
        mels.append(
            np.abs(
                mel_spectrogram(one.samples, MEL_22K) - mel_spectrogram(other.samples, MEL_22K)
            ).mean()
        )
        error = np.square(one.samples - other.samples).mean() + 1e-20
        noise.append(10 * np.log10(error / (np.square(other.samples).mean() + 1e-20)))
    return {
        "mel_l1_from_32_bits": round(float(np.mean(mels)), 5),
        "noise_db": round(float(np.mean(noise)), 1),
    }
