"""One optimiser's turn: losses of all batches of a step, their gradients, one update."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from intone.core.batch import Batch
from intone.core.errors import SettingsError
from intone.core.protocols import Turn
from intone.train.devices import average_gradients
from intone.train.parts import groups
from intone.train.settings import TrainSettings


@dataclass(frozen=True)
class Outcome:
    """What a turn came to: mean `losses`, the gradient's norm, whether the weights moved."""

    losses: dict[str, Tensor]
    gradient_norm: float
    moved: bool


class Player:
    """A turn with its optimiser. Knows parameters and losses; blind to what they mean."""

    def __init__(self, model: nn.Module, turn: Turn, settings: TrainSettings) -> None:
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        self.name = turn.name
        self._model = model
        self._turn = turn
        self._settings = settings
        self.weighed = frozenset(turn.weights)
        self._weights = {**turn.weights, **settings.loss_weights}
        self.parameters = {
            names[id(parameter)]: parameter
            for parameter in turn.parameters()
            if parameter.requires_grad
        }
        self.optimiser: torch.optim.Optimizer | None = None
        if self.parameters:
            self.optimiser = torch.optim.AdamW(
                groups(self.parameters, settings.parts, settings.weight_decay),
                lr=settings.learning_rate,
                betas=settings.betas,
            )

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Every loss of a batch by name, and their weighed sum as "loss".

        Empty if the model sits this turn out (critics that join later).
        """
        losses = dict(self._turn.losses(batch))
        weighed = [
            self._weights.get(name, 1.0) * value.float()
            for name, value in losses.items()
            if not name.startswith("_")
        ]
        return {**losses, "loss": torch.stack(weighed).sum()} if weighed else {}

    def play(
        self, batches: Sequence[Batch], accelerator: Accelerator, learning_rate: float
    ) -> Outcome | None:
        """Take the gradients of all `batches`, then move the weights once.

        The other turns' parameters take no gradients meanwhile. Weights stay as they
        were if a loss or the gradient is not finite. None if there was nothing to do.
        """
        if self.optimiser is None:
            return None
        means: dict[str, Tensor] = {}
        with _only(self._model, self.parameters):
            self.optimiser.zero_grad(set_to_none=True)
            for batch in batches:
                with accelerator.autocast():
                    losses = self.losses(batch)
                if not losses:
                    return None
                accelerator.backward(losses["loss"] / len(batches))
                for name, value in losses.items():
                    means[name] = means.get(name, 0.0) + value.detach().float() / len(batches)
            average_gradients(accelerator, self.parameters.values())
            largest = self._settings.clip_norm or float("inf")
            norm = float(nn.utils.clip_grad_norm_(list(self.parameters.values()), largest))
            # Every process must decide alike, so the loss counts as the mean over them.
            loss = float(accelerator.reduce(means["loss"].clone(), reduction="mean"))
            moved = bool(torch.isfinite(torch.tensor([norm, loss])).all())
            if moved:
                for group in self.optimiser.param_groups:
                    group["lr"] = learning_rate * group["factor"]
                self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
        return Outcome(means, norm, moved)

    def state(self) -> dict[str, Tensor]:
        """The optimiser's tensors, named `turn/parameter/quantity`."""
        if self.optimiser is None:
            return {}
        return {
            f"{self.name}/{name}/{quantity}": value
            for name, parameter in self.parameters.items()
            for quantity, value in self.optimiser.state.get(parameter, {}).items()
        }

    def load(self, saved: Mapping[str, Tensor]) -> None:
        """Take saved tensors, parameter by parameter; one that is new or frozen is left out.

        Learning rates, betas and decay are not saved, so that changed settings hold.
        """
        for name, parameter in self.parameters.items():
            prefix = f"{self.name}/{name}/"
            own = {key[len(prefix) :]: v for key, v in saved.items() if key.startswith(prefix)}
            if own and self.optimiser is not None:
                self.optimiser.state[parameter] = {
                    # AdamW counts steps on the CPU, whatever the parameter's device.
                    quantity: value.clone() if quantity == "step" else value.to(parameter.device)
                    for quantity, value in own.items()
                }


def require_losses(seen: set[str], players: Iterable[Player], settings: TrainSettings) -> None:
    """Raise `SettingsError` if `loss_weights` names a loss neither `seen` nor weighed by a turn."""
    known = seen.union(*(player.weighed for player in players))
    for name in settings.loss_weights:
        if name not in known:
            losses = ", ".join(sorted(n for n in known - {"loss"} if not n.startswith("_")))
            raise SettingsError(
                f"train.loss_weights: there is no loss {name!r}; there are: {losses}"
            )


@contextlib.contextmanager
def _only(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> Iterator[None]:
    """While open, only `parameters` take gradients."""
    others = [
        parameter
        for name, parameter in model.named_parameters()
        if name not in parameters and parameter.requires_grad
    ]
    for parameter in others:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in others:
            parameter.requires_grad_(True)
