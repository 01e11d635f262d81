"""GPT-2 over mel frames: style latents, text, then groups of frames, each fed by the last.

The voice comes from a reference recording, by a conditioning encoder and a Perceiver, as in
XTTS (Casanova et al. 2024). What such models are known for, syllables that repeat and speech
that does not end, is ruled out by a pointer: every step is told which symbols its frames
speak, from the aligner in training and from predicted durations in speech. The pointer only
moves forward, and speech ends with the last symbol.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.acoustic._gpt2_mel_graphs import graphs_of
from intone.acoustic._gpt2_mel_places import Places
from intone.core.batch import Batch
from intone.core.errors import VoiceError
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts, Needs, Spoken, Turn
from intone.core.registry import Family
from intone.core.settings import Settings, require_odd, require_shared
from intone.core.types import Controls
from intone.nn.feedback import fed_back, spoiled
from intone.nn.gpt2 import GPT2, Cache
from intone.nn.lengths import (
    average_by_symbol,
    frame_owners,
    least_frames,
    spoken_durations,
    spread_with_progress,
)
from intone.nn.masks import mask_of, masked_mean
from intone.nn.mel_scale import MEL_DEVIATION, MEL_MEAN, scaled, unscaled
from intone.nn.reference import ReferenceEncoder, random_excerpts
from intone.nn.stacks import ConvStack
from intone.nn.variance import VariancePredictor, with_prosody

VARIED = 512
"""Symbols whose random variation is drawn at once; it repeats in longer texts."""

VARIATION_WIDTH = 9
"""Over so many symbols variation is smoothed: a reading differs by phrases, not by phones."""

MOST_FRAMES_A_SYMBOL = 12
"""Where nothing but the stop ends speech, it is cut off at so many on average."""


class GPT2MelSettings(Settings):
    """Dimensions of GPT-2 over mel frames, and its cures; the defaults are the `laptop` preset."""

    guidance: Literal["none", "symbol", "prosody"] = Field(
        "prosody",
        description="what each step is told: none; which symbol is spoken; also its pitch, energy",
    )
    reduction: int = Field(4, ge=1, description="mel frames that one step of GPT-2 makes")
    channels: int = Field(192, ge=8, description="width of GPT-2 and of the text encoder")
    layers: int = Field(6, ge=1, description="layers of GPT-2")
    heads: int = Field(4, ge=1, description="attention heads of GPT-2")
    positions: int = Field(528, ge=16, description="places that GPT-2 knows")
    dropout: float = Field(0.05, ge=0, lt=1, description="dropout in GPT-2 and the encoders")
    pretrained: str | None = Field(
        None, description="name or folder of GPT-2 weights to begin with, of the same dimensions"
    )
    adaptive_norm: bool = Field(False, description="let the voice scale and shift GPT-2's norms")
    encoder_layers: int = Field(4, ge=1, description="convolution blocks over symbols")
    encoder_hidden: int = Field(384, ge=8, description="width inside these blocks")
    kernel: int = Field(9, ge=1, description="width of their convolutions, odd")
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    latents: int = Field(8, ge=1, description="style vectors that a reference becomes")
    reference_channels: int = Field(96, ge=8, description="width of the conditioning encoder")
    reference_layers: int = Field(2, ge=1, description="its layers")
    reference_heads: int = Field(2, ge=1, description="its attention heads")
    reference_least_frames: int = Field(172, ge=1, description="shortest reference in training")
    reference_most_frames: int = Field(690, ge=1, description="longest reference that is heard")
    table_share: float = Field(
        0.15, ge=0, lt=1, description="share of utterances learned without a reference, by name"
    )
    text_window: int = Field(
        16, ge=0, description="symbols that a step sees on either side of its own; 0 is all"
    )
    mel_window: int = Field(64, ge=0, description="earlier steps that a step sees; 0 is all")
    prenet: int = Field(128, ge=8, description="width through which fed-back frames pass")
    prenet_dropout: float = Field(0.3, ge=0, lt=1, description="dropout there, in training only")
    noise: float = Field(
        0.3, ge=0, description="largest deviation of noise on fed-back frames, at unit scale"
    )
    feedback_dropout: float = Field(
        0.1, ge=0, lt=1, description="share of fed-back groups that are withheld in training"
    )
    scheduled_sampling: float = Field(
        0.0, ge=0, le=1, description="share of fed-back groups that are the model's own"
    )
    ahead: int = Field(1, ge=0, description="groups after the next that a step also predicts")
    postnet_layers: int = Field(4, ge=0, description="convolution blocks over the frames; 0: none")
    postnet_hidden: int = Field(384, ge=8, description="width inside these blocks")
    vary_duration: float = Field(
        0.1, ge=0, description="deviation of log durations at a temperature of 1"
    )
    vary_pitch: float = Field(0.4, ge=0, description="deviation of pitch at a temperature of 1")
    weight_variance: float = Field(0.1, ge=0, description="of duration, pitch and energy losses")
    weight_ahead: float = Field(0.2, ge=0, description="of the frames predicted further ahead")
    weight_speaker: float = Field(
        0.0, ge=0, description="of the likeness of latents to a speaker encoder's vector; 0 is off"
    )
    speaker_vector: int = Field(256, ge=1, description="size of the speaker encoder's vector")

    @model_validator(mode="after")
    def _must_fit(self) -> GPT2MelSettings:
        require_odd(kernel=self.kernel)
        require_shared("channels", self.channels, self.heads)
        require_shared("reference_channels", self.reference_channels, self.reference_heads)
        return self


@dataclass(frozen=True)
class Plan:
    """What is known before the first frame: text, voice, and when each symbol is spoken.

    `hidden` (B, S, C), `mask` (B, S), `latents` (B, L, C), `durations` (B, S).
    """

    hidden: Tensor
    mask: Tensor
    latents: Tensor
    durations: Tensor


class GPT2Mel(nn.Module):
    """Symbols (B, S) and a reference → mel frames (B, F, bands), some frames a step."""

    engine = "stepwise-onnx"
    least: Tensor
    speaker_vectors: Tensor
    pitch_deviation: Tensor
    energy_deviation: Tensor

    def __init__(self, settings: GPT2MelSettings, facts: CorpusFacts) -> None:
        super().__init__()
        s = self.settings = settings
        self.format = facts.format
        self.guided = s.guidance != "none"
        prosody = s.guidance == "prosody"
        self.needs = Needs(
            durations=self.guided,
            pitch=prosody,
            energy=prosody,
            reference=True,
            speaker_vector=s.weight_speaker > 0,
        )
        bands, width = facts.format.bands, s.channels
        self.places = Places(
            latents=s.latents,
            period=(s.positions - s.latents) // 2,
            text_window=s.text_window,
            mel_window=s.mel_window,
        )
        self.core = GPT2(
            symbols=facts.symbols,
            channels=width,
            layers=s.layers,
            heads=s.heads,
            positions=s.positions,
            dropout=s.dropout,
            adaptive=s.adaptive_norm,
            pretrained=s.pretrained,
        )
        self.encoder = ConvStack(
            width,
            layers=s.encoder_layers,
            hidden=s.encoder_hidden,
            kernel=s.kernel,
            dropout=s.dropout,
        )
        speakers = max(1, len(facts.speakers))
        self.listener = ReferenceEncoder(
            bands,
            group=4,
            channels=s.reference_channels,
            out=width,
            layers=s.reference_layers,
            heads=s.reference_heads,
            latents=s.latents,
            dropout=s.dropout,
        )
        self.table = nn.Parameter(torch.randn(speakers, s.latents, width) * 0.02)
        self.voice = nn.Linear(width, width)
        self.likeness: nn.Linear | None = None
        if s.weight_speaker:
            self.likeness = nn.Linear(width, s.speaker_vector)
            known = torch.tensor(facts.speaker_vectors or [[0.0] * s.speaker_vector] * speakers)
            self.register_buffer("speaker_vectors", known)
        if self.guided:
            self.duration = self._predictor()
            self.guide = nn.Linear(s.reduction * (width + 2), width)
        else:
            self.stop = nn.Linear(width, 1)
        if prosody:
            self.pitch, self.energy = self._predictor(), self._predictor()
            self.embed_pitch = nn.Conv1d(1, width, 3, padding=1)
            self.embed_energy = nn.Conv1d(1, width, 3, padding=1)
        self.prenet = nn.Sequential(
            nn.Linear(s.reduction * bands, s.prenet),
            nn.GELU(),
            nn.Dropout(s.prenet_dropout),
            nn.Linear(s.prenet, s.prenet),
            nn.GELU(),
            nn.Dropout(s.prenet_dropout),
            nn.Linear(s.prenet, width),
        )
        self.begin = nn.Parameter(torch.zeros(s.reduction * bands))
        self.out = nn.Linear(width, (1 + s.ahead) * s.reduction * bands)
        self.postnet: ConvStack | None = None
        if s.postnet_layers:
            told = width + 2 if self.guided else 0
            self.into_postnet = nn.Linear(bands + told, width)
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

    def _predictor(self) -> VariancePredictor:
        s = self.settings
        return VariancePredictor(
            s.channels, hidden=s.variance_hidden, kernel=3, dropout=s.variance_dropout
        )

    # The voice.

    def listen(self, reference: Tensor, lengths: Tensor) -> Tensor:
        """Latents (B, L, C) of reference mels (B, F, bands) of `lengths` (B,)."""
        latents: Tensor = self.listener(scaled(reference), lengths)
        return latents

    def _latents(self, speaker: Tensor, reference: Tensor | None, lengths: Tensor | None) -> Tensor:
        """Latents (B, L, C): the reference's where there is one, else the known speaker's own."""
        own = self.table[speaker]
        if reference is None or lengths is None:
            return own
        s = self.settings
        if not self.training:
            most = s.reference_most_frames
            return self.listen(reference[:, :most], lengths.clamp(max=most))
        cut, lengths = random_excerpts(
            reference, lengths, least=s.reference_least_frames, most=s.reference_most_frames
        )
        by_name = torch.rand(len(speaker), device=speaker.device) < s.table_share
        return torch.where(by_name[:, None, None], own, self.listen(cut, lengths))

    # The text.

    def read(self, symbols: Tensor, mask: Tensor, latents: Tensor) -> Tensor:
        """Symbols (B, S) in the voice of `latents` → (B, S, C)."""
        hidden: Tensor = self.encoder(self.core.embed(symbols), mask)
        hidden = hidden + self.voice(latents.mean(dim=1))[:, None]
        return hidden * mask[..., None].to(hidden.dtype)

    def _pointers(self, durations: Tensor, steps: int) -> Tensor:
        """The symbol (B, steps) that the first frame of each step speaks."""
        return frame_owners(durations, steps * self.settings.reduction)[
            :, :: self.settings.reduction
        ]

    # The frames.

    def _groups(self, mel: Tensor) -> Tensor:
        """Frames (B, G * r, bands) as groups at unit scale (B, G, r * bands)."""
        return scaled(mel).reshape(len(mel), -1, self.settings.reduction * self.format.bands)

    def _decode(self, plan: Plan, groups: Tensor, told: Tensor | None, shift: int) -> Tensor:
        """Outputs of GPT-2 (B, G, C) for all steps at once, fed `groups` (B, G, r * bands)."""
        prefix = torch.cat([plan.latents, plan.hidden], dim=1)  # (B, L + S, C)
        count = groups.shape[1]
        steps = self.prenet(groups)
        if told is not None:
            steps = steps + self.guide(told.reshape(len(told), count, -1))
        places = [
            self.places.of_prefix(plan.mask, shift),
            self.places.of_steps(0, count, shift, groups),
        ]
        pointers = self._pointers(plan.durations, count) if self.guided else None
        seen = functional.pad(self.places.prefix_sees(plan.mask), (0, count))
        sight = self.places.steps_see(plan.mask, pointers, 0, count, count)
        out, _ = self.core(
            torch.cat([prefix, steps], dim=1),
            torch.cat(places, dim=1),
            torch.cat([seen, sight], dim=1),
            style=plan.latents.mean(dim=1),
        )
        return out[:, prefix.shape[1] :]

    def framed(self, out: Tensor) -> Tensor:
        """Outputs (B, G, C) → groups at unit scale (B, G, 1 + ahead, r * bands)."""
        made: Tensor = self.out(out)
        return made.reshape(*out.shape[:2], 1 + self.settings.ahead, -1)

    def _unscaled(self, groups: Tensor) -> Tensor:
        """Groups at unit scale (B, G, r * bands) → frames (B, G * r, bands)."""
        return unscaled(groups.reshape(len(groups), -1, self.format.bands))

    def refined(self, coarse: Tensor, told: Tensor | None, mask: Tensor) -> Tensor:
        """Frames (B, F, bands) after the postnet, which sees `told` (B, F, C + 2) as well."""
        if self.postnet is None:
            return coarse
        seen = scaled(coarse)
        if told is not None:
            seen = torch.cat([seen, told], dim=-1)
        hidden = self.postnet(self.into_postnet(seen) * mask[..., None].to(seen.dtype), mask)
        refined: Tensor = coarse + MEL_DEVIATION * self.refine(hidden)
        return refined

    # Training.

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """L1 of the frames before and after the postnet, and what predicts the guidance.

        Teacher forcing: steps are fed the recording's frames, spoiled, and told the
        aligner's symbols.
        """
        s = self.settings
        assert batch.mel is not None and batch.frame_lengths is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        steps = -(-batch.mel.shape[1] // s.reduction)
        frames = steps * s.reduction
        frame_mask = mask_of(batch.frame_lengths, frames)  # (B, G * r)
        mel = functional.pad(batch.mel, (0, 0, 0, frames - batch.mel.shape[1]))
        mel = torch.where(frame_mask[..., None], mel, torch.full_like(mel, MEL_MEAN))
        latents = self._latents(batch.speaker, batch.reference, batch.reference_lengths)
        hidden = self.read(batch.symbols, mask, latents)
        losses: dict[str, Tensor] = {}
        told = None
        durations = torch.zeros_like(batch.symbols)
        if self.guided:
            assert batch.durations is not None
            durations = batch.durations
            hidden = self._guidance_losses(batch, hidden, mask, losses)
            told = spread_with_progress(hidden, durations, frames)
        plan = Plan(hidden, mask, latents, durations)
        # Places begin anywhere, so that long texts, which come round again, find none untrained.
        shift = int(torch.randint(self.places.period, ())) if self.training and self.guided else 0
        groups = self._groups(mel)
        spoil = partial(spoiled, begin=self.begin, noise=s.noise, withheld=s.feedback_dropout)
        fed = fed_back(groups, self.begin)
        if self.training and s.scheduled_sampling:
            with torch.no_grad():
                own = self.framed(self._decode(plan, spoil(fed), told, shift))[:, :, 0]
            mixed = torch.rand((*fed.shape[:2], 1), device=fed.device) < s.scheduled_sampling
            fed = torch.where(mixed, fed_back(own, self.begin), fed)
        out = self._decode(plan, spoil(fed) if self.training else fed, told, shift)
        made = self.framed(out)  # (B, G, 1 + ahead, r * bands)
        coarse = self._unscaled(made[:, :, 0])
        losses["coarse"] = masked_mean((coarse - mel).abs(), frame_mask)
        if self.postnet is not None:
            refined = self.refined(coarse, told, frame_mask)
            losses["mel"] = masked_mean((refined - mel).abs(), frame_mask)
        for further in range(1, s.ahead + 1):
            later = self._unscaled(made[:, :-further, further])
            at = further * s.reduction
            losses[f"ahead{further}"] = masked_mean((later - mel[:, at:]).abs(), frame_mask[:, at:])
        if not self.guided:
            losses["stop"] = self._stop_loss(out, batch.frame_lengths)
        if self.likeness is not None:
            said = functional.normalize(self.likeness(latents.mean(dim=1)), dim=-1)
            wanted = functional.normalize(self.speaker_vectors[batch.speaker], dim=-1)
            losses["speaker"] = (1 - (said * wanted).sum(dim=-1)).mean()
        return losses

    def _guidance_losses(
        self, batch: Batch, hidden: Tensor, mask: Tensor, losses: dict[str, Tensor]
    ) -> Tensor:
        """Adds the losses of durations, pitch and energy; returns `hidden` with the real ones."""
        assert batch.durations is not None
        long = batch.durations.to(hidden.dtype).log1p()
        losses["duration"] = masked_mean((self.duration(hidden, mask) - long).square(), mask)
        if self.settings.guidance != "prosody":
            return hidden
        assert batch.pitch is not None and batch.energy is not None
        pitch = average_by_symbol(batch.pitch, batch.durations, batch.voiced)  # (B, S)
        energy = average_by_symbol(batch.energy, batch.durations)  # (B, S)
        spoken = mask & (batch.durations > 0)
        losses["pitch"] = masked_mean((self.pitch(hidden, mask) - pitch).square(), spoken)
        losses["energy"] = masked_mean((self.energy(hidden, mask) - energy).square(), spoken)
        return with_prosody(self.embed_pitch, self.embed_energy, hidden, pitch, energy, mask)

    def _stop_loss(self, out: Tensor, frame_lengths: Tensor) -> Tensor:
        """Cross-entropy of "this is the last step", which is true once a sentence."""
        steps = (frame_lengths + self.settings.reduction - 1) // self.settings.reduction
        mask = mask_of(steps, out.shape[1])
        last = functional.one_hot(steps - 1, out.shape[1]).to(out.dtype)
        found = functional.binary_cross_entropy_with_logits(
            self.stop(out)[..., 0], last, reduction="none", pos_weight=out.new_tensor(5.0)
        )
        return masked_mean(found, mask)

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        s = self.settings
        weights = dict.fromkeys(("duration", "pitch", "energy"), s.weight_variance)
        weights |= {f"ahead{n}": s.weight_ahead for n in range(1, s.ahead + 1)}
        weights["speaker"] = s.weight_speaker
        return [Turn("acoustic", self.parameters, self.losses, weights)]

    # Speaking.

    def plan(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        latents: Tensor,
        speed: Tensor,
        higher: Tensor,
        louder: Tensor,
        variation: Tensor,
    ) -> Plan:
        """Everything but the frames of `symbols` (B, S).

        `speed` (B,) is a factor, `higher` and `louder` (B,) are in deviations of pitch and
        energy, `variation` (B, S, 2) in deviations of log durations and pitch.
        """
        s = self.settings
        mask = mask_of(symbol_lengths, symbols.shape[1])  # (B, S)
        hidden = self.read(symbols, mask, latents)
        if not self.guided:
            return Plan(hidden, mask, latents, torch.zeros_like(symbols))
        long = self.duration(hidden, mask) + s.vary_duration * variation[..., 0]  # (B, S)
        durations = spoken_durations(long, speed, mask, self.least[symbols])  # (B, S)
        if s.guidance == "prosody":
            pitch = self.pitch(hidden, mask) + s.vary_pitch * variation[..., 1] + higher[:, None]
            energy = self.energy(hidden, mask) + louder[:, None]
            hidden = with_prosody(
                self.embed_pitch, self.embed_energy, hidden, pitch * mask, energy * mask, mask
            )
        return Plan(hidden, mask, latents, durations)

    def prefixed(self, plan: Plan) -> Cache:
        """GPT-2's cache of latents and text, each (layers, B, heads, L + S, C / heads)."""
        inputs = torch.cat([plan.latents, plan.hidden], dim=1)  # (B, L + S, C)
        places, seen = self.places.of_prefix(plan.mask, 0), self.places.prefix_sees(plan.mask)
        return self.core(inputs, places, seen, style=plan.latents.mean(dim=1))[1]

    def groups(self, plan: Plan, *, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Groups of coarse frames (B, r, bands), one a step, with GPT-2's output (B, 1, C)."""
        batch = len(plan.mask)
        style = plan.latents.mean(dim=1)
        prefix = plan.latents.shape[1] + plan.mask.shape[1]
        cache = self.prefixed(plan)
        room = [
            torch.cat([part, part.new_zeros((*part.shape[:3], steps, part.shape[4]))], dim=3)
            for part in cache
        ]
        told = pointers = None
        if self.guided:
            frames = steps * self.settings.reduction
            told = spread_with_progress(plan.hidden, plan.durations, frames)
            told = self.guide(told.reshape(batch, steps, -1))  # (B, G, C)
            pointers = self._pointers(plan.durations, steps)
        group = self.begin[None, None].expand(batch, 1, -1)
        for step in range(steps):
            fed = self.prenet(group)
            at = None if pointers is None else pointers[:, step : step + 1]
            if told is not None:
                fed = fed + told[:, step : step + 1]
            past = (room[0][:, :, :, : prefix + step], room[1][:, :, :, : prefix + step])
            out, made = self.core(
                fed,
                self.places.of_steps(step, 1, 0, fed),
                self.places.steps_see(plan.mask, at, step, 1, step + 1),
                past,
                style,
            )
            for part, new in zip(room, made, strict=True):
                part[:, :, :, prefix + step : prefix + step + 1] = new
            group = self.framed(out)[:, :, 0]
            yield self._unscaled(group), out

    def groups_without_cache(self, plan: Plan, *, steps: int) -> Iterator[Tensor]:
        """As `groups`, but every step computes all before it anew: what the cache saves."""
        r = self.settings.reduction
        told = spread_with_progress(plan.hidden, plan.durations, steps * r) if self.guided else None
        fed = self.begin[None, None].expand(len(plan.mask), 1, -1)
        for step in range(1, steps + 1):
            seen = None if told is None else told[:, : step * r]
            group = self.framed(self._decode(plan, fed, seen, 0)[:, -1:])[:, :, 0]
            fed = torch.cat([fed, group], dim=1)
            yield self._unscaled(group)

    @torch.no_grad()
    def generate(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        controls: Controls,
        generator: torch.Generator | None = None,
        reference: Tensor | None = None,
        reference_lengths: Tensor | None = None,
    ) -> Spoken:
        """Frames (B, F, bands) of `symbols` (B, S), in the voice of `reference` or of `speaker`.

        The temperature scales how far durations and pitch wander from the likeliest reading;
        all rows wander alike. `reference` (B, F, bands) is a mel of `reference_lengths` (B,).
        """
        if generator is None:
            generator = torch.Generator(symbols.device).manual_seed(controls.seed)
        batch, count = symbols.shape

        def filled(value: float) -> Tensor:
            return torch.full((batch,), value, device=symbols.device)

        drawn = torch.randn((VARIED, 2), generator=generator, device=symbols.device)
        known = reference is None
        plan = self.plan(
            symbols,
            symbol_lengths,
            self._latents(speaker, reference, reference_lengths),
            filled(controls.speed),
            filled(controls.pitch).log() / self._scale(self.pitch_deviation, speaker, known),
            filled(controls.energy).log() / self._scale(self.energy_deviation, speaker, known),
            controls.temperature * smooth(drawn, count)[None].expand(batch, -1, -1),
        )
        if self.guided:
            return self._guided(plan)
        return self._until_stopped(plan, symbol_lengths)

    # Outside torch.

    @property
    def context_frames(self) -> int:
        """How many frames on either side the postnet looks at."""
        return self.settings.postnet_layers * (self.settings.kernel // 2)

    def graphs(self) -> list[GraphSpec]:
        """The graphs of a voice; `VoiceError` for a model that was trained without guidance."""
        if not self.guided:
            raise VoiceError(
                "gpt2-mel without guidance does not know when words are spoken, so it makes no "
                "voice; train it with model.guidance=prosody"
            )
        return graphs_of(self, len(self.least))

    def about(self) -> dict[str, Any]:
        """What the engine must know of the graphs."""
        s = self.settings
        return {
            "reduction": s.reduction,
            "latents": s.latents,
            "reference_group": self.listener.group,
            "period": self.places.period,
            "text_window": s.text_window,
            "mel_window": s.mel_window,
            "context_frames": self.context_frames,
            "adaptive_norm": s.adaptive_norm,
            "postnet": self.postnet is not None,
            "reference_most_frames": s.reference_most_frames,
            "mel_mean": MEL_MEAN,
            "mel_deviation": MEL_DEVIATION,
            "varied": VARIED,
            "variation_width": VARIATION_WIDTH,
        }

    def arrays(self) -> dict[str, Tensor]:
        """The known speakers' latents and scales, and what the first step is fed."""
        return {
            "table": self.table,
            "begin": self.begin,
            "pitch_deviation": self.pitch_deviation,
            "energy_deviation": self.energy_deviation,
        }

    @staticmethod
    def _scale(deviations: Tensor, speaker: Tensor, known: bool) -> Tensor:
        """Each speaker's own deviation (B,); a stranger's is taken for the mean of all."""
        return deviations[speaker] if known else deviations.mean().expand(len(speaker))

    def _guided(self, plan: Plan) -> Spoken:
        lengths = plan.durations.sum(dim=1)  # (B,)
        longest = max(1, int(lengths.max()))
        steps = -(-longest // self.settings.reduction)
        coarse = torch.cat([group for group, _ in self.groups(plan, steps=steps)], dim=1)
        told = spread_with_progress(plan.hidden, plan.durations, longest)
        frames = self.refined(coarse[:, :longest], told, mask_of(lengths, longest))
        return Spoken(frames, lengths, plan.durations)

    def _until_stopped(self, plan: Plan, symbol_lengths: Tensor) -> Spoken:
        """Until the stop, or a length no text takes; durations are even, as none are known."""
        r = self.settings.reduction
        most = (symbol_lengths * MOST_FRAMES_A_SYMBOL + r - 1) // r  # (B,)
        ended = torch.zeros_like(most)
        made = []
        for step, (group, out) in enumerate(self.groups(plan, steps=int(most.max()))):
            made.append(group)
            stopped = (self.stop(out)[:, 0, 0] > 0) | (most <= step + 1)
            ended = torch.where((ended == 0) & stopped, step + 1, ended)
            if bool((ended > 0).all()):
                break
        lengths = ended * r
        coarse = torch.cat(made, dim=1)
        mask = mask_of(lengths, coarse.shape[1])
        ends = torch.arange(1, plan.mask.shape[1] + 1, device=most.device)[None]
        ends = torch.minimum(ends, symbol_lengths[:, None]) * lengths[:, None]
        durations = functional.pad(ends // symbol_lengths[:, None], (1, 0)).diff(dim=1)
        return Spoken(self.refined(coarse, None, mask), lengths, durations)


def smooth(drawn: Tensor, count: int) -> Tensor:
    """`drawn` (VARIED, C) as `count` vectors that follow each other smoothly, of unit deviation."""
    half = VARIATION_WIDTH // 2
    around = torch.cat([drawn[-half:], drawn, drawn[:half]])
    summed = around.unfold(0, VARIATION_WIDTH, 1).sum(dim=-1) / VARIATION_WIDTH**0.5
    return summed[torch.arange(count, device=drawn.device) % len(drawn)]


FAMILY = Family(
    name="gpt2-mel",
    summary="GPT-2 over mel frames: takes the voice of a reference clip, frames as they are made",
    settings=GPT2MelSettings,
    model=GPT2Mel,
    presets={
        "tiny": {
            "channels": 32,
            "layers": 2,
            "heads": 2,
            "positions": 136,
            "encoder_layers": 1,
            "encoder_hidden": 48,
            "variance_hidden": 32,
            "reference_channels": 32,
            "reference_layers": 1,
            "reference_least_frames": 40,
            "prenet": 48,
            "prenet_dropout": 0.1,
            "postnet_layers": 1,
            "postnet_hidden": 48,
        },
        "laptop": {},
        "full": {
            "channels": 768,
            "layers": 12,
            "heads": 12,
            "positions": 1024,
            "dropout": 0.1,
            "encoder_layers": 6,
            "encoder_hidden": 1536,
            "variance_hidden": 256,
            "latents": 32,
            "reference_channels": 512,
            "reference_layers": 6,
            "reference_heads": 8,
            "prenet": 256,
            "postnet_layers": 6,
            "postnet_hidden": 1536,
            "adaptive_norm": True,
            "weight_speaker": 0.1,
        },
    },
)
