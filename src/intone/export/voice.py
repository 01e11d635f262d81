"""A trained model as a voice's folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from intone.codec.codes import require_codebooks
from intone.codec.folder import DECODE_FILE, VOICE_FILE, read_manifest, shipped_name
from intone.core.files import replacing, write_json
from intone.core.installed import VOCODER_GRAPH
from intone.core.types import FrameFormat
from intone.export.onnx import (
    ByPassage,
    export_acoustic,
    export_graph,
    export_vocoder,
    in_bytes,
)
from intone.speech.engine_files import ARRAYS_FILE
from intone.speech.manifest import (
    PARALLEL_ONNX,
    SharedVocoder,
    VocoderManifest,
    VoiceCodec,
    VoiceManifest,
)

ACOUSTIC_FILE = "acoustic.onnx"
DESCRIPTION_FILE = "acoustic.json"
CODEC_FOLDER = "codec"


def write_model(folder: Path, model: Any, symbols: int) -> tuple[str, str, float]:
    """Write an acoustic `model` over `symbols` symbols to `folder`.

    Returns the engine that runs it, the file that the engine opens, and the largest
    difference from torch. Raises `VoiceError` if that is too large, or the model makes no voice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not hasattr(model, "graphs"):
        return PARALLEL_ONNX, ACOUSTIC_FILE, export_acoustic(model, symbols, folder / ACOUSTIC_FILE)
    model.cpu().eval()
    worst = max(
        export_graph(spec, folder / f"{spec.name}.onnx", in_bytes) for spec in model.graphs()
    )
    arrays = {name: value.detach().numpy() for name, value in model.arrays().items()}
    with replacing(folder / ARRAYS_FILE) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)
    write_json(folder / DESCRIPTION_FILE, model.about())
    return model.engine, DESCRIPTION_FILE, worst


def write_voice(
    folder: Path,
    *,
    name: str,
    model: Any,
    frontend: Any,
    speakers: tuple[str, ...],
    vocoder: VocoderManifest,
    card: Mapping[str, Any],
    codec: Path | None = None,
    voices: Sequence[Sequence[float]] = (),
) -> Path:
    """Write `model` with its `frontend` as a voice to `folder`, which is returned.

    `codec` is the folder of the codec whose codes the model speaks, those of the first
    codebooks or all; `voices` are numbers of each speaker, where the codec keeps whose voice it is
    beside the codes. The voice names the codec if it is one that the package brings along; the
    decoder of another is copied. Raises `FormatError` if it is of other codes.

    The manifest is written last, so that a folder that was cut off is not yet a voice.
    """
    place = None if codec is None else _place_codec(codec, folder, model.format)
    if place is not None and voices:
        place = replace(place, voices=tuple(tuple(map(float, voice)) for voice in voices))
    engine, file, _ = write_model(folder, model, len(frontend.inventory.tokens))
    VoiceManifest(
        name=name,
        language=frontend.language,
        frontend=frontend.state(),
        format=model.format,
        speakers=speakers,
        default_speaker=speakers[0],
        acoustic=file,
        engine=engine,
        vocoder=vocoder,
        codec=place,
        card=card,
    ).write(folder)
    return folder


def _place_codec(codec: Path, voice: Path, format: FrameFormat) -> VoiceCodec:
    """Name a shipped codec, or copy the decoder of another into the folder `voice`."""
    manifest = read_manifest(codec)
    require_codebooks(format.codebooks, manifest.format.codebooks)
    known = replace(manifest.format, codebooks=format.codebooks)
    known.require(format, ours=f"the codec {codec}", theirs="the model")
    if (shipped := shipped_name(codec)) is not None:
        return VoiceCodec(shared=shipped, fingerprint=manifest.fingerprint)
    folder = voice / CODEC_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in (DECODE_FILE, VOICE_FILE) if manifest.voice else (DECODE_FILE,):
        with replacing(folder / name) as temporary:
            shutil.copyfile(codec / name, temporary)
    manifest.write(folder)
    return VoiceCodec(folder=CODEC_FOLDER)


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
        pitch_reach=vocoder.pitch_reach if isinstance(vocoder, ByPassage) else None,
        card=card,
    ).write(folder)
    return folder
