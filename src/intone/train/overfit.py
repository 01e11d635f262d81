"""The first question to any model: can it learn a handful of utterances by heart?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from intone.core.batch import Batch
from intone.train.devices import open_accelerator
from intone.train.loop import train
from intone.train.run_folder import RunFolder
from intone.train.settings import TrainSettings
from intone.train.turns import Player
from intone.train.validation import validate


@dataclass(frozen=True)
class OverfitResult:
    """Each loss `before` and `after` learning by heart, and `below` what it had to fall."""

    passed: bool
    before: Mapping[str, float]
    after: Mapping[str, float]
    below: Mapping[str, float]

    @property
    def failed(self) -> list[str]:
        """The losses that did not fall far enough."""
        return [name for name, most in self.below.items() if not self.after[name] < most]


def overfit(
    model: nn.Module,
    batch: Batch,
    *,
    settings: TrainSettings,
    share: float = 0.5,
    below: Mapping[str, float] | None = None,
) -> OverfitResult:
    """Train `model` on `batch` alone for `settings.steps`; say whether its losses fell.

    A loss must end below `below[name]`, or where none is given below `share` of what it
    was. Only losses of the last turn count: critics win or lose, they do not fall. The
    model is changed; no run folder is left behind.
    """
    accelerator = open_accelerator(settings)
    model.to(accelerator.device)
    players = [Player(model, turn, settings) for turn in model.turns()]  # type: ignore[operator]

    def measure() -> dict[str, float]:
        model.eval()
        found = validate(players[-1:], lambda: [batch], accelerator, settings.seed)
        return {name: value for name, value in found.items() if not name.startswith("_")}

    before = measure()
    alone = settings.model_copy(
        update={"validate_every": 0, "samples_every": 0, "trackers": [], "max_epochs": None}
    )
    with tempfile.TemporaryDirectory() as folder:
        train(model, settings=alone, batches=_Alone(batch), run=RunFolder(Path(folder)))
    after = measure()
    wanted = {name: share * value for name, value in before.items()} | dict(below or {})
    wanted = {name: value for name, value in wanted.items() if name in after}
    passed = all(after[name] < most for name, most in wanted.items())
    return OverfitResult(passed, before, after, wanted)


def handful(batch: Batch, count: int) -> Batch:
    """The first `count` utterances of `batch`, padded as they were."""
    cut: dict[str, Any] = {f.name: getattr(batch, f.name) for f in fields(batch)}
    for name, value in cut.items():
        if isinstance(value, Tensor | tuple):
            cut[name] = value[:count]
    return Batch(**cut)


class _Alone:
    """One batch, over and over."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        return iter([self._batch][skip:])

    def length(self, epoch: int) -> int:
        return 1
