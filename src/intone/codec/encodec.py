"""encodec: the published neural codec (Défossez et al. 2022) through `transformers`.

By name where the hub can be reached, or from a folder in the same layout (`config.json`,
`model.safetensors`). It comes trained.
"""

from __future__ import annotations

from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from intone.core.errors import DownloadError, FormatError, MissingExtra, SettingsError
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.core.types import FrameFormat, code_format
from intone.nn.masks import mask_of

PUBLISHED = "facebook/encodec_24khz"


class EncodecSettings(Settings):
    """Which weights, and how many codebooks of theirs."""

    name: str = Field(PUBLISHED, description="name on the hub, or a local folder")
    kbps: float = Field(6.0, gt=0, description="1.5, 3 or 6: 2, 4 or 8 codebooks at 75 frames/s")


class Encodec(nn.Module):
    """Samples (B, T) ↔ codes (B, F, K), F = T / hop rounded up.

    Raises `MissingExtra` without the library, `DownloadError` if the weights are neither in a
    folder nor to be had, `SettingsError` for a rate that they do not have.
    """

    sound: FrameFormat | None = None

    voice_size = 0

    def __init__(self, settings: EncodecSettings, facts: CorpusFacts | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.model = _published(settings.name)
        config = self.model.config
        if config.audio_channels != 1 or config.chunk_length_s is not None or config.normalize:
            raise FormatError(
                f"{settings.name} is a codec of several channels or of separate pieces; "
                f"take one like {PUBLISHED}"
            )
        if settings.kbps not in config.target_bandwidths:
            rates = ", ".join(f"{rate:g}" for rate in config.target_bandwidths)
            raise SettingsError(
                f"model.kbps is {settings.kbps:g}, but {settings.name} has: {rates}"
            )
        hop = config.hop_length
        frames_per_second = -(-config.sampling_rate // hop)
        bits = config.codebook_size.bit_length() - 1
        self.format = code_format(
            sample_rate=config.sampling_rate,
            hop_samples=hop,
            codebooks=max(1, int(1000 * settings.kbps // (frames_per_second * bits))),
            codebook_size=config.codebook_size,
        )

    @torch.inference_mode()
    def encode(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Codes (B, F, K) of samples (B, T) of `lengths` (B,), as `Codec` says."""
        hop = self.format.hop_samples
        samples = functional.pad(sound, (0, -sound.shape[-1] % hop))
        if lengths is None:
            return self._codes_of(samples)
        # Its convolutions mirror the end of a sound, so only sounds of one length share a batch.
        frames = (lengths + hop - 1) // hop
        codes = samples.new_zeros(
            (len(samples), samples.shape[-1] // hop, self.format.codebooks), dtype=torch.int64
        )
        real = samples * mask_of(lengths, samples.shape[-1]).to(samples.dtype)
        for count in frames.unique().tolist():
            rows = (frames == count).nonzero()[:, 0]
            if count:
                codes[rows, :count] = self._codes_of(real[rows, : count * hop])
        return codes

    def _codes_of(self, samples: Tensor) -> Tensor:
        made = self.model.encode(samples[:, None], bandwidth=self.settings.kbps)
        codes: Tensor = made.audio_codes[0].transpose(1, 2)  # (B, F, K)
        return codes

    @torch.inference_mode()
    def render(self, codes: Tensor) -> Tensor:
        """Samples (B, F * hop) of codes (B, F, k) of the first k codebooks."""
        made = self.model.decode(codes.transpose(1, 2)[None], [None])
        samples: Tensor = made.audio_values[:, 0]
        return samples[:, : codes.shape[1] * self.format.hop_samples]


def _published(name: str) -> Any:
    try:
        from transformers import EncodecModel
    except ImportError:
        raise MissingExtra("transformers", "codec", "the codec encodec") from None
    try:
        return EncodecModel.from_pretrained(name, use_safetensors=True).eval()
    # The library raises OSError for a name or folder, but also its own for a broken file.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise DownloadError(
            f"the weights {name!r} cannot be had ({first}); give a folder that holds "
            "config.json and model.safetensors"
        ) from None


FAMILY = Family(
    name="encodec",
    summary="the published 24 kHz codec through transformers; comes trained",
    settings=EncodecSettings,
    model=Encodec,
    presets={"1.5 kbps": {"kbps": 1.5}, "3 kbps": {"kbps": 3.0}, "6 kbps": {}},
)
