"""What `gpt2-mel` is outside torch: four graphs that `intone.speech.stepwise` drives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from intone.core.graphs import GraphSpec
from intone.nn.mel_scale import scaled

if TYPE_CHECKING:
    from intone.acoustic.gpt2_mel import GPT2Mel


class _Reference(nn.Module):
    """A reference in groups of frames (1, N, group * bands) → latents (1, L, C)."""

    def __init__(self, model: GPT2Mel) -> None:
        super().__init__()
        self.model = model

    def forward(self, reference: Tensor) -> Tensor:
        mask = torch.ones(reference.shape[:2], dtype=torch.bool)
        return self.model.listener.encode(scaled(reference), mask)


class _Text(nn.Module):
    """Everything that is known before the first frame, and the cache of latents and text."""

    def __init__(self, model: GPT2Mel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        symbols: Tensor,
        latents: Tensor,
        speed: Tensor,
        higher: Tensor,
        louder: Tensor,
        variation: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        lengths = torch.full((1,), symbols.shape[1], dtype=torch.int64)
        plan = self.model.plan(symbols, lengths, latents, speed, higher, louder, variation)
        keys, values = self.model.prefixed(plan)
        return plan.hidden, plan.durations, keys, values


class _Step(nn.Module):
    """One step of GPT-2; everything in the cache that it is given is looked at.

    `style` is there for adaptive norms only: a graph loses an input that it does not use.
    """

    def __init__(self, model: GPT2Mel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        group: Tensor,
        told: Tensor,
        place: Tensor,
        keys: Tensor,
        values: Tensor,
        style: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        inputs = self.model.prenet(group) + self.model.guide(told)
        sight = torch.ones((1, 1, keys.shape[3] + 1), dtype=torch.bool)
        out, (key, value) = self.model.core(inputs, place, sight, (keys, values), style)
        return self.model.framed(out)[:, :, 0], key, value


class _Postnet(nn.Module):
    def __init__(self, model: GPT2Mel) -> None:
        super().__init__()
        self.model = model

    def forward(self, coarse: Tensor, told: Tensor) -> Tensor:
        mask = torch.ones(coarse.shape[:2], dtype=torch.bool)
        return self.model.refined(coarse, told, mask)


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def graphs_of(model: GPT2Mel, symbols: int) -> list[GraphSpec]:
    """The graphs of a guided `model` over `symbols` symbols."""
    s = model.settings
    bands, width = model.format.bands, s.channels
    cache = (s.layers, 1, s.heads)

    def text(size: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(size)
        return (
            torch.randint(1, symbols, (1, size), generator=source),
            _random(1, s.latents, width, seed=size),
            torch.full((1,), 1.1),
            torch.full((1,), 0.2),
            torch.full((1,), -0.1),
            _random(1, size, 2, seed=size),
        )

    def step(size: int) -> tuple[Tensor, ...]:
        values = (
            _random(1, 1, s.reduction * bands, seed=size),
            _random(1, 1, s.reduction * (width + 2), seed=size + 1),
            torch.full((1, 1), size % s.positions, dtype=torch.int64),
            _random(*cache, size, width // s.heads, seed=size + 3),
            _random(*cache, size, width // s.heads, seed=size + 4),
        )
        return (*values, _random(1, width, seed=size + 2)) if s.adaptive_norm else values

    def reference(size: int) -> tuple[Tensor, ...]:
        return (_random(1, size, model.listener.group * bands, seed=size) - 5,)

    def postnet(size: int) -> tuple[Tensor, ...]:
        return (_random(1, size, bands, seed=size) - 5, _random(1, size, width + 2, seed=size))

    def spec(
        name: str,
        module: nn.Module,
        inputs: str,
        outputs: str,
        example: Callable[[int], tuple[Tensor, ...]],
        dynamic: dict[str, dict[int, str]],
    ) -> GraphSpec:
        return GraphSpec(
            name, module, tuple(inputs.split()), tuple(outputs.split()), example, dynamic
        )

    made = [
        spec(
            "reference",
            _Reference(model),
            "reference",
            "latents",
            reference,
            {"reference": {1: "R"}},
        ),
        spec(
            "text",
            _Text(model),
            "symbols latents speed higher louder variation",
            "hidden durations keys values",
            text,
            {"symbols": {1: "S"}, "variation": {1: "S"}},
        ),
        spec(
            "step",
            _Step(model),
            "group told place keys values" + (" style" if s.adaptive_norm else ""),
            "made key value",
            step,
            {"keys": {3: "P"}, "values": {3: "P"}},
        ),
    ]
    if model.postnet is not None:
        made.append(
            spec(
                "postnet",
                _Postnet(model),
                "coarse told",
                "frames",
                postnet,
                {"coarse": {1: "F"}, "told": {1: "F"}},
            )
        )
    return made
