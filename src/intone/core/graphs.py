"""`GraphSpec`: a piece of a model that becomes an ONNX file, described by the model itself.

A parallel model needs none of this. One that speaks step by step is several graphs, and an
engine of `intone.speech` that drives them; the model names both, and the export writes them.
Torch is named for the type checker only; nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class GraphSpec:
    """One graph: `module`, called with what `example(size)` gives, becomes `name`.onnx.

    `dynamic` says which axes of which inputs vary: {"symbols": {1: "S"}}. `sizes` are those
    that the written graph is compared with torch at. `decisions` are outputs that stand on a
    grid, such as a rounded pitch: a value between two steps may fall either way in another
    engine, and where one does, what follows from it is not compared.
    """

    name: str
    module: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    example: Callable[[int], tuple[Tensor, ...]]
    dynamic: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    sizes: tuple[int, ...] = (3, 17, 40)
    decisions: tuple[str, ...] = ()


class Stepwise(Protocol):
    """A model that speaks step by step, as several graphs that an engine drives."""

    engine: str

    def graphs(self) -> list[GraphSpec]:
        """The graphs, in no order."""
        ...

    def about(self) -> dict[str, Any]:
        """What the engine must know beside the graphs: numbers, as JSON takes them."""
        ...

    def arrays(self) -> dict[str, Tensor]:
        """Tensors that the engine needs beside the graphs, by name."""
        ...
