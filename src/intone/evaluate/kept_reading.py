"""A reading as JSON and back, so that nobody must hear a sound twice."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from typing import Any, get_type_hints

from intone.evaluate.figures import Reading


def to_json(reading: Reading) -> dict[str, Any]:
    """`reading` as JSON holds it."""
    return asdict(reading)


def from_json(value: Any) -> Reading | None:
    """The reading that `value` holds; None if it is none, or one of another version's."""
    return _built(Reading, value)


def _built(kind: Any, value: Any) -> Any:
    """An instance of the dataclass `kind` with the fields of `value`; None if they differ."""
    if not isinstance(value, dict) or set(value) != {field.name for field in fields(kind)}:
        return None
    hints = get_type_hints(kind)
    found = {}
    for name, part in value.items():
        if is_dataclass(hints[name]):
            part = _built(hints[name], part)
            if part is None:
                return None
        # JSON has no tuples; no field is a list.
        found[name] = tuple(part) if isinstance(part, list) else part
    return kind(**found)
