"""The bias of a layer in eight bits as a part of its product: one pass over memory fewer."""

from __future__ import annotations

from typing import Any

import numpy as np


def biases_inside(model: Any) -> None:
    """Of layers in eight bits, let the product add the bias, as a `Gemm`'s does.

    A runtime adds it to each sum before it is written, in 32 bits of the product's own scale.
    Left as they are: layers whose sum is needed more than once, as by a GELU, which runtimes
    join with the bias already; and those of more than one utterance, which are no matrix.
    """
    from onnx import shape_inference

    graph = model.graph
    inferred = shape_inference.infer_shapes(model).graph
    shapes = {one.name: _dims(one) for one in (*inferred.value_info, *inferred.output)}
    made_by = {name: node for node in graph.node for name in node.output}
    stored = {one.name: one for one in graph.initializer}
    uses = [name for node in graph.node for name in node.input]
    replaced: dict[str, list[Any]] = {}
    gone: set[str] = set()
    for add in [node for node in graph.node if node.op_type == "Add"]:
        for product, bias in (tuple(add.input), tuple(reversed(add.input))):
            layer = made_by.get(product)
            if (
                layer is None
                or layer.op_type != "MatMul"
                or bias not in stored
                or uses.count(product) != 1
                or uses.count(add.output[0]) != 1
                or len(shapes.get(product, ())) != 3
                or shapes[product][0] != 1
                or any(_unpacks(made_by, name) is None for name in layer.input)
            ):
                continue
            replaced[add.output[0]] = _gemm(graph, layer, bias, add.output[0], made_by)
            gone.add(product)
    nodes = []
    for node in graph.node:
        if node.output[0] in replaced:
            nodes += replaced[node.output[0]]
        elif node.output[0] not in gone:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _gemm(graph: Any, layer: Any, bias: str, out: str, made_by: dict[str, Any]) -> list[Any]:
    """The nodes that make `out` of what the MatMul `layer` takes and its `bias`."""
    from onnx import helper, numpy_helper

    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    taken, matrix = (_unpacks(made_by, name) for name in layer.input)
    packed = made_by[taken.input[0]]
    width, columns = stored[matrix.input[0]].shape
    scale = (stored[taken.input[1]] * stored[matrix.input[1]]).astype(np.float32)
    values = np.round(stored[bias] / scale)
    added = {
        f"{bias}.whole": values.astype(np.int32),
        f"{bias}.scale": scale,
        f"{bias}.zero": np.zeros(columns, np.int32),
        f"{bias}.rows": np.array([-1, width]),
        f"{bias}.frames": np.array([1, -1, columns]),
    }
    graph.initializer.extend(numpy_helper.from_array(v, name) for name, v in added.items())
    graph.initializer.remove(next(one for one in graph.initializer if one.name == bias))
    rows, levels, unpacked, made = (f"{bias}.{name}" for name in ("in", "levels", "real", "out"))
    return [
        helper.make_node("Reshape", [packed.input[0], f"{bias}.rows"], [rows]),
        helper.make_node("QuantizeLinear", [rows, *packed.input[1:]], [levels]),
        helper.make_node("DequantizeLinear", [levels, *taken.input[1:]], [unpacked]),
        helper.make_node(
            "DequantizeLinear", [f"{bias}.whole", f"{bias}.scale", f"{bias}.zero"], [bias], axis=0
        ),
        helper.make_node("Gemm", [unpacked, layer.input[1], bias], [made]),
        helper.make_node("Reshape", [made, f"{bias}.frames"], [out]),
    ]


def _unpacks(made_by: dict[str, Any], name: str) -> Any | None:
    """The node that makes `name` of integers, None where none does."""
    node = made_by.get(name)
    return node if node is not None and node.op_type == "DequantizeLinear" else None


def _dims(value: Any) -> tuple[int, ...]:
    """The sizes of a value, 0 where they are not fixed."""
    return tuple(one.dim_value for one in value.type.tensor_type.shape.dim)
