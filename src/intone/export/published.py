"""Somebody else's vocoder as one of ours: converted once, kept, shared by voices."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import VoiceError
from intone.core.installed import user_folder
from intone.export.voice import write_vocoder
from intone.speech.manifest import VOCODER_FILE

if TYPE_CHECKING:
    from intone.core.types import FrameFormat

CONVERTED = "_converted"
"""The folder, beside the user's own voices, of what was converted."""


def convert_vocoder(name: str, folder: Path, format: FrameFormat | None = None) -> Path:
    """Write the published vocoder `name` (a path, or a name on the hub) to `folder`, returned.

    Raises what `intone.vocoder.published.published_vocoder` does.
    """
    from intone.vocoder.published import published_vocoder

    vocoder = published_vocoder(name, format)
    card = {
        "model": type(vocoder).__name__,
        "source": name,
        "parameters": sum(p.numel() for p in vocoder.parameters()),
    }
    return write_vocoder(folder, vocoder=vocoder, format=vocoder.format, card=card)


def converted(name: str, format: FrameFormat | None = None) -> Path:
    """The folder of the published vocoder `name` in our form, converted if it is not there yet.

    Raises what `convert_vocoder` does, `VoiceError` if `name` is in no known layout.
    """
    from intone.vocoder.published import is_published, read_published, require_convention

    if not is_published(name):
        raise VoiceError(f"{name} is no published vocoder; give a folder of weights or a hub name")
    found = read_published(name)
    if format is not None:
        require_convention(found.convention, format, source=found.source)
    digest = hashlib.sha256(repr((found.family, dict(found.settings))).encode())
    for key in sorted(found.weights):
        digest.update(key.encode())
        digest.update(found.weights[key].numpy().tobytes())
    plain = re.sub(r"[^\w.-]+", "-", Path(name).name)
    folder = user_folder() / CONVERTED / f"{plain}-{digest.hexdigest()[:12]}"
    if not (folder / VOCODER_FILE).is_file():
        convert_vocoder(name, folder, format)
    return folder
