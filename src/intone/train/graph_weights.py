"""Weights read back out of ONNX graphs: what is installed holds nothing else to go on from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from intone.core.errors import MissingExtra, TrainingError


def weights_in_graphs(paths: Iterable[Path]) -> dict[str, Tensor]:
    """The parameters that graphs of `intone.export` hold, named as in the model.

    Rounded ones come back as rounded. A layer's matrix has lost its name on the way; it is
    the one whose product its bias is added to. Raises `TrainingError` if a file is no graph,
    `MissingExtra` without onnx.
    """
    try:
        import onnx
    except ImportError:
        raise MissingExtra("onnx", "train", "starting from a voice's graphs") from None
    found: dict[str, Tensor] = {}
    for path in paths:
        try:
            graph = onnx.load(str(path)).graph
        # What a damaged file makes protobuf raise has no base of its own.
        except Exception as error:
            raise TrainingError(f"{path} cannot be read as ONNX ({error}); copy it again") from None
        found |= _named(graph)
    return found


def _named(graph: Any) -> dict[str, Tensor]:
    from onnx import numpy_helper

    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:
        # As `store_small` unpacks what it keeps in few bits.
        if node.op_type == "Cast" and node.input[0] in stored:
            stored[node.output[0]] = stored[node.input[0]].astype("float32")
        elif node.op_type == "Mul" and all(name in stored for name in node.input):
            stored[node.output[0]] = stored[node.input[0]] * stored[node.input[1]]
        elif node.op_type == "DequantizeLinear" and all(name in stored for name in node.input):
            # A layer in eight bits: a scale each column, and zero where it is.
            stored[node.output[0]] = stored[node.input[0]] * stored[node.input[1]]
        elif node.op_type == "Reshape" and node.input[0] in stored:
            # As `over_frames` flattens a convolution, whose axes are turned round as a matrix' are.
            stored[node.output[0]] = stored[node.input[0]]
    products = {node.output[0]: node for node in graph.node if node.op_type == "MatMul"}
    found = {name: values for name, values in stored.items() if "." in name}
    for node in graph.node:
        if node.op_type != "Add":
            continue
        for product, bias in (node.input, reversed(node.input)):
            matrix = products[product].input[1] if product in products else ""
            if matrix in stored and bias.endswith(".bias"):
                found[f"{bias.removesuffix('bias')}weight"] = stored[matrix].T
    # Most graphs' modules hold the model under a name of their own, which is the first part.
    found |= {name.partition(".")[2]: values for name, values in found.items()}
    made = {name: torch.from_numpy(values.copy()) for name, values in found.items()}
    for name in [name for name in made if name.endswith(".vectors")]:
        # A codebook that goes on from where it was, all of its codes as alive as each other.
        book, vectors = name.removesuffix("vectors"), made[name]
        made |= {
            f"{book}counts": torch.ones(len(vectors)),
            f"{book}sums": vectors.clone(),
            f"{book}begun": torch.ones((), dtype=torch.int64),
        }
    return made
