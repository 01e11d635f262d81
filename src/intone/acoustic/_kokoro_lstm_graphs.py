"""What `kokoro-lstm` is outside torch: three graphs that `intone.speech.recurrent` drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from intone.core.graphs import GraphSpec

if TYPE_CHECKING:
    from intone.acoustic.kokoro_lstm import KokoroLSTM

STATE = ("asked", "asked_cell", "made", "made_cell")
"""Outputs and cells of the decoder's two LSTMs, as the step's graph names them."""


class _Text(nn.Module):
    """Everything that is known before the first frame."""

    def __init__(self, model: KokoroLSTM) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, symbols: Tensor, speaker: Tensor, speed: Tensor, pitch: Tensor, energy: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        lengths = torch.full((1,), symbols.shape[1], dtype=torch.int64)
        plan = self.model.plan(symbols, lengths, speaker, speed, pitch, energy)
        keys, values = self.model.attention.kept(plan.memory)
        return plan.memory, plan.durations, keys, values


class _Step(nn.Module):
    """One step of the decoder."""

    def __init__(self, model: KokoroLSTM) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        group: Tensor,
        told: Tensor,
        keys: Tensor,
        values: Tensor,
        hole: Tensor,
        asked: Tensor,
        asked_cell: Tensor,
        made: Tensor,
        made_cell: Tensor,
    ) -> tuple[Tensor, ...]:
        state = (asked, asked_cell, made, made_cell)
        group, stop, looked, state = self.model.step(group, told, keys, values, hole, state)
        return group, stop.sigmoid(), looked, *state


class _Postnet(nn.Module):
    """Coarse frames (1, F, bands), and what each is told, → finished frames."""

    def __init__(self, model: KokoroLSTM) -> None:
        super().__init__()
        self.model = model

    def forward(self, coarse: Tensor, spread: Tensor) -> Tensor:
        mask = torch.ones(coarse.shape[:2], dtype=torch.bool)
        return self.model.refined(coarse, spread, mask)


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def graphs_of(model: KokoroLSTM, symbols: int) -> list[GraphSpec]:
    """The graphs of `model` over `symbols` symbols."""
    s = model.settings
    bands, width = model.format.bands, model.embed.embedding_dim
    window = 2 * s.window + 1

    def text(size: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(size)
        return (
            torch.randint(1, symbols, (1, size), generator=source),
            torch.zeros(1, dtype=torch.int64),
            torch.full((1,), 1.1),
            torch.full((1,), 1.2),
            torch.full((1,), 0.9),
        )

    def step(size: int) -> tuple[Tensor, ...]:
        shapes = (
            (1, s.reduction * bands),
            (1, s.reduction * 3),
            (1, window, width),
            (1, window, width),
            (1, window),
            *((1, s.query_channels),) * 2,
            *((1, s.decoder_channels),) * 2,
        )
        return tuple(_random(*shape, seed=size + i) for i, shape in enumerate(shapes))

    def postnet(size: int) -> tuple[Tensor, ...]:
        return _random(1, size, bands, seed=size) - 5, _random(1, size, width + 2, seed=size)

    made = [
        GraphSpec(
            "text",
            _Text(model),
            ("symbols", "speaker", "speed", "pitch", "energy"),
            ("memory", "durations", "keys", "values"),
            text,
            {"symbols": {1: "S"}},
            decisions=("durations",),
        ),
        GraphSpec(
            "step",
            _Step(model),
            ("group", "told", "keys", "values", "hole", *STATE),
            ("made_group", "stop", "looked", *(f"{name}_next" for name in STATE)),
            step,
        ),
    ]
    if model.postnet is not None:
        made.append(
            GraphSpec(
                "postnet",
                _Postnet(model),
                ("coarse", "spread"),
                ("frames",),
                postnet,
                {"coarse": {1: "F"}, "spread": {1: "F"}},
            )
        )
    return made
