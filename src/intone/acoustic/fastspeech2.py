"""FastSpeech 2: symbols and a variance adaptor, then all frames at once.

After "FastSpeech 2: Fast and high-quality end-to-end text to speech" (Ren et al. 2021).
Pitch and energy are averaged over each symbol's frames and normalised by speaker, as
FastPitch does (Łańcucki 2021), which is steadier on little data than frame-wise buckets.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts, Needs, Spoken, Turn
from intone.core.registry import Family
from intone.core.settings import Settings, require_odd, require_shared
from intone.core.types import Controls
from intone.nn.lengths import (
    average_by_symbol,
    least_frames,
    regulate,
    spoken_durations,
)
from intone.nn.masks import mask_of, masked_mean
from intone.nn.stacks import ConvStack, FFTStack
from intone.nn.variance import VariancePredictor, in_deviations, with_prosody


class FastSpeech2Settings(Settings):
    """Dimensions of FastSpeech 2; the defaults are the `laptop` preset."""

    blocks: Literal["conv", "fft"] = Field(
        "conv", description="conv: depthwise-separable, small and fast; fft: as the paper"
    )
    channels: int = Field(192, ge=8, description="width of encoder and decoder")
    encoder_layers: int = Field(4, ge=1, description="blocks over symbols")
    decoder_layers: int = Field(6, ge=1, description="blocks over frames")
    hidden: int = Field(384, ge=8, description="width inside each block")
    kernel: int = Field(9, ge=1, description="width of each block's convolution, odd")
    heads: int = Field(2, ge=1, description="attention heads of fft blocks")
    dropout: float = Field(0.05, ge=0, lt=1, description="dropout in the blocks")
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_kernel: int = Field(3, ge=1, description="width of their convolutions, odd")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    speaker: Literal["table", "vector"] = Field(
        "table", description="table: a learned vector a speaker; vector: a speaker encoder's"
    )
    speaker_vector: int = Field(256, ge=1, description="size of the speaker encoder's vector")
    postnet: bool = Field(False, description="refine the mel by five more convolutions")
    weight_variance: float = Field(
        0.1, ge=0, description="weight of the duration, pitch and energy losses beside the mel's"
    )

    @model_validator(mode="after")
    def _must_fit(self) -> FastSpeech2Settings:
        require_odd(kernel=self.kernel, variance_kernel=self.variance_kernel)
        if self.blocks == "fft":
            require_shared("channels", self.channels, self.heads)
        return self


class Postnet(nn.Module):
    """Five convolutions whose output is added to the mel; Tacotron 2 (Shen et al. 2018)."""

    def __init__(self, bands: int, *, channels: int, dropout: float) -> None:
        super().__init__()
        widths = [bands, channels, channels, channels, channels]
        self.layers = nn.ModuleList(
            nn.Conv1d(a, b, 5, padding=2) for a, b in zip(widths[:-1], widths[1:], strict=True)
        )
        self.last = nn.Conv1d(channels, bands, 5, padding=2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """`frames` (B, F, bands), `mask` (B, F) → refined (B, F, bands)."""
        real = mask[:, None, :].to(frames.dtype)  # (B, 1, F)
        hidden = frames.transpose(1, 2) * real
        for layer in self.layers:
            hidden = self.dropout(torch.tanh(layer(hidden))) * real
        refined: Tensor = frames + (self.last(hidden) * real).transpose(1, 2)
        return refined


class FastSpeech2(nn.Module):
    """Symbols (B, S) → mel frames (B, F, bands), with durations, pitch and energy between."""

    pitch_deviation: Tensor
    energy_deviation: Tensor
    speaker_vectors: Tensor
    least: Tensor

    def __init__(self, settings: FastSpeech2Settings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        self.needs = Needs(
            durations=True,
            pitch=True,
            energy=True,
            speaker_vector=settings.speaker == "vector",
        )
        width = settings.channels
        self.embed = nn.Embedding(facts.symbols, width, padding_idx=0)
        self.encoder = self._stack(settings.encoder_layers)
        speakers = max(1, len(facts.speakers))
        self.speaker: nn.Embedding | nn.Linear
        if settings.speaker == "table":
            self.speaker = nn.Embedding(speakers, width)
        else:
            self.speaker = nn.Linear(settings.speaker_vector, width)
            known = torch.tensor(
                facts.speaker_vectors or [[0.0] * settings.speaker_vector] * speakers
            )
            self.register_buffer("speaker_vectors", known)
        self.duration, self.pitch, self.energy = (
            VariancePredictor(
                width,
                hidden=settings.variance_hidden,
                kernel=settings.variance_kernel,
                dropout=settings.variance_dropout,
            )
            for _ in range(3)
        )
        self.embed_pitch = nn.Conv1d(1, width, 3, padding=1)
        self.embed_energy = nn.Conv1d(1, width, 3, padding=1)
        self.decoder = self._stack(settings.decoder_layers)
        self.out = nn.Linear(width, facts.format.bands)
        self.postnet = (
            Postnet(facts.format.bands, channels=width, dropout=0.5) if settings.postnet else None
        )
        self.register_buffer(
            "pitch_deviation", torch.tensor(facts.pitch_deviation or (0.2,) * speakers)
        )
        self.register_buffer(
            "energy_deviation", torch.tensor(facts.energy_deviation or (1.0,) * speakers)
        )
        self.register_buffer("least", least_frames(facts.symbols, facts.optional_symbols))

    def _stack(self, layers: int) -> ConvStack | FFTStack:
        s = self.settings
        if s.blocks == "conv":
            return ConvStack(
                s.channels, layers=layers, hidden=s.hidden, kernel=s.kernel, dropout=s.dropout
            )
        return FFTStack(
            s.channels,
            layers=layers,
            hidden=s.hidden,
            kernel=s.kernel,
            heads=s.heads,
            dropout=s.dropout,
        )

    def _encode(self, symbols: Tensor, mask: Tensor, speaker: Tensor) -> Tensor:
        """Symbols (B, S) and speakers (B,) → (B, S, C)."""
        hidden: Tensor = self.encoder(self.embed(symbols), mask)
        who = speaker if self.settings.speaker == "table" else self.speaker_vectors[speaker]
        return hidden + self.speaker(who)[:, None, :]

    def _decode(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Frames before and after the postnet, each (B, F, bands)."""
        coarse = self.out(self.decoder(hidden, mask))
        return coarse, coarse if self.postnet is None else self.postnet(coarse, mask)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """L1 of the mel, squared errors of log durations, pitch and energy, padding left out.

        Teacher forcing: the decoder sees the recording's durations, pitch and energy.
        """
        assert batch.durations is not None and batch.mel is not None
        assert batch.pitch is not None and batch.energy is not None
        assert batch.frame_lengths is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        frame_mask = mask_of(batch.frame_lengths, batch.mel.shape[1])  # (B, F)
        pitch = average_by_symbol(batch.pitch, batch.durations, batch.voiced)  # (B, S)
        energy = average_by_symbol(batch.energy, batch.durations)  # (B, S)
        hidden = self._encode(batch.symbols, mask, batch.speaker)
        spoken = mask & (batch.durations > 0)
        losses = {
            "duration": masked_mean(
                (self.duration(hidden, mask) - batch.durations.to(hidden.dtype).log1p()).square(),
                mask,
            ),
            "pitch": masked_mean((self.pitch(hidden, mask) - pitch).square(), spoken),
            "energy": masked_mean((self.energy(hidden, mask) - energy).square(), spoken),
        }
        hidden = with_prosody(self.embed_pitch, self.embed_energy, hidden, pitch, energy, mask)
        spread = regulate(hidden, batch.durations, batch.mel.shape[1])  # (B, F, C)
        coarse, frames = self._decode(spread, frame_mask)
        losses["mel"] = masked_mean((coarse - batch.mel).abs(), frame_mask)
        if self.postnet is not None:
            losses["postnet"] = masked_mean((frames - batch.mel).abs(), frame_mask)
        return losses

    def forced(self, batch: Batch) -> Tensor:
        """Frames (B, F, bands) with the durations, pitch and energy of the batch's recordings."""
        assert batch.durations is not None and batch.frame_lengths is not None
        assert batch.pitch is not None and batch.energy is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        total = int(batch.frame_lengths.max())
        hidden = with_prosody(
            self.embed_pitch,
            self.embed_energy,
            self._encode(batch.symbols, mask, batch.speaker),
            average_by_symbol(batch.pitch, batch.durations, batch.voiced),
            average_by_symbol(batch.energy, batch.durations),
            mask,
        )
        spread = regulate(hidden, batch.durations, total)  # (B, F, C)
        return self._decode(spread, mask_of(batch.frame_lengths, total))[1]

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        light = self.settings.weight_variance
        weights = {"duration": light, "pitch": light, "energy": light}
        return [Turn("acoustic", self.parameters, self.losses, weights)]

    def speak(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        speed: Tensor,
        pitch: Tensor,
        energy: Tensor,
    ) -> Spoken:
        """Frames of `symbols` (B, S); `speed`, `pitch`, `energy` are factors (B,)."""
        mask = mask_of(symbol_lengths, symbols.shape[1])  # (B, S)
        hidden = self._encode(symbols, mask, speaker)
        durations = spoken_durations(
            self.duration(hidden, mask), speed, mask, self.least[symbols]
        )  # (B, S)
        higher = in_deviations(pitch, self.pitch_deviation, speaker)
        louder = in_deviations(energy, self.energy_deviation, speaker)
        hidden = with_prosody(
            self.embed_pitch,
            self.embed_energy,
            hidden,
            (self.pitch(hidden, mask) + higher) * mask,
            (self.energy(hidden, mask) + louder) * mask,
            mask,
        )
        lengths = durations.sum(dim=1)  # (B,)
        total = int(lengths.max())
        spread = regulate(hidden, durations, total)  # (B, F, C)
        frames = self._decode(spread, mask_of(lengths, total))[1]
        return Spoken(frames, lengths, durations)

    @torch.inference_mode()
    def generate(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        controls: Controls,
        generator: torch.Generator | None = None,
    ) -> Spoken:
        """Frames (B, F, bands) of `symbols` (B, S); nothing is sampled, so no seed matters."""
        factors = (
            torch.full((len(symbols),), value, device=symbols.device)
            for value in (controls.speed, controls.pitch, controls.energy)
        )
        return self.speak(symbols, symbol_lengths, speaker, *factors)


FAMILY = Family(
    name="fastspeech2",
    summary="FastSpeech 2: parallel, with durations, pitch and energy to turn; small and fast",
    settings=FastSpeech2Settings,
    model=FastSpeech2,
    presets={
        "tiny": {
            "channels": 32,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "hidden": 64,
            "variance_hidden": 32,
        },
        "laptop": {},
        "full": {
            "blocks": "fft",
            "channels": 256,
            "encoder_layers": 4,
            "decoder_layers": 4,
            "hidden": 1024,
            "heads": 2,
            "dropout": 0.2,
            "variance_hidden": 256,
            "variance_dropout": 0.5,
            "postnet": True,
        },
    },
)
