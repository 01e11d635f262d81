"""What lies beside published weights, and the weights: read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from intone.core.errors import VoiceError


class _Lenient(yaml.SafeLoader):
    """YAML whose tags of another project (`!new:`, `!ref`) are read as the plain values."""


def _untagged(loader: _Lenient, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Lenient.add_multi_constructor("!", _untagged)


def tagged_yaml(text: str) -> Any:
    """What YAML says, tags of other projects left out."""
    return yaml.load(text, Loader=_Lenient)


def description_in(path: Path, load: Callable[[str], Any]) -> dict[str, Any]:
    """The mapping that `load` makes of the text in `path`; `VoiceError` if it is none."""
    try:
        found = load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise VoiceError(f"{path} cannot be read: {first}") from None
    if not isinstance(found, dict):
        raise VoiceError(f"{path} must hold settings by name; give the one published beside it")
    return found


class Told:
    """Typed access to a description; complaints name the file and the key."""

    def __init__(self, values: Mapping[str, Any], where: Path) -> None:
        self.values, self.where = values, where

    def number(self, key: str, default: float | None = None) -> float:
        """The number under `key`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise VoiceError(f"{self.where}: {key!r} must be a number, but is {value!r}")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """The number under `key`, whole."""
        return int(self.number(key, default))

    def text(self, key: str, default: str) -> str:
        """The text under `key` in small letters; "none" if it is empty."""
        return str(self.values.get(key, default) or "none").lower()

    def part(self, key: str) -> Told:
        """What is told of the class under `key`."""
        value = self.values.get(key)
        inside = value.get("init_args", {}) if isinstance(value, dict) else None
        if not isinstance(inside, dict):
            raise VoiceError(f"{self.where}: {key!r} with its 'init_args' is missing")
        return Told(inside, self.where)

    def numbers(self, key: str) -> tuple[Any, ...]:
        """The list under `key`, lists within as tuples."""
        value = self.values.get(key)
        if not isinstance(value, list) or not value:
            raise VoiceError(f"{self.where}: {key!r} must be a list of numbers, but is {value!r}")
        return tuple(tuple(v) if isinstance(v, list) else v for v in value)


def tensors_in(path: Path) -> dict[str, Any]:
    """What `torch.save` wrote to `path`, tensors and plain values only.

    Raises `VoiceError` if it cannot be read, or holds anything that is not plain.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    # The reader raises a dozen kinds of error for what is cut off, malformed or not allowed.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise VoiceError(f"the weights in {path} cannot be read: {first}") from None
    if not isinstance(found, dict):
        raise VoiceError(f"{path} holds no weights by name; give the file of a generator")
    return found


def floats_of(found: Mapping[str, Any], path: Path) -> dict[str, Tensor]:
    """The tensors of what was read from `path`, float32; `VoiceError` if there are none."""
    tensors = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    if not tensors:
        raise VoiceError(f"{path} holds no weights by name; give the file of a generator")
    return {name: value.float() for name, value in tensors.items()}
