"""A vocoder's graph at other precisions: written, compared, timed.

`sound.py` calls it; what is compared are weights and sums of 32 bits, weights of 16 bits with sums
of 32 (what is shipped), weights and sums of 16, weights of 8 bits by dynamic quantisation. What
reads the pitch keeps its 32 bits beside those of 8.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.core.types import MEL_22K, Audio
from intone.export.onnx import store_small

SHIPPED = "16-bit weights, 32-bit sums"


def variants(folder: Path, out: Path) -> dict[str, Path]:
    """The vocoder of `folder` at each precision, as folders in `out`."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.float16 import convert_float_to_float16

    from intone.speech.manifest import read_shared_vocoder

    shared = read_shared_vocoder(folder)
    made = {
        name: out / name.replace(" ", "-").replace(",", "")
        for name in ("32 bits", SHIPPED, "16 bits", "8-bit matrices", "8-bit matrices and filters")
    }
    for place in made.values():
        place.mkdir(parents=True, exist_ok=True)
        shared.write(place)
    plain = made["32 bits"] / shared.file
    graph = onnx.load(str(folder / shared.file))
    _widen(graph)
    onnx.save(graph, str(plain))
    shutil.copyfile(folder / shared.file, made[SHIPPED] / shared.file)
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
    return made


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


def _widen(graph: Any) -> None:
    """Weights that are stored in 16 bits and cast, in 32 bits with no cast."""
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.graph.initializer}
    for node in list(graph.graph.node):
        if node.op_type == "Cast" and node.input[0] in stored:
            tensor = stored[node.input[0]]
            wide = numpy_helper.to_array(tensor).astype(np.float32)
            graph.graph.initializer.append(numpy_helper.from_array(wide, node.output[0]))
            graph.graph.initializer.remove(tensor)
            graph.graph.node.remove(node)


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
