"""Weights are stored in few bits, and what is stored is what was checked."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper

from intone.export.onnx import in_bytes, store_small
from intone.nn.istft import InverseSTFT


def graph_of(weights: np.ndarray) -> onnx.ModelProto:
    """x (1, 64) times `weights`."""
    rows, columns = weights.shape
    value = helper.make_tensor_value_info
    return helper.make_model(
        helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"])],
            "g",
            [value("x", onnx.TensorProto.FLOAT, [1, rows])],
            [value("y", onnx.TensorProto.FLOAT, [1, columns])],
            [numpy_helper.from_array(weights, "w")],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def test_rounding_moves_no_weight_by_more_than_half_a_step() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 48)
    before = layer.weight.detach().clone()
    in_bytes(layer)
    step = before.abs().amax(1, keepdim=True) / 127
    assert ((layer.weight - before).abs() <= 0.501 * step).all()
    once = layer.weight.detach().clone()
    in_bytes(layer)
    assert torch.allclose(layer.weight, once, atol=1e-7)


def test_rounded_weights_are_stored_as_bytes_in_either_layout() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 48)
    in_bytes(layer)
    x = np.random.default_rng(0).normal(size=(1, 64)).astype(np.float32)
    own = layer.weight.detach().numpy()
    for weights, inputs in ((own.T.copy(), x), (own.copy(), x[:, :48])):
        plain, small = graph_of(weights), graph_of(weights)
        store_small(small)
        assert small.ByteSize() < 0.35 * plain.ByteSize()
        assert np.abs(run(small, inputs) - run(plain, inputs)).max() < 1e-5


def test_other_weights_are_stored_as_halves() -> None:
    weights = np.random.default_rng(0).normal(size=(64, 48)).astype(np.float32)
    plain, small = graph_of(weights), graph_of(weights)
    store_small(small)
    assert 0.45 * plain.ByteSize() < small.ByteSize() < 0.6 * plain.ByteSize()
    x = np.ones((1, 64), np.float32)
    assert np.abs(run(small, x) - run(plain, x)).max() < 0.05


def test_the_waves_of_a_transform_are_rounded_less_than_weights() -> None:
    torch.manual_seed(0)
    inverse = InverseSTFT(window=256, hop=64)
    real, imaginary = torch.randn(2, 1, 50, 129)
    before = inverse(real, imaginary)
    in_bytes(inverse)
    noise = (inverse(real, imaginary) - before).std() / before.std()
    assert 0 < noise < 10 ** (-60 / 20)
