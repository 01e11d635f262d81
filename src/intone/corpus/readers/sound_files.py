"""Which files of a folder are recordings, and texts read whatever their encoding mark."""

from __future__ import annotations

import os
from pathlib import Path

from intone.core.errors import CorpusError

SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64"}
)
"""Names that recordings have; what is in them is told by their content."""


def is_sound(path: Path) -> bool:
    """Whether a file's name is that of a recording; the hidden files of other systems are not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def sound_by_stem(folder: Path) -> dict[str, Path]:
    """The recordings that lie directly in a folder, by name without suffix; {} if there is none."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(Path(entry.path) for entry in entries)
    except OSError:
        return {}
    return {path.stem: path for path in found if is_sound(path)}


def decoded(content: bytes) -> str:
    """A text file's content: UTF-8 with or without a mark, or UTF-16 with one.

    Raises `CorpusError` that says at which line it is neither.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"line {line} is not UTF-8; save the file as UTF-8") from None
