"""Sentences to judge voices by, ours alone; no corpus that intone makes contains them."""

from __future__ import annotations

from pathlib import Path

from intone.core.errors import SettingsError

_FOLDER = Path(__file__).parent / "sentence_sets"


def sentence_sets() -> list[str]:
    """The names of the sets, such as "english_plain"."""
    return sorted(path.stem for path in _FOLDER.glob("*.txt"))


PLAIN = {"en": "english_plain", "ru": "russian_plain"}
"""The set for a language where nobody names one."""


def sentences(name: str) -> list[str]:
    """The sentences of a set; `SettingsError` names those there are."""
    path = _FOLDER / f"{name}.txt"
    if name not in sentence_sets():
        raise SettingsError(
            f"there is no sentence set {name!r}; there are: {', '.join(sentence_sets())}"
        )
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


def sentences_of(source: str) -> list[str]:
    """The sentences of a set of ours, or of the text file `source`, a sentence a line.

    Raises `SettingsError` if there is neither, or if the file holds none.
    """
    if source in sentence_sets() or not Path(source).is_file():
        return sentences(source)
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    found = [line.strip() for line in lines if line.strip()]
    if not found:
        raise SettingsError(f"{source} holds no sentence; write one a line")
    return found
