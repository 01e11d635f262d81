"""The parts of a voice, opened from its folder: frontend, engine and renderer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import VoiceError
from intone.speech import packaged
from intone.speech.engines import Engine, StreamingEngine
from intone.speech.manifest import (
    CODEC_ALONE,
    CODES_ONNX,
    GRIFFIN_LIM,
    PARALLEL_ONNX,
    RECURRENT_ONNX,
    REFINING_ONNX,
    STEPWISE_ONNX,
    VoiceManifest,
    file_inside,
    read_shared_vocoder,
)
from intone.speech.onnx_engine import OnnxAcoustic, open_vocoder
from intone.speech.rendering import GriffinLim, Renderer

if TYPE_CHECKING:
    from intone.core.types import FrameFormat
    from intone.text.frontend import Frontend


def frontend_of(manifest: VoiceManifest) -> Frontend:
    """The frontend that the manifest describes; `VoiceError` if it describes it wrongly."""
    from intone.text.frontend import from_state

    try:
        return from_state(manifest.frontend)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VoiceError(
            f"the voice {manifest.name} describes its frontend wrongly "
            f"({type(error).__name__}: {error}); make it again or upgrade intone"
        ) from None


def engine_of(folder: Path, manifest: VoiceManifest, threads: int) -> Engine | StreamingEngine:
    """What runs the voice's model on `threads` threads; `VoiceError` if nothing here can."""
    if manifest.engine == STEPWISE_ONNX:
        from intone.speech.stepwise import OnnxStepwise

        return OnnxStepwise(folder, manifest.acoustic, manifest.format, threads)
    if manifest.engine == RECURRENT_ONNX:
        from intone.speech.recurrent import OnnxRecurrent

        return OnnxRecurrent(folder, manifest.acoustic, manifest.format, threads)
    if manifest.engine == CODES_ONNX:
        from intone.speech.codes_engine import OnnxCodes

        return OnnxCodes(folder, manifest.acoustic, manifest.format, threads)
    if manifest.engine == REFINING_ONNX:
        from intone.speech.refining import OnnxRefining

        return OnnxRefining(folder, manifest.acoustic, manifest.format, threads)
    if manifest.engine == PARALLEL_ONNX:
        return OnnxAcoustic(file_inside(folder, manifest.acoustic), manifest.format, threads)
    raise VoiceError(f"{folder}: the engine {manifest.engine!r} is unknown; upgrade intone")


def renderer_of(folder: Path, manifest: VoiceManifest, threads: int) -> Renderer:
    """What makes sound of the voice's frames or codes on `threads` threads.

    Raises `VoiceError` if the vocoder or codec that it names is not to be found or opened.
    """
    if manifest.codec is None:
        return _vocoder(folder, manifest, manifest.format, threads)
    from intone.codec.folder import CODEC_FILE, read_manifest
    from intone.speech.codec_renderer import CodecRenderer

    codec = manifest.codec
    if codec.shared is not None:
        place = packaged.find_shared_codec(codec.shared, codec.fingerprint)
    else:
        place = file_inside(folder, f"{codec.folder}/{CODEC_FILE}").parent
    about = read_manifest(place)
    vocoder = None
    if manifest.vocoder.file != CODEC_ALONE:
        vocoder = _vocoder(folder, manifest, about.sound or about.features, threads)
    return CodecRenderer(place, threads, vocoder, manifest.format.codebooks, codec.voices or ())


def _vocoder(folder: Path, manifest: VoiceManifest, format: FrameFormat, threads: int) -> Renderer:
    """What renders mel frames; a graph of the voice's own renders those of `format`."""
    vocoder = manifest.vocoder
    if vocoder.shared is not None:
        shared_folder = packaged.find_shared_vocoder(vocoder.shared)
        shared = read_shared_vocoder(shared_folder)
        path = file_inside(shared_folder, shared.file)
        return open_vocoder(path, shared.format, threads, shared.context_frames, shared.pitch_reach)
    assert vocoder.file is not None
    if vocoder.file == GRIFFIN_LIM:
        return GriffinLim(format)
    path = file_inside(folder, vocoder.file)
    return open_vocoder(path, format, threads, vocoder.context_frames, vocoder.pitch_reach)
