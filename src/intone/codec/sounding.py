"""A codec's module as people use it: sound of any rate in, codes out, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.codec.codes import (
    Codes,
    SoundCodec,
    require_codebooks,
    require_fitting,
    voice_beside,
)
from intone.codec.folder import WEIGHTS_FILE, read_manifest
from intone.codec.onnx_codec import OnnxCodec
from intone.codec.voice_graph import VOICE_FRAMES
from intone.core.errors import FormatError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family
from intone.core.settings import check

if TYPE_CHECKING:
    from intone.core.types import Audio, FloatArray


class ModuleCodec:
    """A `Codec` module as a `SoundCodec`. The whole sound goes through it at once."""

    def __init__(self, codec: Any, name: str, fingerprint: str = "") -> None:
        self.name, self.fingerprint = name, fingerprint
        self.format, self.sound = codec.format, codec.sound
        self._codec = codec

    def encode(self, audio: Audio, codebooks: int | None = None) -> Codes:
        """The codes of a sound of any rate, in the first `codebooks` or all.

        Raises `SettingsError` if there are not so many codebooks.
        """
        if codebooks is not None:
            require_codebooks(codebooks, self.format.codebooks)
        samples = resample(audio.samples, audio.sample_rate, self.format.sample_rate)
        count = -(-len(samples) // self.format.hop_samples)
        whole = np.pad(samples, (0, count * self.format.hop_samples - len(samples)))
        sound = whole if self.sound is None else mel_spectrogram(whole, self.sound)
        codes = self._coded(np.ascontiguousarray(sound), len(samples))
        return codes if codebooks is None else codes.first(codebooks)

    def encode_frames(self, frames: FloatArray) -> Codes:
        """The codes of mel frames (F, C); `FormatError` if the codec codes samples."""
        if self.sound is None:
            raise FormatError(f"the codec {self.name} codes samples, not mels; take mel-vq")
        return self._coded(np.array(frames, np.float32), len(frames) * self.sound.hop_samples)

    def _coded(self, sound: FloatArray, samples: int) -> Codes:
        """The codes of what the codec codes, samples (T) or frames (F, C), of so many samples."""
        size = self._codec.voice_size
        values = np.zeros((0, self.format.codebooks), dtype=np.int64)
        voice = np.zeros(size, dtype=np.float32) if size else None
        if len(sound):
            given = torch.from_numpy(sound)[None].to(self._device)  # (1, T) or (1, F, C)
            beside = {}
            if size:
                # Each piece of a long recording counts as much as it is long.
                heard = [
                    self._codec.voices(piece) * (piece.shape[1] / given.shape[1])
                    for piece in given.split(VOICE_FRAMES, dim=1)
                ]
                beside["voice"] = torch.stack(heard).sum(0).clamp(-1, 1)  # (1, V)
                voice = beside["voice"][0].cpu().numpy()
            values = self._codec.encode(given, **beside)[0].cpu().numpy()
        return Codes(values, self.format, samples, self.name, self.fingerprint, voice)

    def render(self, codes: Codes) -> FloatArray:
        """Samples (T), or mel frames (F, C) where `sound` says so, of codes.

        Raises `FormatError` if another codec made them.
        """
        require_fitting(codes, name=self.name, format=self.format, fingerprint=self.fingerprint)
        if len(codes.values) == 0:
            bands = () if self.sound is None else (self.sound.bands,)
            return np.zeros((0, *bands), dtype=np.float32)
        values = torch.from_numpy(codes.values)[None].to(self._device)
        beside = {}
        voice = voice_beside(codes, self._codec.voice_size)
        if len(voice):
            beside["voice"] = torch.from_numpy(voice)[None].to(self._device)
        made: FloatArray = self._codec.render(values, **beside)[0].float().cpu().numpy()
        most = codes.samples if self.sound is None else -(-codes.samples // self.sound.hop_samples)
        return made[:most]

    @property
    def _device(self) -> torch.device:
        tensors = [*self._codec.parameters(), *self._codec.buffers()]
        return tensors[0].device if tensors else torch.device("cpu")


def load_module(folder: Path) -> nn.Module:
    """The codec of a codec's folder as a module, from its weights alone.

    Raises `FormatError` if the folder is not as it must be.
    """
    manifest = read_manifest(folder)
    found = family("codec", manifest.family)
    settings = check(found.settings, manifest.settings, where=f"{folder}, settings")
    facts = CorpusFacts(symbols=0, speakers=(), format=manifest.sound or manifest.features)
    codec: nn.Module = found.model(settings, facts)
    try:
        codec.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    except (OSError, SafetensorError) as error:
        raise FormatError(
            f"the weights in {folder} cannot be read ({error}); copy the folder again"
        ) from None
    except RuntimeError as error:
        raise FormatError(
            f"the weights in {folder} are not of the {manifest.family} of this intone "
            f"({str(error).splitlines()[-1].strip()}); train it again"
        ) from None
    if codec.voice_size != manifest.voice:
        raise FormatError(
            f"{folder} keeps {manifest.voice} numbers of a voice, the {manifest.family} of this "
            f"intone {codec.voice_size}; train it again"
        )
    return codec.eval()


def open_module(folder: Path, device: str = "cpu") -> ModuleCodec:
    """The codec of a codec's folder, in torch, on `device`; raises as `load_module`."""
    manifest = read_manifest(folder)
    return ModuleCodec(load_module(folder).to(device), manifest.name, manifest.fingerprint)


def open_folder(folder: Path, device: str = "cpu") -> SoundCodec:
    """The codec of a codec's folder: in torch on `device` if its weights are there, or its graphs.

    Raises `FormatError` or `VoiceError` if the folder is not as it must be.
    """
    if (folder / WEIGHTS_FILE).is_file():
        return open_module(folder, device)
    return OnnxCodec(folder)
