"""`Frontend`: what turns a text into symbols, and how one is found by name.

A frontend is a module or package of this room with two functions:
`build(language, **options)` and `from_state(state)`, and, where its symbols are learned from
a corpus, `learn(texts, language, **options)`. Outside packages add theirs by the
entry-point group `intone.plugins`: an entry named `text/NAME` whose object has both.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from intone.core.errors import SettingsError

if TYPE_CHECKING:
    from intone.core.types import Symbols
    from intone.text.inventory import Inventory


class Frontend(Protocol):
    """Turns a text of one language into symbols of its inventory."""

    name: str
    language: str
    inventory: Inventory

    def symbols(self, text: str) -> Symbols:
        """The symbols of a text of any number of sentences.

        Raises `TextError` if nothing in it can be spoken.
        """
        ...

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        ...


def names() -> list[str]:
    """The frontends there are, without importing any."""
    from intone.core import registry

    return registry.names("text")


def default_name(language: str) -> str:
    """The frontend for a language when none is asked for: "english", "russian" or "espeak"."""
    base = language.lower().replace("_", "-").split("-")[0]
    return {"en": "english", "ru": "russian"}.get(base, "espeak")


def build(name: str, language: str = "en", **options: Any) -> Frontend:
    """The frontend called `name` for a `language` ("en", "de", "pt-br").

    Raises `SettingsError` for an unknown name or option, `TextError` for a language
    that the frontend does not speak, `MissingExtra` if it needs an absent library.
    """
    module = _module(name)
    _require_options(name, module.build, options, besides=("language",))
    made: Frontend = module.build(language, **options)
    return made


def is_learned(name: str) -> bool:
    """Whether the frontend called `name` learns its symbols from a corpus' texts."""
    return hasattr(_module(name), "learn")


def learn(name: str, texts: Iterable[str], language: str = "en", **options: Any) -> Frontend:
    """The frontend called `name`, with the symbols that a corpus' `texts` teach it.

    Raises `SettingsError` for an unknown name or option, or if it learns nothing from texts.
    """
    module = _module(name)
    if not hasattr(module, "learn"):
        raise SettingsError(f"frontend {name!r} is not learned from texts; build it instead")
    _require_options(name, module.learn, options, besides=("texts", "language"))
    made: Frontend = module.learn(texts, language, **options)
    return made


def _require_options(
    name: str, function: Any, options: Mapping[str, Any], besides: Sequence[str]
) -> None:
    """Raise `SettingsError`, naming the options there are, if one is not `function`'s."""
    accepted = [p for p in inspect.signature(function).parameters if p not in besides]
    for option in options:
        if option not in accepted:
            raise SettingsError(
                f"frontend {name!r} has no option {option!r}; its options are: "
                f"{', '.join(accepted) or 'none'}"
            )


def from_state(state: Mapping[str, Any]) -> Frontend:
    """The frontend whose `state()` this is."""
    if "frontend" not in state:
        raise SettingsError("a frontend's state must name its 'frontend'")
    made: Frontend = _module(state["frontend"]).from_state(state)
    return made


def _module(name: str) -> Any:
    file_name = name.replace("-", "_")
    if file_name.isidentifier() and not file_name.startswith("_"):
        path = f"intone.text.{file_name}"
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
        else:
            if hasattr(module, "from_state") and module.__name__ != __name__:
                return module
    from importlib.metadata import entry_points

    from intone.core.registry import PLUGINS

    for entry in entry_points(group=PLUGINS):
        if entry.name == f"text/{name}":
            return entry.load()
    known = names()
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise SettingsError(f"there is no frontend {name!r}; {hint}")
