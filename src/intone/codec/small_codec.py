"""small-codec: our own neural codec in EnCodec's frame format, for two CPU cores.

The encoder reads log-mel frames and leaves phase to the decoder: it codes what is
heard of speech, not the waveform. Mel → ConvNeXt blocks → residual codebooks (as in
SoundStream, Zeghidour et al. 2021, section III) → ConvNeXt blocks, which say the pitch, and how a
pulse train of that pitch and noise are filtered (`HarmonicNoise`). All convolutions run at the
frame rate, which is what makes it cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from intone.audio.mel import filterbank
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.core.types import FrameFormat, code_format
from intone.nn.convnext import convnext_blocks
from intone.nn.harmonic_noise import HarmonicNoise
from intone.nn.masks import mask_of
from intone.nn.pitch_reader import PitchScale
from intone.nn.quantise import ResidualCodebooks, straight_through, summed_first
from intone.nn.spectral import MelSpectrogram

_EDGE_FRAMES = 2
"""Frames of silence on either side, so that a mel mirrors silence wherever a sound is cut."""
_MEL_MEAN, _MEL_DEVIATION = -5.0, 2.5
_PITCHES = 160


class SmallCodecSettings(Settings):
    """Dimensions of a small codec; rates and codebooks are EnCodec's unless changed."""

    sample_rate: int = Field(24_000, ge=8_000, description="of the sound, Hz")
    hop: int = Field(320, ge=32, multiple_of=2, description="samples from frame to frame")
    codebooks: int = Field(8, ge=1, le=32, description="residual codebooks")
    codebook_size: int = Field(1024, ge=2, description="codes of each codebook")
    width: int = Field(48, ge=2, description="channels of what is quantised")
    decay: float = Field(0.98, gt=0, lt=1, description="how slowly codebooks follow the encoder")
    bands: int = Field(100, ge=8, description="mel bands that the encoder reads")
    encoder_channels: int = Field(192, ge=8, description="width of the encoder")
    encoder_hidden: int = Field(512, ge=8, description="width inside each of its blocks")
    encoder_layers: int = Field(4, ge=1, description="ConvNeXt blocks of the encoder")
    channels: int = Field(256, ge=8, description="width of the decoder")
    hidden: int = Field(768, ge=8, description="width inside each of its blocks")
    layers: int = Field(6, ge=1, description="ConvNeXt blocks of the decoder")
    kernel: int = Field(7, ge=3, description="width of each depthwise convolution, odd")


@dataclass(frozen=True)
class Rebuilt:
    """A batch as it came back: `samples` (B, T), losses of the coding, figures to log."""

    samples: Tensor
    losses: Mapping[str, Tensor]
    figures: Mapping[str, Tensor]
    latents: Tensor


