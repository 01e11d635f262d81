"""scripted: somebody else's pre-encoder, as TorchScript: mel frames → codes → mel frames.

The file is a `torch.jit` module with two methods, or one: `encode` gives integers for mel
frames, `decode` gives mel frames for integers. Their names, and whether bands or frames
come first, are settings; stride and number of codebooks are measured.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from intone.core.errors import FormatError, SettingsError
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.core.types import FrameFormat, code_format
from intone.nn.masks import mask_of

_PROBE_FRAMES = 240
"""A multiple of every stride up to 6, and of 8, 10, 12, 15 and 16."""


class ScriptedSettings(Settings):
    """Where the file is, and how its methods are called."""

    path: str = Field(..., description="the TorchScript file (.pt)")
    codebook_size: int = Field(1000, ge=2, description="codes of each codebook")
    encode: str = Field("encode", description="method that turns mel frames into codes")
    decode: str = Field("decode", description="method that turns codes into mel frames")
    axes: Literal["frames-bands", "bands-frames"] = Field(
        "frames-bands", description="order of a mel's axes behind the batch"
    )


class Scripted(nn.Module):
    """Mel frames (B, F, bands) ↔ codes (B, F / stride rounded up, K).

    Raises `SettingsError` if there is no such file or method, `FormatError` if a method
    gives something else than it must.
    """

    voice_size = 0

    def __init__(self, settings: ScriptedSettings, facts: CorpusFacts | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.sound: FrameFormat = facts.format if facts is not None else FrameFormat()
        self.module = _loaded(settings)
        codes = self._codes_of(torch.zeros(1, _PROBE_FRAMES, self.sound.bands) - 4.0)
        if codes.shape[1] == 0 or _PROBE_FRAMES % codes.shape[1]:
            raise FormatError(
                f"{settings.path} makes {codes.shape[1]} codes of {_PROBE_FRAMES} frames, which is "
                "no whole stride; model.axes may be the other one"
            )
        self.stride = _PROBE_FRAMES // codes.shape[1]
        self.format = code_format(
            sample_rate=self.sound.sample_rate,
            hop_samples=self.sound.hop_samples * self.stride,
            codebooks=codes.shape[2],
            codebook_size=settings.codebook_size,
        )
        frames = self.render(codes)
        if frames.shape != (1, _PROBE_FRAMES, self.sound.bands):
            raise FormatError(
                f"{settings.path} decodes {codes.shape[1]} codes to {tuple(frames.shape)}, not to "
                f"{_PROBE_FRAMES} frames of {self.sound.bands} bands; model.axes may be the other"
            )

    @torch.inference_mode()
    def encode(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Codes (B, G, K) of mel (B, F, bands) of `lengths` (B,), as `Codec` says."""
        short = -sound.shape[1] % self.stride
        mel = functional.pad(sound, (0, 0, 0, short), value=float(sound.min()) if short else 0.0)
        if lengths is None:
            return self._codes_of(mel)
        # Nobody knows how it treats padding, so each sound goes in alone.
        groups = (lengths + self.stride - 1) // self.stride
        count = mel.shape[1] // self.stride
        codes = mel.new_zeros((len(mel), count, self.format.codebooks), dtype=torch.int64)
        for row, length in enumerate(lengths.tolist()):
            if length:
                codes[row, : int(groups[row])] = self.encode(sound[row : row + 1, :length])[0]
        return codes * mask_of(groups, count)[..., None]

    @torch.inference_mode()
    def render(self, codes: Tensor) -> Tensor:
        """Mel (B, G * stride, bands) of codes (B, G, K)."""
        given = codes[..., 0] if codes.shape[-1] == 1 else codes
        made = _tensor(getattr(self.module, self.settings.decode)(given), floating=True)
        if made is None or made.ndim != 3:
            raise FormatError(f"{self.settings.path}: {self.settings.decode} gives no mel frames")
        return made.transpose(1, 2) if self.settings.axes == "bands-frames" else made

    def _codes_of(self, mel: Tensor) -> Tensor:
        given = mel.transpose(1, 2) if self.settings.axes == "bands-frames" else mel
        try:
            made = _tensor(getattr(self.module, self.settings.encode)(given), floating=False)
        except RuntimeError as error:
            last = str(error).strip().splitlines()[-1][:160]
            raise FormatError(
                f"{self.settings.path}: {self.settings.encode} refuses mel frames of shape "
                f"{tuple(given.shape)} ({last}); model.axes may be the other one"
            ) from None
        if made is None or made.ndim not in (2, 3):
            raise FormatError(f"{self.settings.path}: {self.settings.encode} gives no codes")
        return (made[..., None] if made.ndim == 2 else made).to(torch.int64)


def _tensor(made: Any, *, floating: bool) -> Tensor | None:
    """The first tensor of the wanted kind in what a method gave."""
    for each in made if isinstance(made, tuple | list) else (made,):
        if isinstance(each, Tensor) and each.is_floating_point() == floating:
            return each
    return None


def _loaded(settings: ScriptedSettings) -> Any:
    path = Path(settings.path)
    if not path.is_file():
        raise SettingsError(f"there is no TorchScript file {path}; check model.path")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = torch.jit.load(str(path), map_location="cpu").eval()
    except (RuntimeError, ValueError) as error:
        first = (str(error).strip().splitlines() or [""])[0][:160]
        raise SettingsError(f"{path} is no TorchScript file ({first})") from None
    for name in (settings.encode, settings.decode):
        if not hasattr(module, name):
            raise SettingsError(f"{path} has no method {name!r}; name it (model.encode, .decode)")
    return module


FAMILY = Family(
    name="scripted",
    summary="a TorchScript pre-encoder of somebody else's: mel frames to codes and back",
    settings=ScriptedSettings,
    model=Scripted,
    presets={"as-is": {}},
)
