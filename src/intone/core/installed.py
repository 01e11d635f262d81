"""Where what is installed lies: the user's own folder, and the package's. No torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "voices"
"""The package's own voices, and what they share."""
VOCODERS, CODECS = "_vocoder", "_codec"
"""The folders of installed vocoders and codecs, beside the voices."""
VOCODER_GRAPH = "vocoder.onnx"
"""A vocoder's graph, in a folder of its own or in a voice's."""


def user_folder() -> Path:
    """Where a user's own voices are kept on this system."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "intone" / "voices"


def roots() -> list[Path]:
    """The folders that hold voices, the first one winning: `INTONE_VOICES` or the user's, ours."""
    given = os.environ.get("INTONE_VOICES", "")
    own = [Path(part).expanduser() for part in given.split(os.pathsep) if part] or [user_folder()]
    return [*own, SHIPPED]


def plain(name: str) -> bool:
    """Whether `name` is a mere name, which leads to no other folder."""
    return name.replace("-", "").replace("_", "").isalnum()
