"""What `echolancer` is outside torch: graphs that `intone.speech.codes_engine` drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from intone.core.graphs import GraphSpec

if TYPE_CHECKING:
    from intone.acoustic.echolancer import Echolancer


class _Text(nn.Module):
    """Everything that is known before the first code, and the text's keys and values."""

    def __init__(self, model: Echolancer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, symbols: Tensor, speaker: Tensor, speed: Tensor, emotion: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        lengths = torch.full((1,), symbols.shape[1], dtype=torch.int64)
        plan = self.model.plan(symbols, lengths, speaker, speed, emotion)
        return plan.hidden, plan.durations, *self.model.remember(plan.hidden)


class _Step(nn.Module):
    """One step; it sees all of the codes and of the text that it is given.

    `far` (W) says how many symbols each of the text lies from the pointer. `place` is there
    where places are told, and `far` where distance counts: a graph loses an input that it
    does not use.
    """

    def __init__(self, model: Echolancer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        code: Tensor,
        told: Tensor,
        keys: Tensor,
        values: Tensor,
        text_keys: Tensor,
        text_values: Tensor,
        where: Tensor,
    ) -> tuple[Tensor, ...]:
        model = self.model
        if model.settings.use_alibi:
            far, place = where[None, None], torch.zeros(1, dtype=torch.int64)
        else:
            far = torch.zeros((1, 1, 1), dtype=torch.int64).expand(1, 1, text_keys.shape[3])
            place = where
        bias = model._bias(far, torch.ones_like(far, dtype=torch.bool))
        made, (key, value), _ = model.step(
            code, told, place, (text_keys, text_values), bias, (keys, values)
        )
        said = (model.out(made), key, value)
        return said if model.further is None else (*said, made)


class _Further(nn.Module):
    """Of what a step made (1, C), and of its codes so far (1, K - 1): logits (1, K - 1, codes)."""

    def __init__(self, model: Echolancer) -> None:
        super().__init__()
        self.model = model

    def forward(self, made: Tensor, known: Tensor) -> Tensor:
        assert self.model.further is not None
        logits: Tensor = self.model.further(made, known)
        return logits


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def graphs_of(model: Echolancer, symbols: int) -> list[GraphSpec]:
    """The graphs of a `model` that a pointer guides, over `symbols` symbols."""
    s = model.settings
    felt = 0 if model.emotion is None else model.emotion.in_features
    cache, width = (s.layers, 1, s.heads), s.channels // s.heads

    def text(size: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(size)
        given = (
            torch.randint(1, symbols, (1, size), generator=source),
            torch.zeros(1, dtype=torch.int64),
            torch.full((1,), 1.1),
        )
        return (*given, _random(1, felt, seed=size)) if felt else given

    def step(size: int) -> tuple[Tensor, ...]:
        seen = 2 * size
        where = torch.arange(size) - size // 2 if s.use_alibi else torch.tensor([seen])
        return (
            torch.full((1, model.codebooks), size % model.size, dtype=torch.int64),
            _random(1, 1, s.channels + 2, seed=size),
            _random(*cache, seen, width, seed=size + 1),
            _random(*cache, seen, width, seed=size + 2),
            _random(*cache, size, width, seed=size + 3),
            _random(*cache, size, width, seed=size + 4),
            where,
        )

    def further(size: int) -> tuple[Tensor, ...]:
        known = torch.full((1, model.codebooks - 1), size % model.size, dtype=torch.int64)
        return _random(1, s.channels, seed=size), known

    past, near = {3: "P"}, {3: "W"}
    dynamic = {"keys": past, "values": past, "text_keys": near, "text_values": near}
    if s.use_alibi:
        dynamic["where"] = {0: "W"}
    graphs = [
        GraphSpec(
            "text",
            _Text(model),
            ("symbols", "speaker", "speed") + (("emotion",) if felt else ()),
            ("hidden", "durations", "keys", "values"),
            text,
            {"symbols": {1: "S"}},
            decisions=("durations",),
        ),
        GraphSpec(
            "step",
            _Step(model),
            ("code", "told", "keys", "values", "text_keys", "text_values", "where"),
            ("logits", "key", "value") + (("made",) if model.further is not None else ()),
            step,
            dynamic,
        ),
    ]
    if model.further is None:
        return graphs
    return [*graphs, GraphSpec("further", _Further(model), ("made", "known"), ("logits",), further)]