class _Stack(nn.Module):
    """A wide first convolution, ConvNeXt blocks, and a norm: (B, F, C) → (B, F, channels)."""

    def __init__(
        self, inputs: int, channels: int, *, hidden: int, layers: int, kernel: int
    ) -> None:
        super().__init__()
        self.embed = nn.Conv1d(inputs, channels, kernel, padding=kernel // 2)
        self.norm_in = nn.LayerNorm(channels, eps=1e-6)
        self.blocks = convnext_blocks(channels, hidden=hidden, kernel=kernel, layers=layers)
        self.norm_out = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        hidden = inputs.transpose(1, 2)  # (B, C, F)
        if mask is not None:
            hidden = hidden * mask
        hidden = self.norm_in(self.embed(hidden).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            hidden = block(hidden, mask)
        out: Tensor = self.norm_out(hidden.transpose(1, 2))
        return out


class SmallCodec(nn.Module):
    """Samples (B, T) ↔ codes (B, F, K), F = T / hop rounded up."""

    sound: FrameFormat | None = None
    stride = 1
    voice_size = 0
    edge_frames = _EDGE_FRAMES
    only_decodes = ("sketch.", "decoder.", "pitch.", "head.")
    """Names of weights that can change while codes keep their meaning."""

    def __init__(self, settings: SmallCodecSettings, facts: CorpusFacts | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.format = code_format(
            sample_rate=settings.sample_rate,
            hop_samples=settings.hop,
            codebooks=settings.codebooks,
            codebook_size=settings.codebook_size,
        )
        window = 4 * settings.hop
        self.features = FrameFormat(
            sample_rate=settings.sample_rate,
            hop_samples=settings.hop,
            window_samples=window,
            bands=settings.bands,
            high_hz=settings.sample_rate / 2,
        )
        self.mel = MelSpectrogram(
            torch.from_numpy(filterbank(self.features)),
            window=window,
            hop=settings.hop,
            floor=self.features.floor,
        )
        self.encoder = _Stack(
            settings.bands,
            settings.encoder_channels,
            hidden=settings.encoder_hidden,
            layers=settings.encoder_layers,
            kernel=settings.kernel,
        )
        self.narrow = nn.Linear(settings.encoder_channels, settings.width)
        self.codebooks = ResidualCodebooks(
            settings.codebooks, settings.codebook_size, settings.width, decay=settings.decay
        )
        self.sketch = nn.Conv1d(settings.width, settings.bands, 3, padding=1)
        self.decoder = _Stack(
            settings.width,
            settings.channels,
            hidden=settings.hidden,
            layers=settings.layers,
            kernel=settings.kernel,
        )
        self.pitch = nn.Linear(settings.channels, _PITCHES)
        self.pitches = PitchScale(_PITCHES)
        self.source = HarmonicNoise(
            window=window, hop=settings.hop, sample_rate=settings.sample_rate
        )
        self.head = nn.Linear(settings.channels, self.source.said)
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        nn.init.trunc_normal_(self.narrow.weight, std=settings.encoder_channels**-0.5)
        self.source.begin(self.head.bias)

    @property
    def pitch_reach(self) -> int:
        """Codes on either side that can change where a code's pitch begins and ends."""
        return (self.settings.kernel // 2) * (self.settings.layers + 1) + 1

    @property
    def context_frames(self) -> int:
        """Codes on either side that can change a code's samples, but for the turns so far."""
        return self.pitch_reach + self.source.reach

    @property
    def encode_context(self) -> int:
        """Frames on either side that can change a code."""
        return (self.settings.kernel // 2) * (self.settings.encoder_layers + 1)

    def mel_of(self, samples: Tensor) -> Tensor:
        """The mel frames (B, F, bands) that the encoder reads, of samples (B, T)."""
        hop = self.settings.hop
        short = -samples.shape[-1] % hop
        edge = _EDGE_FRAMES * hop
        mel: Tensor = self.mel(functional.pad(samples, (edge, edge + short)))
        return mel[:, _EDGE_FRAMES:-_EDGE_FRAMES]

    def latents_of(self, mel: Tensor, mask: Tensor | None = None) -> Tensor:
        """What is quantised, (B, F, width), of mel frames (B, F, bands)."""
        normal = (mel - _MEL_MEAN) / _MEL_DEVIATION
        out: Tensor = self.narrow(self.encoder(normal, mask))
        return out

    def codes_of(self, mel: Tensor, mask: Tensor | None = None) -> Tensor:
        """Codes (B, F, K) of mel frames (B, F, bands); 0 where `mask` (B, 1, F) is."""
        codes = self.codebooks.encode(self.latents_of(mel, mask))
        return codes if mask is None else codes * mask.transpose(1, 2).to(codes.dtype)

    def encoded(self, frames: Tensor) -> Tensor:
        """Codes (B, F, K) of mel frames (B, F, bands); what `encode.onnx` computes."""
        return self.codes_of(frames)

    def decoded(
        self, codes: Tensor, number: Tensor, anchor: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What `decode.onnx` computes of codes (B, F, k), a piece of a passage.

        `number` (1,) is its first code's; `turns` (1,) are done at the code `anchor` (1,). Gives
        samples (B, F * hop), and the turns (B, F) done at each code and its pitch (B, F) in Hz.
        """
        hidden = self.decoder(self.codebooks.decode(codes))
        hz = self.pitches.hz(self.pitch(hidden))
        turned, first, last = self.source.phases_from(hz, anchor, turns)
        noise = self.source.noise_at(number, codes.shape[1])
        samples: Tensor = self.source(self.head(hidden), turned, first, last, noise)
        return samples, turned, hz

    @torch.inference_mode()
    def encode(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Codes (B, F, K) of samples (B, T) of `lengths` (B,), as `Codec` says."""
        if lengths is None:
            return self.codes_of(self.mel_of(sound))
        within = mask_of(lengths, sound.shape[-1])
        mel = self.mel_of(sound * within.to(sound.dtype))
        frames = (lengths + self.settings.hop - 1) // self.settings.hop
        return self.codes_of(mel, mask_of(frames, mel.shape[1])[:, None].to(mel.dtype))

    @torch.inference_mode()
    def render(self, codes: Tensor) -> Tensor:
        """Samples (B, F * hop) of codes (B, F, k) of the first k codebooks."""
        number = torch.zeros(1, dtype=torch.int64, device=codes.device)
        turns = torch.zeros(1, device=codes.device)
        return self.decoded(codes, number, number, turns)[0]

    def rebuild(self, samples: Tensor, pitch_hz: Tensor | None = None) -> Rebuilt:
        """Samples (B, F * hop) coded and decoded, each row by a random number of codebooks.

        In eval mode, by all of them. `pitch_hz` (B, F), 0 where unvoiced, is what the codes
        should say.
        """
        with _exactly(samples):
            mel = self.mel_of(samples)
        latents = self.latents_of(mel).float()
        with torch.no_grad(), _exactly(samples):
            added = self.codebooks.partial(self.codebooks.encode(latents))  # (B, F, K, W)
        count = added.shape[2]
        kept = torch.full((len(samples),), count, device=samples.device)
        if self.training:
            kept = torch.randint(1, count + 1, (len(samples),), device=samples.device)
        sums = added.cumsum(dim=2)
        vectors = straight_through(latents, summed_first(added, kept))  # (B, F, W)
        sketch = self.sketch(vectors.transpose(1, 2)).transpose(1, 2) * _MEL_DEVIATION + _MEL_MEAN
        hidden = self.decoder(vectors)
        said = self.head(hidden).float()
        scores = self.pitch(hidden).float()
        losses = {
            "sketch": (sketch.float() - mel).abs().mean(),
            # After each codebook, so that the first ones say as much as they can.
            "commitment": (latents[:, :, None] - sums).square().mean(),
        }
        if pitch_hz is not None:
            losses["pitch"] = self.pitches.loss(scores, pitch_hz)
        spread = latents.detach().var(dim=(0, 1)).mean().clamp(min=1e-8)
        figures = {
            "_left": (latents - sums[:, :, -1]).detach().square().mean() / spread,
            "_use": self.codebooks.uses().mean(),
            "_use_least": self.codebooks.uses().min(),
        }
        with torch.no_grad():
            phases = self.source.phases(self.pitches.hz(scores))
        with _exactly(samples):
            made = self.source(said, *phases, self.source.noise_for(*mel.shape[:2]))
        return Rebuilt(made, losses, figures, latents.detach())

    def learn(self, rebuilt: Rebuilt) -> None:
        """Let the codebooks learn from a batch that came back.

        They stay as they are where the encoder is frozen: what was coded before remains valid.
        """
        if not self.narrow.weight.requires_grad:
            return
        with _exactly(rebuilt.latents):
            self.codebooks.learn(rebuilt.latents.flatten(0, 1))


def _exactly(near: Tensor) -> torch.autocast:
    """What does not bear bfloat16: spectra, angles, and which of many codes is nearest."""
    return torch.autocast(near.device.type, enabled=False)


FAMILY = Family(
    name="small-codec",
    summary="mel encoder, residual codebooks, inverse STFT decoder; EnCodec's frame format",
    settings=SmallCodecSettings,
    model=SmallCodec,
    presets={
        "tiny": {
            "codebooks": 3,
            "codebook_size": 16,
            "width": 8,
            "bands": 40,
            "encoder_channels": 24,
            "encoder_hidden": 32,
            "encoder_layers": 1,
            "channels": 32,
            "hidden": 48,
            "layers": 2,
        },
        "laptop": {},
        "full": {
            "width": 64,
            "encoder_channels": 384,
            "encoder_hidden": 1152,
            "encoder_layers": 8,
            "channels": 512,
            "hidden": 1536,
            "layers": 8,
            "decay": 0.99,
        },
    },
)
