"""Settings: pydantic classes that are frozen and forbid unknown keys, merged by OmegaConf.

Imported only where something is trained; speaking needs neither library.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ConfigDict, ValidationError

from intone.core.errors import SettingsError


class Settings(BaseModel):
    """The base of all settings: frozen, unknown keys are errors, fields have descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Settings)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; `SettingsError` names the file and the line that is wrong."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no recipe {path}; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the recipe {path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{path}{where} is not valid YAML; mend it") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise SettingsError(
            f"{path} must hold settings (key: value), not a {type(loaded).__name__}"
        )
    return loaded


def merge(*layers: Mapping[str, Any], overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Merge mappings, later ones winning, then `key.path=value` overrides."""
    overrides = list(overrides)
    for item in overrides:
        if "=" not in item:
            raise SettingsError(f"{item!r} is not a setting; write it as key=value")
    try:
        merged = OmegaConf.merge(
            *[OmegaConf.create(dict(layer)) for layer in layers], OmegaConf.from_dotlist(overrides)
        )
        container = OmegaConf.to_container(merged, resolve=True)
    except OmegaConfBaseException as error:
        raise SettingsError(
            f"the settings cannot be merged: {str(error).splitlines()[0]}"
        ) from None
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def _nearest(cls: type[BaseModel], location: tuple[Any, ...]) -> str | None:
    """The known key nearest to the unknown one at the end of `location`."""
    owner: Any = cls
    for part in location[:-1]:
        field = owner.model_fields.get(part) if hasattr(owner, "model_fields") else None
        owner = field.annotation if field else None
    if not hasattr(owner, "model_fields"):
        return None
    close = difflib.get_close_matches(str(location[-1]), list(owner.model_fields), n=1, cutoff=0.5)
    return ".".join([*map(str, location[:-1]), close[0]]) if close else None


def check(cls: type[S], values: Mapping[str, Any], *, where: str) -> S:
    """`values` as settings of `cls`.

    Raises `SettingsError` that names the first wrong key, `where` it stands, and for
    an unknown key the nearest known one.
    """
    try:
        return cls.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "settings"
        if first["type"] == "extra_forbidden":
            near = _nearest(cls, first["loc"])
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(cls.model_fields)}"
            raise SettingsError(f"{where}: there is no setting {key!r}; {hint}") from None
        given = first.get("input")
        raise SettingsError(f"{where}: {key} is {given!r}: {first['msg'].lower()}") from None


def describe(cls: type[Settings], prefix: str = "") -> list[tuple[str, str, str]]:
    """(name, default, meaning) of every field of `cls`, nested ones with dotted names."""
    rows: list[tuple[str, str, str]] = []
    for name, field in cls.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Settings):
            rows += describe(annotation, f"{prefix}{name}.")
        else:
            default = (
                "required"
                if field.is_required()
                else repr(field.get_default(call_default_factory=True))
            )
            rows.append((f"{prefix}{name}", default, field.description or ""))
    return rows


def require_odd(**widths: int) -> None:
    """`ValueError`, for a validator of settings, that names a width which is even."""
    for name, width in widths.items():
        if width % 2 == 0:
            raise ValueError(f"model.{name}={width} must be odd, so that it has a middle")


def require_shared(channels: str, width: int, heads: int) -> None:
    """`ValueError`, for a validator of settings, unless `heads` share the channels evenly."""
    if width % heads:
        raise ValueError(f"model.{channels}={width} must be a multiple of its {heads} heads")
