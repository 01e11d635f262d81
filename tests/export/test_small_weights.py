"""Weights are stored in few bits, and what is stored is what was checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper, numpy_helper

from intone.core.errors import VoiceError
from intone.core.graphs import GraphSpec
from intone.export.eight_bit import in_eight_bits
from intone.export.onnx import export_graph, in_bytes, store_small
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


class Layers(torch.nn.Module):
    """Two large layers about a GELU, and a transform that must not be rounded."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = torch.nn.Linear(256, 512), torch.nn.Linear(512, 256)
        self.activation = torch.nn.GELU()
        self.register_buffer("waves", torch.randn(256, 300), persistent=False)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.second(self.activation(self.first(frames))) @ self.waves
        return made


def exported(path: Path) -> Layers:
    model = Layers().eval()
    spec = GraphSpec(
        name="layers",
        module=model,
        inputs=("frames",),
        outputs=("made",),
        example=lambda count: (torch.randn(1, count, 256),),
        dynamic={"frames": {1: "F"}},
    )
    export_graph(spec, path)
    return model


def test_a_gelu_is_one_operation_when_it_is_loaded(tmp_path: Path) -> None:
    exported(tmp_path / "plain.onnx")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(
        str(tmp_path / "plain.onnx"), options, providers=["CPUExecutionProvider"]
    )
    kinds = {node.op_type for node in onnx.load(str(tmp_path / "loaded.onnx")).graph.node}
    assert "Erf" not in kinds and any("Gelu" in kind for kind in kinds)


def test_large_layers_in_eight_bits_say_nearly_the_same_of_any_piece(tmp_path: Path) -> None:
    plain, small = tmp_path / "plain.onnx", tmp_path / "small.onnx"
    exported(plain)
    source = np.random.default_rng(0)
    frames = source.normal(size=(1, 90, 256)).astype(np.float32)
    assert in_eight_bits(plain, small, [{"frames": frames[:, :60]}]) == 2
    assert small.stat().st_size < 0.75 * plain.stat().st_size
    ours, theirs = (
        onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run
        for path in (small, plain)
    )
    whole, exact = ours(None, {"frames": frames})[0], theirs(None, {"frames": frames})[0]
    assert np.abs(whole - exact).std() < 0.02 * exact.std()
    with pytest.raises(VoiceError, match="no large layers that are not in eight bits"):
        in_eight_bits(small, tmp_path / "again.onnx", [{"frames": frames}])
    piece = ours(None, {"frames": frames[:, 70:]})[0]
    # Scales that follow each piece would make it differ by as much as the rounding does.
    assert np.abs(piece - whole[:, 70:]).max() < 0.1 * np.abs(whole - exact).max()
    kinds = [node.op_type for node in onnx.load(str(small)).graph.node]
    assert kinds.count("MatMul") == 3
