"""Kokoro-LSTM: a BiLSTM over symbols, attention over a moving window, LSTMs over mel frames.

A BiLSTM encoder, multi-head attention and an LSTM decoder, as in Tacotron 2 (Shen et al.
2018), but the query does not wait for what attention found a step before: an LSTM over the
fed-back frames asks, attention answers all steps at once, a second LSTM makes frames of the
answers. So training takes no loop over steps. What attention may look at is a window around
the symbol that is being spoken: the aligner's in training, that of predicted durations in
speech. The window only moves forward, and speech ends behind the last symbol.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.acoustic._kokoro_lstm_graphs import graphs_of
from intone.acoustic._kokoro_lstm_layers import BiLSTM, WindowAttention, one_step
from intone.core.batch import Batch
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts, Needs, Spoken, Turn
from intone.core.registry import Family
from intone.core.settings import Settings, require_odd, require_shared
from intone.core.types import Controls
from intone.nn.feedback import fed_back, spoiled
from intone.nn.lengths import (
    average_by_symbol,
    frame_owners,
    least_frames,
    progress,
    regulate,
    spoken_durations,
)
from intone.nn.masks import mask_of, masked_mean
from intone.nn.mel_scale import MEL_DEVIATION, MEL_MEAN, scaled, unscaled
from intone.nn.stacks import ConvStack
from intone.nn.variance import VariancePredictor, in_deviations, with_prosody

TOLD = 3
"""Numbers a step is told of each of its frames: which symbol, how far, how long."""

State = tuple[Tensor, Tensor, Tensor, Tensor]
"""Outputs and cells of the two LSTMs of the decoder, each (B, C)."""


class KokoroLSTMSettings(Settings):
    """Dimensions of Kokoro-LSTM; the defaults are the `laptop` preset."""

    channels: int = Field(192, ge=8, description="width of the encoder, half of it each way")
    encoder_convolutions: int = Field(2, ge=0, description="convolutions before the BiLSTM")
    encoder_layers: int = Field(1, ge=1, description="layers of the BiLSTM")
    kernel: int = Field(9, ge=1, description="width of the postnet's convolutions, odd")
    heads: int = Field(4, ge=1, description="attention heads")
    window: int = Field(
        4, ge=1, description="symbols on either side of the spoken one that attention sees"
    )
    reduction: int = Field(4, ge=1, description="mel frames that one step of the decoder makes")
    query_channels: int = Field(256, ge=8, description="width of the LSTM that asks")
    decoder_channels: int = Field(384, ge=8, description="width of the LSTM that makes frames")
    prenet: int = Field(128, ge=8, description="width through which fed-back frames pass")
    prenet_dropout: float = Field(0.3, ge=0, lt=1, description="dropout there, in training only")
    noise: float = Field(
        0.4, ge=0, description="largest deviation of noise on fed-back frames, at unit scale"
    )
    feedback_dropout: float = Field(
        0.15, ge=0, lt=1, description="share of fed-back groups that are withheld in training"
    )
    scheduled_sampling: float = Field(
        0.3, ge=0, le=1, description="share of fed-back groups that are the model's own"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout in encoder and decoder")
    postnet_layers: int = Field(4, ge=0, description="convolution blocks over the frames; 0: none")
    postnet_hidden: int = Field(384, ge=8, description="width inside these blocks")
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    weight_variance: float = Field(0.1, ge=0, description="of duration, pitch and energy losses")
    weight_stop: float = Field(0.05, ge=0, description="of the loss of the stop")

    @model_validator(mode="after")
    def _must_fit(self) -> KokoroLSTMSettings:
        require_odd(kernel=self.kernel)
        require_shared("channels", self.channels, self.heads)
        require_shared("channels", self.channels, 2)  # one half reads forwards, one backwards
        return self


@dataclass(frozen=True)
class Plan:
    """What is known before the first frame: `memory` (B, S, C) and when each symbol is spoken.

    `mask` (B, S) is True where a symbol is real, `durations` (B, S) are in frames.
    """

    memory: Tensor
    mask: Tensor
    durations: Tensor


class KokoroLSTM(nn.Module):
    """Symbols (B, S) → mel frames (B, F, bands), `reduction` frames a step."""

    engine = "recurrent-onnx"
    least: Tensor
    phones: Tensor
    stress: Tensor
    pitch_deviation: Tensor
    energy_deviation: Tensor

    def __init__(self, settings: KokoroLSTMSettings, facts: CorpusFacts) -> None:
        super().__init__()
        s = self.settings = settings
        self.format = facts.format
        self.needs = Needs(durations=True, pitch=True, energy=True)
        width, bands = s.channels, facts.format.bands
        speakers = max(1, len(facts.speakers))
        # A stressed vowel is the vowel, and stress beside it.
        stress = facts.stress or (0,) * facts.symbols
        self.register_buffer("phones", torch.tensor(facts.phones or range(facts.symbols)))
        self.register_buffer("stress", torch.tensor(stress))
        self.embed = nn.Embedding(facts.symbols, width, padding_idx=0)
        self.embed_stress = nn.Embedding(max(stress) + 1, width)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2) for _ in range(s.encoder_convolutions)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(s.encoder_convolutions))
        self.reader = BiLSTM(width, layers=s.encoder_layers, dropout=s.dropout)
        self.speaker = nn.Embedding(speakers, width)
        self.duration, self.pitch, self.energy = (
            VariancePredictor(width, hidden=s.variance_hidden, kernel=3, dropout=s.variance_dropout)
            for _ in range(3)
        )
        self.embed_pitch = nn.Conv1d(1, width, 3, padding=1)
        self.embed_energy = nn.Conv1d(1, width, 3, padding=1)
        self.prenet = nn.Sequential(
            nn.Linear(s.reduction * bands, s.prenet),
            nn.GELU(),
            nn.Dropout(s.prenet_dropout),
            nn.Linear(s.prenet, s.prenet),
            nn.GELU(),
            nn.Dropout(s.prenet_dropout),
        )
        self.begin = nn.Parameter(torch.zeros(s.reduction * bands))
        self.asks = nn.LSTM(s.prenet + TOLD * s.reduction, s.query_channels, batch_first=True)
        self.attention = WindowAttention(s.query_channels, width, heads=s.heads, window=s.window)
        self.makes = nn.LSTM(s.query_channels + width, s.decoder_channels, batch_first=True)
        self.dropout = nn.Dropout(s.dropout)
        self.out = nn.Linear(s.decoder_channels + width, s.reduction * bands)
        self.stop = nn.Linear(s.decoder_channels, 1)
        self.postnet: ConvStack | None = None
        if s.postnet_layers:
            self.into_postnet = nn.Linear(bands + width + 2, width)
            self.postnet = ConvStack(
                width,
                layers=s.postnet_layers,
                hidden=s.postnet_hidden,
                kernel=s.kernel,
                dropout=s.dropout,
            )
            self.refine = nn.Linear(width, bands)
        for name, values in (
            ("pitch_deviation", facts.pitch_deviation or (0.2,) * speakers),
            ("energy_deviation", facts.energy_deviation or (1.0,) * speakers),
        ):
            self.register_buffer(name, torch.tensor(values))
        self.register_buffer("least", least_frames(facts.symbols, facts.optional_symbols))

    # The text.

    def read(self, symbols: Tensor, lengths: Tensor, speaker: Tensor) -> Tensor:
        """Symbols (B, S) of `lengths` (B,), spoken by `speaker` (B,) → (B, S, C)."""
        mask = mask_of(lengths, symbols.shape[1])[..., None]
        hidden = self.embed(self.phones[symbols]) + self.embed_stress(self.stress[symbols])
        hidden = hidden * mask.to(hidden.dtype)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            wide = convolution(hidden.transpose(1, 2)).transpose(1, 2)
            hidden = hidden + self.dropout(functional.relu(norm(wide)))
            hidden = hidden * mask.to(hidden.dtype)
        hidden = hidden + self.reader(hidden, lengths)
        read: Tensor = (hidden + self.speaker(speaker)[:, None]) * mask.to(hidden.dtype)
        return read

    # The frames.

    def told(self, durations: Tensor, steps: int) -> tuple[Tensor, Tensor, Tensor]:
        """Where each step is in the text: its symbol (B, G), what it is told, and each frame.

        A step is told of each of its frames how many symbols that is behind the step's own,
        how far inside its symbol, and how long that lasts: (B, G, r * 3). The last two are
        also given by frame, (B, G * r, 2).
        """
        r = self.settings.reduction
        owners = frame_owners(durations, steps * r)  # (B, G * r)
        far, lasting = progress(durations, steps * r, owners)
        pointers = owners[:, ::r]  # (B, G)
        behind = (owners - pointers.repeat_interleave(r, dim=1)).float() / 2
        long = lasting.log1p() / 3
        each = torch.stack([behind, far, long], dim=-1)  # (B, G * r, 3)
        real = mask_of(durations.sum(dim=1), steps * r)[..., None].float()
        each = each * real
        return pointers, each.reshape(len(each), steps, -1), each[..., 1:]

    def _decode(
        self, plan: Plan, fed: Tensor, pointers: Tensor, told: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Groups at unit scale (B, G, r * bands) and stops (B, G), fed the groups before."""
        asked = self.asks(torch.cat([self.prenet(fed), told], dim=-1))[0]
        found = self.attention(self.dropout(asked), plan.memory, plan.mask, pointers)  # (B, G, C)
        made = self.makes(torch.cat([asked, found], dim=-1))[0]
        return self.framed(self.dropout(made), found)

    def framed(self, made: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
        """The decoder's outputs and attention's answers → groups at unit scale, and stops."""
        return self.out(torch.cat([made, found], dim=-1)), self.stop(made)[..., 0]

    def step(
        self, group: Tensor, told: Tensor, keys: Tensor, values: Tensor, hole: Tensor, state: State
    ) -> tuple[Tensor, Tensor, Tensor, State]:
        """One step: the group (B, r * bands), its stop (B,), where it looked (B, W), the state.

        `group` (B, r * bands) was made last, `told` (B, r * 3) says where this step is,
        `keys` and `values` (B, W, C) are the window's, `hole` (B, W) is -inf where it is empty.
        """
        asked, asked_cell, made, made_cell = state
        asked, asked_cell = one_step(
            self.asks, torch.cat([self.prenet(group), told], dim=-1), asked, asked_cell
        )
        found, looked = self.attention.look(asked, keys, values, hole)  # (B, C), (B, W)
        made, made_cell = one_step(self.makes, torch.cat([asked, found], dim=-1), made, made_cell)
        group, stop = self.framed(made, found)
        return group, stop, looked, (asked, asked_cell, made, made_cell)

    def refined(self, coarse: Tensor, spread: Tensor, mask: Tensor) -> Tensor:
        """Frames (B, F, bands) after the postnet, which sees `spread` (B, F, C + 2) as well."""
        if self.postnet is None:
            return coarse
        seen = torch.cat([scaled(coarse), spread], dim=-1)
        hidden = self.postnet(self.into_postnet(seen) * mask[..., None].to(seen.dtype), mask)
        refined: Tensor = coarse + MEL_DEVIATION * self.refine(hidden)
        return refined

    # Training.

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """L1 of the frames before and after the postnet, the stop, and what predicts prosody.

        Teacher forcing: steps are fed the recording's frames, spoiled or replaced by the
        model's own, and look where the aligner says.
        """
        s = self.settings
        assert batch.mel is not None and batch.frame_lengths is not None
        assert batch.durations is not None
        assert batch.pitch is not None and batch.energy is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        steps = -(-batch.mel.shape[1] // s.reduction)
        frame_mask = mask_of(batch.frame_lengths, steps * s.reduction)  # (B, G * r)
        mel = functional.pad(batch.mel, (0, 0, 0, frame_mask.shape[1] - batch.mel.shape[1]))
        mel = torch.where(frame_mask[..., None], mel, torch.full_like(mel, MEL_MEAN))
        hidden = self.read(batch.symbols, batch.symbol_lengths, batch.speaker)
        pitch = average_by_symbol(batch.pitch, batch.durations, batch.voiced)  # (B, S)
        energy = average_by_symbol(batch.energy, batch.durations)  # (B, S)
        spoken = mask & (batch.durations > 0)
        long = batch.durations.to(hidden.dtype).log1p()
        losses = {
            "duration": masked_mean((self.duration(hidden, mask) - long).square(), mask),
            "pitch": masked_mean((self.pitch(hidden, mask) - pitch).square(), spoken),
            "energy": masked_mean((self.energy(hidden, mask) - energy).square(), spoken),
        }
        plan = Plan(
            with_prosody(self.embed_pitch, self.embed_energy, hidden, pitch, energy, mask),
            mask,
            batch.durations,
        )
        pointers, told, by_frame = self.told(batch.durations, steps)
        groups = scaled(mel).reshape(len(mel), steps, -1)  # (B, G, r * bands)
        spoil = partial(spoiled, begin=self.begin, noise=s.noise, withheld=s.feedback_dropout)
        fed = fed_back(groups, self.begin)
        if self.training:
            if s.scheduled_sampling:
                with torch.no_grad():
                    own = self._decode(plan, spoil(fed), pointers, told)[0]
                mixed = torch.rand((*fed.shape[:2], 1), device=fed.device) < s.scheduled_sampling
                fed = torch.where(mixed, fed_back(own, self.begin), fed)
            fed = spoil(fed)
        made, stops = self._decode(plan, fed, pointers, told)
        coarse = unscaled(made.reshape(len(mel), -1, self.format.bands))  # (B, G * r, bands)
        losses["coarse"] = masked_mean((coarse - mel).abs(), frame_mask)
        if self.postnet is not None:
            spread = torch.cat(
                [regulate(plan.memory, batch.durations, coarse.shape[1]), by_frame], dim=-1
            )
            refined = self.refined(coarse, spread, frame_mask)
            losses["mel"] = masked_mean((refined - mel).abs(), frame_mask)
        last = -(-batch.frame_lengths // s.reduction) - 1  # (B,)
        ends = functional.one_hot(last, steps).to(stops.dtype)
        missed = functional.binary_cross_entropy_with_logits(
            stops, ends, reduction="none", pos_weight=stops.new_tensor(5.0)
        )
        losses["stop"] = masked_mean(missed, mask_of(last + 1, steps))
        return losses

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        s = self.settings
        weights = dict.fromkeys(("duration", "pitch", "energy"), s.weight_variance)
        weights["stop"] = s.weight_stop
        return [Turn("acoustic", self.parameters, self.losses, weights)]

    # Speaking.

    def plan(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        speed: Tensor,
        pitch: Tensor,
        energy: Tensor,
    ) -> Plan:
        """Everything but the frames of `symbols` (B, S); the last three are factors (B,)."""
        mask = mask_of(symbol_lengths, symbols.shape[1])  # (B, S)
        hidden = self.read(symbols, symbol_lengths, speaker)
        durations = spoken_durations(
            self.duration(hidden, mask), speed, mask, self.least[symbols]
        )  # (B, S)
        higher = in_deviations(pitch, self.pitch_deviation, speaker)
        louder = in_deviations(energy, self.energy_deviation, speaker)
        memory = with_prosody(
            self.embed_pitch,
            self.embed_energy,
            hidden,
            (self.pitch(hidden, mask) + higher) * mask,
            (self.energy(hidden, mask) + louder) * mask,
            mask,
        )
        return Plan(memory, mask, durations)

    def begun(self, batch: int, like: Tensor) -> State:
        """The state before the first step."""
        s = self.settings
        asked, made = (
            like.new_zeros((batch, width)) for width in (s.query_channels, s.decoder_channels)
        )
        return asked, asked.clone(), made, made.clone()

    def groups(self, plan: Plan, *, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Groups of coarse frames (B, r, bands), one a step, with its stop (B,)."""
        batch = len(plan.mask)
        pointers, told, _ = self.told(plan.durations, steps)
        keys, values = self.attention.kept(plan.memory)
        state = self.begun(batch, plan.memory)
        group = self.begin[None].expand(batch, -1)
        for step in range(steps):
            window = self.attention.window_at(keys, values, plan.mask, pointers[:, step])
            group, stop, _, state = self.step(group, told[:, step], *window, state)
            yield unscaled(group.reshape(batch, -1, self.format.bands)), stop

    @torch.no_grad()
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
        plan = self.plan(symbols, symbol_lengths, speaker, *factors)
        lengths = plan.durations.sum(dim=1)  # (B,)
        longest = max(1, int(lengths.max()))
        steps = -(-longest // self.settings.reduction)
        groups, stops = zip(*self.groups(plan, steps=steps), strict=True)
        coarse = torch.cat(groups, dim=1)[:, :longest]
        _, _, by_frame = self.told(plan.durations, steps)
        spread = regulate(plan.memory, plan.durations, longest)
        spread = torch.cat([spread, by_frame[:, :longest]], dim=-1)
        last = symbol_lengths[:, None] - 1
        spare = self._unspoken(torch.stack(stops, dim=1), plan.durations.gather(1, last), lengths)
        mask = mask_of(lengths - spare, longest)
        frames = self.refined(coarse * mask[..., None], spread * mask[..., None], mask)
        durations = plan.durations.scatter_add(1, last, -spare[:, None])
        return Spoken(frames, lengths - spare, durations)

    def _unspoken(self, stops: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """Planned frames (B,) that a stop, raised inside the last symbol, leaves unsaid.

        `stops` (B, G), `last` (B, 1) the last symbol's frames, `lengths` (B,) all frames.
        A stop that is raised earlier, while there is text left, is not heeded.
        """
        r = self.settings.reduction
        ends = torch.arange(1, stops.shape[1] + 1, device=stops.device)[None] * r  # (B, G)
        heeded = (stops > 0) & (ends - r >= lengths[:, None] - last)
        end = torch.where(heeded, ends, lengths[:, None]).amin(dim=1)
        return lengths - torch.minimum(end, lengths)

    # Outside torch.

    def graphs(self) -> list[GraphSpec]:
        """The graphs of a voice."""
        return graphs_of(self, len(self.least))

    def about(self) -> dict[str, Any]:
        """What the engine must know of the graphs."""
        s = self.settings
        return {
            "reduction": s.reduction,
            "window": s.window,
            "query_channels": s.query_channels,
            "decoder_channels": s.decoder_channels,
            "mel_mean": MEL_MEAN,
            "mel_deviation": MEL_DEVIATION,
            "postnet": self.postnet is not None,
        }

    def arrays(self) -> dict[str, Tensor]:
        """What the first step is fed."""
        return {"begin": self.begin}


FAMILY = Family(
    name="kokoro-lstm",
    summary="Kokoro-LSTM: BiLSTM, attention in a moving window, LSTM decoder; made for Russian",
    settings=KokoroLSTMSettings,
    model=KokoroLSTM,
    presets={
        "tiny": {
            "channels": 32,
            "encoder_convolutions": 1,
            "heads": 2,
            "query_channels": 32,
            "decoder_channels": 48,
            "prenet": 32,
            "prenet_dropout": 0.1,
            "postnet_layers": 1,
            "postnet_hidden": 48,
            "variance_hidden": 32,
        },
        "laptop": {},
        "full": {
            "channels": 512,
            "encoder_convolutions": 3,
            "heads": 8,
            "query_channels": 512,
            "decoder_channels": 1024,
            "prenet": 256,
            "postnet_layers": 5,
            "postnet_hidden": 1024,
            "variance_hidden": 256,
            "variance_dropout": 0.5,
        },
    },
)
