"""Models as ONNX graphs, with weights stored in few bits and checked against torch."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from intone.core.errors import MissingExtra, VoiceError
from intone.core.files import replacing
from intone.core.graphs import GraphSpec
from intone.core.protocols import Spoken

OPSET = 18
TOLERANCE = 1e-3
"""The largest difference from torch that an exported graph may show."""

_WORTH_HALVING = 1_024
_LARGEST_BYTE = 127
ACOUSTIC_INPUTS = ("symbols", "speaker", "speed", "pitch", "energy")


class Parallel(Protocol):
    """An acoustic model that makes all frames at once."""

    def speak(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        speed: Tensor,
        pitch: Tensor,
        energy: Tensor,
    ) -> Spoken:
        """Frames and durations of `symbols` (B, S)."""
        ...


@runtime_checkable
class ByPassage(Protocol):
    """A vocoder that carries something from piece to piece of a passage.

    `pitch_reach` is how many frames on either side can change a frame's pitch.
    """

    pitch_reach: int

    def passage_graph(self) -> GraphSpec:
        """The graph of one piece."""
        ...


class _ParallelGraph(nn.Module):
    """One text in, its frames and durations out."""

    def __init__(self, model: Parallel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, symbols: Tensor, speaker: Tensor, speed: Tensor, pitch: Tensor, energy: Tensor
    ) -> tuple[Tensor, Tensor]:
        lengths = torch.full((1,), symbols.shape[1], dtype=torch.int64)
        spoken = self.model.speak(symbols, lengths, speaker, speed, pitch, energy)
        return spoken.frames, spoken.durations


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The exporter reports every step and every library it lacks; none of it concerns a user."""
    names = ("torch.onnx", "torch.fx.experimental.symbolic_shapes", "onnxscript")
    levels = {name: logging.getLogger(name).level for name in names}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


def store_small(graph: Any) -> None:
    """Keep the large float32 weights of an ONNX `graph` in fewer bits, unpacked when it loads.

    Weights that `in_bytes` rounded become bytes and a scale a row, others float16. The sums
    stay in float32, which processors prefer; only the file is smaller.
    """
    import onnx
    from onnx import numpy_helper

    unpacking = []
    for tensor in list(graph.graph.initializer):
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _WORTH_HALVING or np.abs(values).max() > 6e4:
            continue
        name = tensor.name
        graph.graph.initializer.remove(tensor)
        packed = _as_bytes(values)
        small = values.astype(np.float16) if packed is None else packed[0]
        graph.graph.initializer.append(numpy_helper.from_array(small, f"{name}.small"))
        wide = name if packed is None else f"{name}.wide"
        unpacking.append(
            onnx.helper.make_node("Cast", [f"{name}.small"], [wide], to=onnx.TensorProto.FLOAT)
        )
        if packed is not None:
            graph.graph.initializer.append(numpy_helper.from_array(packed[1], f"{name}.scale"))
            unpacking.append(onnx.helper.make_node("Mul", [wide, f"{name}.scale"], [name]))
    for node in reversed(unpacking):
        graph.graph.node.insert(0, node)


def fuse_gelu(graph: Any) -> int:
    """Turn x · (½ · (1 + erf)) of an ONNX `graph` into (x · (1 + erf)) · ½; how often.

    onnxruntime makes one pass over memory of the latter, and of the bias before it, in place of
    six; it does not know the former, which is how the exporter writes a GELU.
    """
    from onnx import numpy_helper

    halves = {
        one.name
        for one in graph.graph.initializer
        if one.data_type == 1 and np.array_equal(numpy_helper.to_array(one).reshape(-1), [0.5])
    }
    makers = {name: node for node in graph.graph.node for name in node.output}

    def makes(name: str, kind: str) -> bool:
        return name in makers and makers[name].op_type == kind

    turned = 0
    for node in graph.graph.node:
        if node.op_type != "Mul":
            continue
        for whole, part in (tuple(node.input), tuple(reversed(node.input))):
            if not makes(part, "Mul") or not (halved_by := halves & set(makers[part].input)):
                continue
            (rest,) = set(makers[part].input) - halved_by
            if makes(rest, "Add") and any(makes(each, "Erf") for each in makers[rest].input):
                makers[part].input[:] = [whole, rest]
                node.input[:] = [part, *halved_by]
                turned += 1
                break
    return turned


