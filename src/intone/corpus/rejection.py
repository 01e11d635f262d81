"""`Rejection`: something of a corpus that is set aside while the rest goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rejection:
    """The id of an utterance (or the path of a file, where there is no id), and why not."""

    id: str
    reason: str
