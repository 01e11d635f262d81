"""Parts of a network by name pattern: which learn, and how fast."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from torch import nn

from intone.core.errors import SettingsError


def freeze(model: nn.Module, patterns: Iterable[str]) -> int:
    """Keep the parameters that match any pattern as they are; how many numbers that froze.

    Raises `SettingsError` that names a pattern which matches nothing, or if nothing is
    left to learn.
    """
    named = dict(model.named_parameters())
    frozen = 0
    for pattern in patterns:
        for name in _matching(pattern, named, where="train.freeze"):
            frozen += named[name].numel() if named[name].requires_grad else 0
            named[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in named.values()):
        raise SettingsError("train.freeze matches every parameter; leave some that can learn")
    return frozen


def groups(
    parameters: Mapping[str, nn.Parameter], factors: Mapping[str, float], weight_decay: float
) -> list[dict[str, object]]:
    """Optimiser groups of parameters: those with one learning-rate factor and decay together.

    A group holds `params`, `names`, `weight_decay` and `factor`. The last pattern that
    matches a name decides its factor. Vectors (biases, norms) do not decay.
    """
    made: dict[tuple[float, float], dict[str, list[object]]] = {}
    for name, parameter in parameters.items():
        matching = [value for pattern, value in factors.items() if fnmatchcase(name, pattern)]
        factor = matching[-1] if matching else 1.0
        decay = weight_decay if parameter.ndim > 1 else 0.0
        group = made.setdefault((factor, decay), {"params": [], "names": []})
        group["params"].append(parameter)
        group["names"].append(name)
    return [
        {**group, "factor": factor, "weight_decay": decay}
        for (factor, decay), group in made.items()
    ]


def require_matches(model: nn.Module, patterns: Iterable[str], *, where: str) -> None:
    """Raise `SettingsError` for the first pattern that no parameter of `model` matches."""
    named = dict(model.named_parameters())
    for pattern in patterns:
        _matching(pattern, named, where=where)


def _matching(pattern: str, named: Iterable[str], *, where: str) -> list[str]:
    names = list(named)
    found = [name for name in names if fnmatchcase(name, pattern)]
    if not found:
        parts = sorted({name.split(".")[0] for name in names})
        near = difflib.get_close_matches(pattern, [*names, *(f"{p}.*" for p in parts)], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the parts are: {', '.join(parts)}"
        raise SettingsError(f"{where}: no parameter matches {pattern!r}; {hint}")
    return found
