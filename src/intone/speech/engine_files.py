"""What an engine that drives several graphs reads beside them: numbers (JSON) and arrays (npz)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intone.core.errors import IntoneError, VoiceError
from intone.core.files import read_json
from intone.speech.manifest import file_inside

ARRAYS_FILE = "acoustic.npz"


def read_about(folder: Path, description: str, numbers: Sequence[str]) -> dict[str, Any]:
    """What the file `description` of a voice's `folder` tells, all of `numbers` among it.

    Raises `VoiceError` if it is missing, broken, or lacks a number.
    """
    path = file_inside(folder, description)
    try:
        about: Any = read_json(path)
    except IntoneError as error:
        raise VoiceError(str(error)) from None
    if not isinstance(about, dict) or not all(
        isinstance(about.get(name), (int, float)) for name in numbers
    ):
        raise VoiceError(f"{path} does not say how its graphs are driven; export it again")
    return about


def read_arrays(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """The arrays called `names` of a voice's `folder`; `VoiceError` if they cannot be read."""
    path = file_inside(folder, ARRAYS_FILE)
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise VoiceError(f"{path} cannot be read ({error}); export it again") from None