def _as_bytes(values: np.ndarray[Any, Any]) -> tuple[Any, Any] | None:
    """Bytes and scales whose product `values` is, along its first or last axis; else None."""
    if values.ndim < 2:
        return None
    for axis in (0, values.ndim - 1):
        others = tuple(i for i in range(values.ndim) if i != axis)
        scale = np.abs(values).max(axis=others, keepdims=True) / np.float32(_LARGEST_BYTE)
        scale = np.where(scale > 0, scale, 1).astype(np.float32)
        steps = np.round(values / scale)
        if np.abs(steps * scale - values).max() <= 1e-6 * np.abs(values).max():
            return steps.astype(np.int8), scale
    return None


def in_bytes(module: nn.Module) -> None:
    """Round the large weights of `module` to 255 steps a row, and what else is large to halves.

    A row is what makes one output: noise of 40 dB below the weights, at half a float16's size.
    That would be heard of what is no weight, such as the waves of a Fourier transform.
    """
    learned = module.state_dict().keys()
    for name, values in (*module.named_parameters(), *module.named_buffers()):
        if values.dtype != torch.float32 or values.numel() < _WORTH_HALVING:
            continue
        if values.ndim < 2 or name not in learned:
            values.data = values.data.half().float()
            continue
        scale = values.data.abs().amax(dim=tuple(range(1, values.ndim)), keepdim=True)
        scale = scale.clamp(min=1e-12) / _LARGEST_BYTE
        values.data = torch.round(values.data / scale) * scale


def _write(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    dynamic: dict[str, Any],
    strict: bool = True,
) -> None:
    try:
        import onnx
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "onnx", "train", "writing ONNX files") from None
    with replacing(path) as temporary:
        with _quietly():
            # Where the length of the speech follows from the input's values, only the strict
            # tracer serves; operators that are ONNX's own pass the other only.
            program = torch.export.export(module, example, dynamic_shapes=dynamic, strict=strict)
            torch.onnx.export(
                program,
                f=str(temporary),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamo=True,
                opset_version=OPSET,
                external_data=False,
                verbose=False,
            )
        graph = onnx.load(str(temporary))
        del graph.metadata_props[:]
        # Names of all weights, of other graphs' too: equal graphs shall be equal files.
        del graph.graph.metadata_props[:]
        for node in graph.graph.node:
            # The exporter notes source files and lines of the machine it ran on.
            del node.metadata_props[:]
            node.doc_string = ""
        for value in (*graph.graph.value_info, *graph.graph.input, *graph.graph.output):
            del value.metadata_props[:]
        fuse_gelu(graph)
        store_small(graph)
        onnx.save(graph, str(temporary))


def halved(module: nn.Module) -> None:
    """Round the large weights of `module` as `store_small` does, so that torch and ONNX agree."""
    for values in (*module.parameters(), *module.buffers()):
        if values.dtype == torch.float32 and values.numel() >= _WORTH_HALVING:
            values.data = values.data.half().float()


def _each(made: Tensor | tuple[Tensor, ...]) -> list[np.ndarray[Any, Any]]:
    return [part.float().numpy() for part in (made if isinstance(made, tuple) else (made,))]


