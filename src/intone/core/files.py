"""Files that are whole or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from intone.core.errors import IntoneError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; on success it takes `path`'s place.

    On any failure the temporary file is removed and `path` stays as it was. Raises
    `IntoneError` in place of an `OSError` (a full disk, a folder that may not be written).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not by `tempfile`, whose files nobody but their owner may read.
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{path.suffix}")
        temporary.open("xb").close()
    except OSError as error:
        raise IntoneError(
            f"cannot write {path}: {error.strerror or error}; check the folder"
        ) from None
    try:
        yield temporary
        with open(temporary, "rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise IntoneError(
            f"cannot write {path}: {error.strerror or error}; free some space, or write elsewhere"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The JSON value in `path`; `IntoneError` names the file, and the line if it is malformed."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IntoneError(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IntoneError(f"{path} cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise IntoneError(f"{path}, line {error.lineno}: not valid JSON ({error.msg})") from None
