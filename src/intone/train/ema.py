"""The running average of weights, which often speaks better than the weights themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn


class Ema:
    """Averages of everything in a model's state dict, kept beside the model."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._model = model
        self._decay = decay
        self.averages = {name: value.detach().clone() for name, value in _state(model).items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the averages towards the weights after `step` (from 1).

        Early on the decay is smaller, so that a short run does not average its random start.
        """
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in _state(self._model).items():
            if value.is_floating_point():
                self.averages[name].lerp_(value, 1 - decay)
            else:
                self.averages[name].copy_(value)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """While open, the model has the averages for weights; then its own again."""
        own = {name: value.detach().clone() for name, value in _state(self._model).items()}
        self._model.load_state_dict(self.averages)
        try:
            yield
        finally:
            self._model.load_state_dict(own)

    def load(self, averages: Mapping[str, Tensor]) -> None:
        """Take saved averages, name by name."""
        with self.applied():
            # By the model, which knows what names its weights had before.
            self._model.load_state_dict(averages)
            for name, value in _state(self._model).items():
                self.averages[name].copy_(value)


def _state(model: nn.Module) -> dict[str, Tensor]:
    return model.state_dict()
