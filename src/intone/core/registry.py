"""Which families, vocoders, codecs and readers there are, found without importing them.

A room of the package is listed by its file names; the one that is chosen is imported.
Outside packages add theirs by the entry-point group `intone.plugins`: an entry named
`room/name` whose object is a `Family`.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from intone.core.errors import SettingsError

PLUGINS = "intone.plugins"


@dataclass(frozen=True)
class Family:
    """A model by name: its settings class, its model class, its presets of settings.

    The model is built as `model(settings, facts)`.
    """

    name: str
    summary: str
    settings: type[Any]
    model: type[Any]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def names(room: str) -> list[str]:
    """The names that `room` ("acoustic", "vocoder", "codec") offers, without importing any."""
    package = importlib.import_module(f"intone.{room}")
    besides: frozenset[str] = getattr(package, "NOT_FAMILIES", frozenset())
    own = [
        module.name.replace("_", "-")
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_") and module.name not in besides
    ]
    plugins = [
        entry.name.split("/", 1)[1]
        for entry in entry_points(group=PLUGINS)
        if entry.name.startswith(f"{room}/")
    ]
    return sorted(own) + sorted(plugins)


def family(room: str, name: str) -> Family:
    """The `Family` called `name` in `room`; only its own module is imported.

    Raises `SettingsError`, naming the nearest name, if there is none.
    """
    for entry in entry_points(group=PLUGINS):
        if entry.name == f"{room}/{name}":
            found = entry.load()
            assert isinstance(found, Family)
            return found
    known = names(room)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise SettingsError(f"there is no {room} {name!r}; {hint}")
    module = importlib.import_module(f"intone.{room}.{name.replace('-', '_')}")
    found = module.FAMILY
    assert isinstance(found, Family)
    return found
