"""Vocos with a source: a filtered pulse train plus noise plus what only a free phase can say.

Where "Vocos" (Siuzdak 2023) must learn from data how the phase of every harmonic turns from
frame to frame, here the pitch is read off the mel, a pulse train of that pitch is made in
closed form, and the network only shapes it: the harmonic-plus-noise model of neural
source-filter vocoders (Wang, Takaki and Yamagishi 2019, section II) on short-time spectra. What
comes out is brought to the mel that went in, of voices that nothing was learned of too.
"""

from __future__ import annotations

import math

import torch
from pydantic import Field
from torch import Tensor, nn

from intone.audio.mel import filterbank
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.nn.convnext import convnext_blocks
from intone.nn.harmonics import ShortTimeSpectrum, phases, pulses
from intone.nn.istft import InverseSTFT
from intone.nn.mel_correction import MelCorrection
from intone.nn.pitch_reader import PitchReader

_NOISE_FRAMES = 251
_QUIET = -4.0
"""What the free branch starts with, natural logarithm: the source speaks first."""


class VocosHNSettings(Settings):
    """Dimensions of a harmonic-plus-noise Vocos."""

    channels: int = Field(256, ge=8, description="width of the backbone")
    hidden: int = Field(768, ge=8, description="width inside each ConvNeXt block")
    layers: int = Field(6, ge=1, description="ConvNeXt blocks of the backbone")
    kernel: int = Field(7, ge=3, description="width of each depthwise convolution, odd")
    window: int = Field(1024, ge=64, multiple_of=4, description="window of the spectra, samples")
    corrections: int = Field(
        1, ge=0, le=8, description="times that the sound is brought to the mel it was made of"
    )
    pitch_channels: int = Field(96, ge=8, description="width of the pitch reader")
    pitch_layers: int = Field(4, ge=1, description="ConvNeXt blocks of the pitch reader")
    pitch_bins: int = Field(160, ge=16, description="pitches told apart, 50 to 700 Hz")


