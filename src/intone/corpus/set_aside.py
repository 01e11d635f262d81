"""`set_aside.txt`: ids of a corpus that are not to be used, with reasons.

A line is an id, or an id, a tab and a reason; a line that begins with # is a remark.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from intone.core.errors import CorpusError
from intone.core.files import write_text
from intone.corpus.rejection import Rejection

NAME = "set_aside.txt"

_HEAD = "# Not used by intone: an id, a tab and the reason. Delete a line to use it again.\n"


def read_set_aside(folder: Path) -> dict[str, str]:
    """The reason for each id that a corpus' folder, or the list itself, sets aside.

    {} if there is no list; `CorpusError` if it cannot be read.
    """
    path = folder / NAME if folder.is_dir() else folder
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from None
    aside = {}
    for line in text.splitlines():
        name, _, reason = line.partition("\t")
        if name.strip() and not name.startswith("#"):
            aside[name.strip()] = reason.strip() or "listed by hand"
    return aside


def write_set_aside(folder: Path, rejections: Iterable[Rejection]) -> Path:
    """Write the list of `folder`, whole or not at all; returns its path."""
    lines = [f"{r.id}\t{' '.join(r.reason.split())}\n" for r in rejections]
    write_text(folder / NAME, _HEAD + "".join(lines))
    return folder / NAME
