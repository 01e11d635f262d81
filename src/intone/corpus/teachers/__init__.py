"""Synthesisers that speak sentences and tell when each phone ended.

A teacher is a file of this folder with a class `TEACHER` that has `Teacher`'s methods.
Outside packages add theirs by the entry-point group `intone.plugins`: an entry named
`teachers/NAME` whose object is such a class.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol

from intone.core.errors import SettingsError
from intone.core.registry import PLUGINS
from intone.corpus.teachers._take import Take

__all__ = ["Take", "Teacher", "names", "teacher"]


class Teacher(Protocol):
    """A synthesiser that can be sent to another process.

    `usual` is the voice that speaks where none is chosen; "" if there is none.
    """

    usual: ClassVar[str]

    def voices(self) -> list[str]:
        """The voices that are installed; `CorpusError` or `MissingExtra` says how to get some."""
        ...

    def language(self, voice: str) -> str:
        """The language that a voice speaks, such as "en"."""
        ...

    def speak(self, voice: str, texts: Sequence[str]) -> list[Take]:
        """A take of each text; one that cannot be spoken is a take with a problem.

        Raises `CorpusError` or `MissingExtra` where nothing at all can be spoken.
        """
        ...


def names() -> list[str]:
    """The teachers there are, installed or not."""
    own = [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
    plugins = [
        entry.name.split("/", 1)[1]
        for entry in entry_points(group=PLUGINS)
        if entry.name.startswith("teachers/")
    ]
    return sorted(own) + sorted(plugins)


def teacher(name: str, **manner: Any) -> Teacher:
    """The teacher called `name`; `manner` are its settings (rate, pitch), where it has some.

    Raises `SettingsError` for an unknown teacher or setting.
    """
    made: type[Any] | None = None
    for entry in entry_points(group=PLUGINS):
        if entry.name == f"teachers/{name}":
            made = entry.load()
    if made is None:
        if name not in names():
            near = difflib.get_close_matches(name, names(), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names())}"
            raise SettingsError(f"there is no teacher {name!r}; {hint}")
        made = importlib.import_module(f"intone.corpus.teachers.{name}").TEACHER
    try:
        found: Teacher = made(**manner)
    except TypeError:
        raise SettingsError(
            f"the teacher {name!r} has no setting {' or '.join(map(repr, manner))}"
        ) from None
    return found