class VocosHN(nn.Module):
    """Mel frames (B, F, bands) → samples (B, F * hop)."""

    noise: Tensor

    def __init__(self, settings: VocosHNSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        channels, bins = settings.channels, settings.window // 2 + 1
        self.pitch = PitchReader(
            self.format.bands,
            settings.pitch_channels,
            layers=settings.pitch_layers,
            kernel=settings.kernel,
            bins=settings.pitch_bins,
        )
        self.embed = nn.Conv1d(self.format.bands, channels, settings.kernel, padding="same")
        self.norm_in = nn.LayerNorm(channels, eps=1e-6)
        self.blocks = convnext_blocks(
            channels, hidden=settings.hidden, kernel=settings.kernel, layers=settings.layers
        )
        self.norm_out = nn.LayerNorm(channels, eps=1e-6)
        self.head = nn.Linear(channels, 5 * bins)
        self.inverse = InverseSTFT(window=settings.window, hop=self.format.hop_samples)
        self.analysis = ShortTimeSpectrum(self.inverse.fourier, hop=self.format.hop_samples)
        inverse = self.inverse
        if settings.window != self.format.window_samples:
            inverse = InverseSTFT(
                window=self.format.window_samples, hop=self.format.hop_samples
            )
        self.correction = MelCorrection(
            torch.from_numpy(filterbank(self.format)), inverse, floor=self.format.floor
        )
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.head.bias[2 * bins : 4 * bins] = _QUIET  # gain of pulses and of noise
            self.head.bias[:bins] = _QUIET
        # A table and not a generator: every run and every engine makes the same sound.
        chance = torch.Generator().manual_seed(0)
        noise = torch.randn(_NOISE_FRAMES, 2 * bins, generator=chance).half().float()
        self.register_buffer("noise", noise * math.sqrt(settings.window * 3 / 16), persistent=False)

    @property
    def pitch_reach(self) -> int:
        """Frames on either side that can change where a frame's pitch begins and ends."""
        return self.pitch.reach + 1

    @property
    def context_frames(self) -> int:
        """Frames on either side that can change a frame's samples, but for the turns so far."""
        hop = self.format.hop_samples
        backbone = (self.settings.kernel // 2) * (self.settings.layers + 1)
        corrected = self.settings.corrections * (self.format.window_samples // hop)
        return max(backbone, self.pitch_reach) + self.settings.window // hop + corrected

    def shape(self, frames: Tensor) -> Tensor:
        """What the network says of each frame, (B, F, 5 * bins)."""
        hidden = self.embed(frames.transpose(1, 2))  # (B, C, F)
        hidden = self.norm_in(hidden.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            hidden = block(hidden)
        said: Tensor = self.head(self.norm_out(hidden.transpose(1, 2)))
        return said

    def sound(
        self, frames: Tensor, turns: Tensor, first: Tensor, last: Tensor, noise: Tensor
    ) -> Tensor:
        """Samples (B, F * hop) of mel frames, `phases`' three, and noise (B, F, 2 bins)."""
        train = pulses(turns, first, last, hop=self.format.hop_samples)
        source_re, source_im = self.analysis(train)  # (B, F, bins) each
        noise_re, noise_im = noise.chunk(2, dim=-1)
        free, free_phase, pulse, hiss, pulse_phase = self.shape(frames).chunk(5, dim=-1)
        # A runaway magnitude early in training would drown every gradient.
        free, pulse, hiss = (part.clamp(max=7.0).exp() for part in (free, pulse, hiss))
        cos, sin = torch.cos(pulse_phase) * pulse, torch.sin(pulse_phase) * pulse
        real = free * torch.cos(free_phase) + cos * source_re - sin * source_im + hiss * noise_re
        imag = free * torch.sin(free_phase) + cos * source_im + sin * source_re + hiss * noise_im
        samples: Tensor = self.inverse(real, imag)
        for _ in range(self.settings.corrections):
            samples = self.correction(samples, frames)
        return samples

    def noise_at(self, first_frame: int | Tensor, frames: int) -> Tensor:
        """The noise of `frames` frames from `first_frame` of a text on, (1, F, 2 bins)."""
        at = torch.arange(frames, device=self.noise.device) + first_frame
        return self.noise[torch.remainder(at, _NOISE_FRAMES)][None]

    def forward(self, frames: Tensor) -> Tensor:
        with torch.no_grad():
            hz = self.pitch.hz(self.pitch(frames))
            turns, first, last = phases(
                hz, sample_rate=self.format.sample_rate, hop=self.format.hop_samples
            )
        noise = self.noise_at(0, frames.shape[1])
        if self.training:
            # The free branch must not learn the first frames of the table by heart.
            starts = torch.randint(_NOISE_FRAMES, (len(frames),)).tolist()
            noise = torch.cat([self.noise_at(start, frames.shape[1]) for start in starts])
        return self.sound(frames, turns, first, last, noise)

    def pitch_loss(self, frames: Tensor, pitch_hz: Tensor) -> Tensor:
        """How wrongly the pitch (B, F) in Hz, 0 where unvoiced, is read off `frames`."""
        return self.pitch.loss(self.pitch(frames), pitch_hz)

    def passage_graph(self) -> GraphSpec:
        """The graph that renders a passage piece by piece, as `speech.rendering` drives it."""
        bands = self.format.bands

        def example(frames: int) -> tuple[Tensor, ...]:
            source = torch.Generator().manual_seed(frames)
            mel = torch.randn(1, frames, bands, generator=source) * 2 - 5
            return (
                mel,
                torch.tensor([3 * frames]),
                torch.tensor([frames // 2]),
                torch.tensor([0.25]),
            )

        return GraphSpec(
            name="vocoder",
            module=_Piece(self),
            inputs=("frames", "number", "anchor", "turns"),
            outputs=("samples", "turned", "pitch_hz"),
            example=example,
            dynamic={"frames": {1: "F"}},
            sizes=(2, 7, 64, 140),
            decisions=("pitch_hz",),
        )

    @torch.inference_mode()
    def render(self, frames: Tensor) -> Tensor:
        """Samples (B, F * hop) of mel frames (B, F, bands)."""
        samples: Tensor = self(frames)
        return samples


class _Piece(nn.Module):
    """A piece of a passage (1, F, bands): `number` is its first frame's; at `anchor`, `turns`."""

    def __init__(self, vocoder: VocosHN) -> None:
        super().__init__()
        self.vocoder = vocoder

    def forward(
        self, frames: Tensor, number: Tensor, anchor: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        whole, format = self.vocoder, self.vocoder.format
        hz = whole.pitch.hz(whole.pitch(frames))
        turned, first, last = phases(hz, sample_rate=format.sample_rate, hop=format.hop_samples)
        turned = torch.remainder(turned - turned[:, anchor] + turns, 1.0)
        noise = whole.noise_at(number, frames.shape[1])
        return whole.sound(frames, turned, first, last, noise), turned, hz


FAMILY = Family(
    name="vocos-hn",
    summary="Vocos on a pulse train and noise: learns in a tenth of the steps",
    settings=VocosHNSettings,
    model=VocosHN,
    presets={
        "tiny": {
            "channels": 32,
            "hidden": 64,
            "layers": 2,
            "pitch_channels": 32,
            "pitch_layers": 2,
        },
        "laptop": {},
        "full": {"channels": 512, "hidden": 1536, "layers": 8},
    },
)
