"""`intone describe`: the models there are, and every setting of one."""

from __future__ import annotations

import difflib
import importlib.util
import textwrap
from collections.abc import Mapping
from typing import Annotated, Any

import typer

ROOMS = ("acoustic", "vocoder", "codec")


def describe(
    name: Annotated[str | None, typer.Argument(help="a model, such as fastspeech2")] = None,
) -> None:
    """List the models, or all settings of one with defaults, meanings and presets."""
    from intone.core import registry
    from intone.core.errors import SettingsError

    rooms = {room: registry.names(room) for room in ROOMS if _exists(room)}
    if name is None:
        for room, names in rooms.items():
            print(f"{room}:")
            for each in names:
                print(f"  {each:<14} {registry.family(room, each).summary}")
        print("\nintone describe NAME tells every setting of one.")
        return
    for room, names in rooms.items():
        if name in names:
            _tell(room, registry.family(room, name))
            return
    everything = [each for names in rooms.values() for each in names]
    near = difflib.get_close_matches(name, everything, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(everything)}"
    raise SettingsError(f"there is no model {name!r}; {hint}")


def _exists(room: str) -> bool:
    return importlib.util.find_spec(f"intone.{room}") is not None


def _tell(room: str, family: Any) -> None:
    from intone.core.settings import describe as rows_of
    from intone.train.recipes import losses_of, trained_as
    from intone.train.settings import DataSettings, TrainSettings

    print(f"{family.name} ({room}): {family.summary}")
    sections = {"model": family.settings}
    learns_as = _learning(room, family)
    if learns_as is not None:
        sections |= {"train": TrainSettings, "data": DataSettings}
        if (losses := losses_of(learns_as)) is not None:
            sections["losses"] = losses
    for section, settings in sections.items():
        print(f"\n{section}:")
        for key, default, meaning in rows_of(settings, f"{section}."):
            print(textwrap.fill(f"{key} = {default}", 100, initial_indent="  "))
            print(textwrap.fill(meaning, 96, initial_indent="      ", subsequent_indent="      "))
    print("\npresets (what differs from the defaults):")
    for preset, values in family.presets.items():
        trained = trained_as(learns_as, preset) if learns_as else {}
        lines = [*_flat({"model": values}), *_flat(trained)] or ["nothing differs"]
        print(textwrap.fill(f"{preset}: {'  '.join(lines)}", 96,
                            initial_indent="  ", subsequent_indent="      "))  # fmt: skip


def _learning(room: str, family: Any) -> str | None:
    """Which room's way of learning it has; None for what comes trained."""
    from intone.core.errors import SettingsError
    from intone.train.recipes import learning_of

    try:
        return learning_of(room, family)
    except SettingsError:
        return None


def _flat(values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [f"{s}.{key}={value}" for s, inner in values.items() for key, value in inner.items()]
