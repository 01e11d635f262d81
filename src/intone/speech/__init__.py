"""The voice: text → sound. No torch.

`from intone.speech import Voice`; the library that runs the graphs is imported when the
first voice is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intone.core.types import Conditions, Controls, Speech, WordTime
    from intone.speech.voice import Voice

__all__ = ["Conditions", "Controls", "Speech", "Voice", "WordTime"]


def __getattr__(name: str) -> Any:
    """The public names, imported at first use."""
    if name == "Voice":
        from intone.speech.voice import Voice

        return Voice
    if name in __all__:
        from intone.core import types

        return getattr(types, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
