"""Graphs whose large layers compute in eight bits, with scales that are fixed ahead."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from intone.core.errors import MissingExtra, VoiceError
from intone.core.files import replacing
from intone.export.onnx import store_small

_LARGE = 1 << 16
"""Numbers in a matrix from which on eight bits are worth it."""


def in_eight_bits(path: Path, out: Path, examples: Iterable[Mapping[str, Any]]) -> int:
    """Write the graph in `path` with its large layers in 8-bit integers to `out`; how many.

    A layer is a matrix whose product gets a bias: Fourier transforms stay as they are, and small
    networks, such as what reads a pitch. What the layers are given is scaled by the largest that
    they see in `examples` (by name; what the graph does not take is left out): were it scaled
    anew by each piece of a passage, a stream would differ from the whole. Raises `MissingExtra`
    without onnx, `VoiceError` if there is no such layer, as in a graph in eight bits.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    except ImportError as error:
        raise MissingExtra(error.name or "onnx", "train", "graphs in eight bits") from None
    whole = onnx.load(str(path))
    widen(whole)
    layers = _large_layers(whole.graph)
    if not layers:
        raise VoiceError(
            f"{path} has no large layers that are not in eight bits; give a run's graph"
        )
    known = {one.name for one in whole.graph.input}
    level = logging.root.level
    with tempfile.TemporaryDirectory() as place:
        plain, small = Path(place) / "plain.onnx", Path(place) / "small.onnx"
        onnx.save(whole, str(plain))
        # It recommends to everybody what changes nothing here.
        logging.root.setLevel(logging.ERROR)
        try:
            quantize_static(
                str(plain),
                str(small),
                _Examples({k: v for k, v in one.items() if k in known} for one in examples),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["MatMul"],
                nodes_to_quantize=layers,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                # Older processors add products in pairs of 16 bits, which eight would overflow.
                reduce_range=True,
                # Sums keep their 32 bits.
                extra_options={"OpTypesToExcludeOutputQuantization": ["MatMul"]},
            )
        finally:
            logging.root.setLevel(level)
        made = onnx.load(str(small))
    store_small(made)
    del made.metadata_props[:]
    with replacing(out) as temporary:
        onnx.save(made, str(temporary))
    return len(layers)


def widen(graph: Any) -> None:
    """Undo `store_small`: the float32 weights of an ONNX `graph` as themselves again."""
    from onnx import numpy_helper

    stored = {one.name: one for one in graph.graph.initializer}
    for node in list(graph.graph.node):
        if node.op_type == "Cast" and node.input[0] in stored:
            values = numpy_helper.to_array(stored.pop(node.input[0])).astype(np.float32)
        elif node.op_type == "Mul" and all(name in stored for name in node.input):
            values = np.prod(
                [numpy_helper.to_array(stored.pop(name)) for name in node.input], axis=0
            )
        else:
            continue
        stored[node.output[0]] = numpy_helper.from_array(values, node.output[0])
        graph.graph.node.remove(node)
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(stored.values())


def _large_layers(graph: Any) -> list[str]:
    """The names of the MatMul nodes of large matrices, to whose product a bias is added."""
    sizes = {one.name: int(np.prod(one.dims)) for one in graph.initializer}
    biased = {name for node in graph.node if node.op_type == "Add" for name in _products(node)}
    return [
        node.name
        for node in graph.node
        if node.op_type == "MatMul"
        and sizes.get(node.input[1], 0) >= _LARGE
        and node.output[0] in biased
    ]


def _products(add: Any) -> Iterator[str]:
    """Of a node that adds a bias, what it is added to."""
    first, second = add.input
    if second.endswith(".bias"):
        yield first
    if first.endswith(".bias"):
        yield second


class _Examples:
    """What `quantize_static` wants to be given examples by."""

    def __init__(self, examples: Iterable[Mapping[str, Any]]) -> None:
        self._source = iter(examples)

    def get_next(self) -> Mapping[str, Any] | None:
        """The next example, None behind the last."""
        return next(self._source, None)
