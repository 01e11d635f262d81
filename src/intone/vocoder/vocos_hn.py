"""Vocos with a source: a filtered pulse train plus noise plus what only a free phase can say.

Where "Vocos" (Siuzdak 2023) must learn from data how the phase of every harmonic turns from
frame to frame, here the pitch is read off the mel, and the network only shapes what sounds at it
(`HarmonicNoise`). What comes out is brought to the mel that went in, of voices that nothing was
learned of too (`MelCorrection`).
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor, nn

from intone.audio.mel import filterbank
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.nn.convnext import convnext_blocks
from intone.nn.harmonic_noise import HarmonicNoise
from intone.nn.istft import InverseSTFT
from intone.nn.mel_correction import MelCorrection
from intone.nn.over_frames import over_frames
from intone.nn.pitch_reader import PitchReader


class VocosHNSettings(Settings):
    """Dimensions of a harmonic-plus-noise Vocos."""

    channels: int = Field(256, ge=8, description="width of the backbone")
    hidden: int = Field(768, ge=8, description="width inside each ConvNeXt block")
    layers: int = Field(4, ge=1, description="ConvNeXt blocks of the backbone")
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

    def __init__(self, settings: VocosHNSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        channels, hop = settings.channels, self.format.hop_samples
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
        self.source = HarmonicNoise(
            window=settings.window, hop=hop, sample_rate=self.format.sample_rate
        )
        self.head = nn.Linear(channels, self.source.said)
        inverse = self.source.inverse
        if settings.window != self.format.window_samples:
            inverse = InverseSTFT(window=self.format.window_samples, hop=hop)
        self.correction = MelCorrection(
            torch.from_numpy(filterbank(self.format)), inverse, floor=self.format.floor
        )
        for module in self.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
        self.source.begin(self.head.bias)

    @property
    def pitch_reach(self) -> int:
        """Frames on either side that can change where a frame's pitch begins and ends."""
        return self.pitch.reach + 1

    @property
    def context_frames(self) -> int:
        """Frames on either side that can change a frame's samples, but for the turns so far."""
        backbone = (self.settings.kernel // 2) * (self.settings.layers + 1)
        corrected = self.settings.corrections * self.correction.reach
        return max(backbone, self.pitch_reach) + self.source.reach + corrected

    def shape(self, frames: Tensor) -> Tensor:
        """What the network says of each frame, (B, F, said)."""
        hidden = self.norm_in(over_frames(self.embed, frames)).transpose(1, 2)  # (B, C, F)
        for block in self.blocks:
            hidden = block(hidden)
        said: Tensor = self.head(self.norm_out(hidden.transpose(1, 2)))
        return said

    def pitch_hz(self, frames: Tensor) -> Tensor:
        """The pitch (B, F) in Hz that is read off frames."""
        return self.pitch.scale.hz(self.pitch(frames))

    def sound(
        self, frames: Tensor, turns: Tensor, first: Tensor, last: Tensor, noise: Tensor
    ) -> Tensor:
        """Samples (B, F * hop) of mel frames, the source's three phases, and its noise."""
        samples: Tensor = self.source(self.shape(frames), turns, first, last, noise)
        for _ in range(self.settings.corrections):
            samples = self.correction(samples, frames)
        return samples

    def forward(self, frames: Tensor) -> Tensor:
        with torch.no_grad():
            turns, first, last = self.source.phases(self.pitch_hz(frames))
        noise = self.source.noise_for(*frames.shape[:2])
        return self.sound(frames, turns, first, last, noise)

    def pitch_loss(self, frames: Tensor, pitch_hz: Tensor) -> Tensor:
        """How wrongly the pitch (B, F) in Hz, 0 where unvoiced, is read off `frames`."""
        return self.pitch.scale.loss(self.pitch(frames), pitch_hz)

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
        whole, hz = self.vocoder, self.vocoder.pitch_hz(frames)
        turned, first, last = whole.source.phases_from(hz, anchor, turns)
        noise = whole.source.noise_at(number, frames.shape[1])
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