def _differs(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> float:
    if ours.shape != theirs.shape:
        return float("inf")
    return float(np.abs(ours - theirs).max()) if ours.size else 0.0


def _require_close(difference: float, path: Path) -> None:
    if not difference <= TOLERANCE:
        raise VoiceError(
            f"{path} differs from the model by {difference:.2g}, more than {TOLERANCE:g}; "
            "the ONNX exporter of this torch release does not fit the model"
        )


def export_acoustic(model: Any, symbols: int, path: Path) -> float:
    """Write a parallel acoustic `model` over `symbols` symbols to `path` (ONNX).

    Returns the largest difference from torch over several random texts. Raises
    `VoiceError` if it is above `TOLERANCE`. The model's weights are rounded to
    bytes on the way.
    """
    import onnxruntime

    model = model.cpu().eval()
    in_bytes(model)
    graph = _ParallelGraph(model)

    def example(length: int, seed: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(seed)
        ids = torch.randint(1, symbols, (1, length), generator=source)
        factors = (torch.full((1,), 0.8 + 0.1 * (seed % 5)) for _ in range(3))
        return (ids, torch.zeros(1, dtype=torch.int64), *factors)

    with torch.no_grad():
        _write(
            graph,
            example(40, 0),
            path,
            inputs=ACOUSTIC_INPUTS,
            outputs=("frames", "durations"),
            dynamic={
                "symbols": {1: torch.export.Dim("symbols", min=2, max=4096)},
                **dict.fromkeys(ACOUSTIC_INPUTS[1:]),
            },
        )
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        worst = 0.0
        for seed, length in enumerate((2, 9, 33, 57, 140)):
            values = example(length, seed)
            frames, durations = graph(*values)
            fed = {k: v.numpy() for k, v in zip(ACOUSTIC_INPUTS, values, strict=True)}
            theirs = session.run(["frames", "durations"], fed)
            if not np.array_equal(durations.numpy(), theirs[1]):
                # A duration that lies on the border between two frames may fall either way.
                continue
            worst = max(worst, _differs(frames.numpy(), theirs[0]))
    _require_close(worst, path)
    return worst


def export_graph(
    spec: GraphSpec, path: Path, rounded: Callable[[nn.Module], None] | None = None
) -> float:
    """Write one graph of a model to `path` (ONNX).

    Returns the largest difference from torch at the sizes that `spec` names; raises
    `VoiceError` if it is above `TOLERANCE`. Weights are rounded on the way, by `rounded`
    (such as `in_bytes`) or to half precision.
    """
    import onnxruntime

    module = spec.module.cpu().eval()
    (rounded or halved)(module)
    dims: dict[str, Any] = {}
    dynamic = {
        name: {
            axis: dims.setdefault(label, torch.export.Dim(label, min=2, max=1 << 16))
            for axis, label in spec.dynamic.get(name, {}).items()
        }
        for name in spec.inputs
    }
    parameters = list(inspect.signature(module.forward).parameters)
    with torch.no_grad():
        _write(
            module,
            spec.example(spec.sizes[-1]),
            path,
            inputs=spec.inputs,
            outputs=spec.outputs,
            dynamic={name: dynamic[name] or None for name in parameters[: len(spec.inputs)]},
            strict=False,
        )
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        worst, compared = 0.0, 0
        for size in spec.sizes:
            values = spec.example(size)
            ours = module(*values)
            fed = {k: v.numpy() for k, v in zip(spec.inputs, values, strict=True)}
            theirs = session.run(list(spec.outputs), fed)
            pairs = dict(zip(spec.outputs, zip(_each(ours), theirs, strict=True), strict=True))
            if all(_differs(*pairs[name]) == 0 for name in spec.decisions):
                worst = max([worst, *(_differs(*pair) for pair in pairs.values())])
                compared += 1
    _require_close(worst if compared else float("inf"), path)
    return worst


def export_vocoder(vocoder: Any, path: Path) -> float:
    """Write `vocoder` to `path` (ONNX: frames (1, F, C) → samples (1, T)).

    One whose pieces depend on what was rendered before describes its graph itself.
    Returns the largest difference from torch over several random lengths; raises
    `VoiceError` if it is above `TOLERANCE`.
    """
    import onnxruntime

    vocoder = vocoder.cpu().eval()
    if isinstance(vocoder, ByPassage):
        return export_graph(vocoder.passage_graph(), path)
    halved(vocoder)
    bands = vocoder.format.bands
    with torch.no_grad():
        _write(
            vocoder,
            (torch.randn(1, 50, bands),),
            path,
            inputs=("frames",),
            outputs=("samples",),
            dynamic={"frames": {1: torch.export.Dim("frames", min=2, max=1_000_000)}},
        )
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        worst = 0.0
        for length in (2, 7, 64, 311):
            frames = torch.randn(1, length, bands) * 2 - 5
            made = session.run(["samples"], {"frames": frames.numpy()})[0]
            worst = max(worst, _differs(vocoder(frames).numpy(), made))
    _require_close(worst, path)
    return worst
