"""A trained model as a voice's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intone.core.types import FrameFormat
from intone.export.onnx import export_acoustic, export_vocoder
from intone.speech.manifest import SharedVocoder, VocoderManifest, VoiceManifest

ACOUSTIC_FILE = "acoustic.onnx"
VOCODER_GRAPH = "vocoder.onnx"


def write_voice(
    folder: Path,
    *,
    name: str,
    model: Any,
    frontend: Any,
    speakers: tuple[str, ...],
    vocoder: VocoderManifest,
    card: Mapping[str, Any],
) -> Path:
    """Write `model` with its `frontend` as a voice to `folder`, which is returned.

    The manifest is written last, so that a folder that was cut off is not yet a voice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    export_acoustic(model, len(frontend.inventory.tokens), folder / ACOUSTIC_FILE)
    VoiceManifest(
        name=name,
        language=frontend.language,
        frontend=frontend.state(),
        format=model.format,
        speakers=speakers,
        default_speaker=speakers[0],
        acoustic=ACOUSTIC_FILE,
        vocoder=vocoder,
        card=card,
    ).write(folder)
    return folder


def write_vocoder(
    folder: Path, *, vocoder: Any, format: FrameFormat, card: Mapping[str, Any]
) -> Path:
    """Write `vocoder` as one that several voices share to `folder`, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    export_vocoder(vocoder, folder / VOCODER_GRAPH)
    SharedVocoder(
        format=format,
        file=VOCODER_GRAPH,
        context_frames=vocoder.context_frames,
        card=card,
    ).write(folder)
    return folder
