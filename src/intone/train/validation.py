"""Losses of what was held out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from accelerate import Accelerator
from torch import Tensor

from intone.core.batch import Batch
from intone.train.devices import seed_step
from intone.train.turns import Player

Validation = Callable[[], Iterable[Batch]]
"""Gives the held-out batches, the same ones in the same order at every call."""


@torch.no_grad()
def validate(
    players: list[Player], validation: Validation, accelerator: Accelerator, seed: int
) -> dict[str, float]:
    """Mean losses over the held-out utterances, drawn with the same randomness every time."""
    seed_step(seed, 0, 0)
    sums: dict[str, float] = {}
    weights: dict[str, int] = {}
    for batch in validation():
        there = batch.to(accelerator.device)
        for player in players:
            with accelerator.autocast():
                losses = player.losses(there)
            for name, value in named(players, player, losses):
                sums[name] = sums.get(name, 0.0) + float(value) * len(batch)
                weights[name] = weights.get(name, 0) + len(batch)
    return {name: value / weights[name] for name, value in sums.items()}


def named(
    players: list[Player], player: Player, losses: Mapping[str, Tensor]
) -> list[tuple[str, Tensor]]:
    """Losses by name; "loss" alone is the last turn's (a generator's), the others' are prefixed."""
    prefix = "" if player is players[-1] else f"{player.name}."
    return [(prefix + k if k == "loss" else k, value) for k, value in losses.items()]
