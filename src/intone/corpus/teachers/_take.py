"""`Take`: one text as a teacher spoke it."""

from __future__ import annotations

from dataclasses import dataclass

from intone.core.types import Audio, Phone


@dataclass(frozen=True)
class Take:
    """The sound of one text and its phones, or the `problem` for which there is none."""

    audio: Audio | None
    phones: tuple[Phone, ...] = ()
    problem: str = ""
