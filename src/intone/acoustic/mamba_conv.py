"""Mamba-Conv: symbols and prosody → tokens of a codec, filled in by iterative refinement.

The text encoder and the audio model are both hybrids: a forward branch of selective
state-space layers (Dao and Gu 2024), a backward branch of dilated convolutions, fused. A
reference recording's style modulates every layer, and without one nothing is modulated.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.acoustic._mamba_conv_graphs import graphs_of
from intone.acoustic._mamba_conv_refining import NOISE_FRAMES, chosen, kept, masked
from intone.acoustic._mamba_conv_style import SpokenStyle, mean_embedding, style_contrast
from intone.core.batch import Batch
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts, Needs, Spoken, Turn
from intone.core.refining import passes
from intone.core.registry import Family
from intone.core.settings import Settings, require_odd
from intone.core.types import Controls
from intone.nn.film import FiLM
from intone.nn.hybrid import HybridStack
from intone.nn.lengths import (
    average_by_symbol,
    frame_owners,
    spoken_durations,
)
from intone.nn.masks import mask_of, masked_mean
from intone.nn.reference import random_excerpts
from intone.nn.style import AudioStyleExtractor
from intone.nn.variance import VariancePredictor, in_deviations

MEL_MEAN, MEL_DEVIATION = -6.0, 2.5
"""Of natural-log mels, roughly; a reference is brought to unit scale."""

HELD_OUT_SEED = 7_654_321
"""Of what is masked in validation: always the same places."""


class MambaConvSettings(Settings):
    """Dimensions of Mamba-Conv and how it refines; the defaults are the `laptop` preset."""

    channels: int = Field(192, ge=8, description="width of the text encoder and the audio model")
    encoder_layers: int = Field(3, ge=1, description="hybrid blocks over symbols")
    layers: int = Field(6, ge=1, description="hybrid blocks over frames")
    inner: int = Field(256, ge=8, description="width inside the forward branch")
    state: int = Field(32, ge=1, description="numbers of memory for each channel of it")
    kernel: int = Field(5, ge=1, description="width of the backward branch's convolutions, odd")
    dilations: tuple[int, ...] = Field(
        (1, 2, 4, 8), min_length=1, description="reaches of the backward branch's convolutions"
    )
    branches: Literal["both", "forward", "backward"] = Field(
        "both", description="both branches, or one alone, for comparison"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout in the blocks")
    style: int = Field(64, ge=0, description="size of the style vector; 0 is no style at all")
    style_channels: int = Field(96, ge=8, description="width inside the style extractor")
    reference_bands: int = Field(80, ge=1, description="mel bands of a reference")
    reference_least_frames: int = Field(86, ge=1, description="shortest reference in training")
    reference_most_frames: int = Field(690, ge=1, description="longest reference that is heard")
    styleless_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of utterances learned by the speaker's name; the others by a style",
    )
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    vary_duration: float = Field(
        0.2, ge=0, description="how far durations wander where they are unsure, at temperature 1"
    )
    noise: float = Field(
        0.1, ge=0, lt=1, description="largest share of shown tokens that are wrong in training"
    )
    sure: float = Field(
        0.9, gt=0, le=1, description="a token of this probability is kept whatever the schedule"
    )
    stop_quality: float = Field(
        0.95, gt=0, le=1, description="a codebook is done when so many tokens are expected right"
    )
    stop_gain: float = Field(
        0.0, ge=-1, description="and when two passes running bring less than this share more"
    )
    weight_variance: float = Field(0.1, ge=0, description="of duration, pitch and energy losses")
    weight_style: float = Field(
        0.1, ge=0, description="of what is said being taken for another speaker's"
    )
    weight_stop: float = Field(0.1, ge=0, description="of the stopping controller's loss")

    @model_validator(mode="after")
    def _must_fit(self) -> MambaConvSettings:
        require_odd(kernel=self.kernel)
        return self


class AdaptiveGenerationController(nn.Module):
    """Foretells which share of the tokens at hand is right, so that refining can stop.

    It listens to the model without disturbing it: nothing flows back.
    """

    def __init__(self, channels: int, *, hidden: int) -> None:
        super().__init__()
        self.text = nn.Linear(channels, hidden)
        self.audio = nn.Linear(channels, hidden)
        self.told = nn.Linear(2, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, text: Tensor, audio: Tensor, sure: Tensor, open_share: Tensor) -> Tensor:
        """Logits (B,) of text and audio contexts (B, C), mean probability (B,), open share (B,)."""
        told = self.told(torch.stack([sure, open_share], dim=-1).detach())
        hidden = functional.relu(self.text(text.detach()) + self.audio(audio.detach()) + told)
        logits: Tensor = self.out(hidden)[..., 0]
        return logits


class StyledPredictor(nn.Module):
    """A variance predictor that a style modulates: (B, S, C) → (B, S), zero on padding."""

    def __init__(self, channels: int, *, style: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.film = FiLM(channels, style=style) if style else None
        self.predict = VariancePredictor(channels, hidden=hidden, kernel=3, dropout=dropout)

    def forward(self, inputs: Tensor, mask: Tensor, style: Tensor | None) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S), `style` (B, D) or None."""
        modulated = inputs if self.film is None else self.film(inputs, style)
        predicted: Tensor = self.predict(modulated, mask)
        return predicted


class MambaConv(nn.Module):
    """Symbols (B, S) → codes (B, F, K), with durations, pitch and energy between."""

    engine = "refining-onnx"
    pitch_deviation: Tensor
    energy_deviation: Tensor
    least: Tensor

    def __init__(self, settings: MambaConvSettings, facts: CorpusFacts) -> None:
        super().__init__()
        s = self.settings = settings
        self.format = facts.format
        self.needs = Needs(
            durations=True, pitch=True, energy=True, codes=True, reference=s.style > 0
        )
        self.books, self.size = facts.format.codebooks, facts.format.codebook_size
        width = s.channels
        speakers = max(1, len(facts.speakers))
        self.embed = nn.Embedding(facts.symbols, width, padding_idx=0)
        # Who is told by a style has no name: the last row, which stays zero.
        self.nobody = speakers
        self.speaker = nn.Embedding(speakers + 1, width, padding_idx=speakers)
        self.listener = (
            AudioStyleExtractor(s.reference_bands, channels=s.style_channels, style=s.style)
            if s.style
            else None
        )
        self.spoken_style = SpokenStyle(width, style=s.style) if s.style else None
        self.encoder = self._stack(s.encoder_layers)
        self.duration, self.confidence, self.pitch, self.energy = (
            StyledPredictor(
                width, style=s.style, hidden=s.variance_hidden, dropout=s.variance_dropout
            )
            for _ in range(4)
        )
        self.embed_pitch = nn.Conv1d(1, width, 3, padding=1)
        self.embed_energy = nn.Conv1d(1, width, 3, padding=1)
        self.norm_variance = nn.LayerNorm(width)
        self.regulated = nn.Linear(width + 2, width)
        # A codebook's last row stands for a token that is not known yet.
        self.embed_codes = nn.Embedding(self.books * (self.size + 1), width)
        nn.init.normal_(self.embed_codes.weight, std=0.3)
        self.audio = self._stack(s.layers)
        self.heads = nn.ModuleList(nn.Linear(width, self.size) for _ in range(self.books))
        self.controller = AdaptiveGenerationController(width, hidden=64)
        for name, values in (
            ("pitch_deviation", facts.pitch_deviation or (0.2,) * speakers),
            ("energy_deviation", facts.energy_deviation or (1.0,) * speakers),
        ):
            usual = sum(values) / len(values)
            self.register_buffer(name, torch.tensor((*values, usual)))
        # Where frames are short, a phone lasts at least one; a pause may always last none.
        least = torch.full((facts.symbols,), int(facts.format.frames_per_second >= 50))
        least[list(facts.optional_symbols)] = 0
        least[0] = 0
        self.register_buffer("least", least)

    def _stack(self, layers: int) -> HybridStack:
        s = self.settings
        return HybridStack(
            s.channels,
            layers=layers,
            inner=s.inner,
            state=s.state,
            kernel=s.kernel,
            dilations=s.dilations,
            style=s.style,
            dropout=s.dropout,
            branches=s.branches,
        )

    # The style.

    def hear(self, reference: Tensor, lengths: Tensor) -> Tensor:
        """Styles (B, D) of all of reference mels (B, F, bands) of `lengths` (B,)."""
        assert self.listener is not None
        style: Tensor = self.listener((reference - MEL_MEAN) / MEL_DEVIATION, lengths)
        return style

    def listen(self, reference: Tensor, lengths: Tensor) -> Tensor:
        """Styles (B, D) of reference mels (B, F, bands), of so much of them as is heard."""
        most = self.settings.reference_most_frames
        return self.hear(reference[:, :most], lengths.clamp(max=most))

    def _styles(self, reference: Tensor | None, lengths: Tensor | None) -> Tensor | None:
        """Styles (B, D), in training of excerpts; None without references."""
        if self.listener is None or reference is None or lengths is None:
            return None
        if self.training:
            s = self.settings
            reference, lengths = random_excerpts(
                reference, lengths, least=s.reference_least_frames, most=s.reference_most_frames
            )
        return self.listen(reference, lengths)

    def _named(self, speaker: Tensor) -> Tensor:
        """Which utterances (B,) are told by name, not by a style: random ones in training.

        In validation every other one is, so that both ways of speaking are judged.
        """
        if self.training:
            drawn = torch.rand(len(speaker), device=speaker.device)
            return drawn < self.settings.styleless_share
        return torch.arange(len(speaker), device=speaker.device) % 2 == 0

    # The text.

    def read(self, symbols: Tensor, mask: Tensor, speaker: Tensor, style: Tensor | None) -> Tensor:
        """Symbols (B, S) of speakers (B,) in a style (B, D) → (B, S, C)."""
        hidden = self.embed(symbols) + self.speaker(speaker)[:, None]
        encoded: Tensor = self.encoder(hidden, mask, style)
        return encoded

    def adapt(self, hidden: Tensor, pitch: Tensor, energy: Tensor, mask: Tensor) -> Tensor:
        """`hidden` (B, S, C) with the embedded `pitch` and `energy`, each (B, S), normalised."""
        added = self.embed_pitch(pitch[:, None]) + self.embed_energy(energy[:, None])  # (B, C, S)
        adapted = self.norm_variance(hidden + added.transpose(1, 2))
        return adapted * mask[..., None].to(hidden.dtype)

    def regulate(self, hidden: Tensor, durations: Tensor, frames: int) -> Tensor:
        """What each frame is told: its symbol, how far it is spoken, how long it lasts.

        (B, S, C) → (B, frames, C), zeros behind the end.
        """
        owners = frame_owners(durations, frames)  # (B, F)
        lasting = durations.gather(1, owners).to(hidden.dtype)
        starts = (durations.cumsum(dim=1) - durations).gather(1, owners)
        inside = torch.arange(frames, device=hidden.device)[None] - starts
        far = (inside.to(hidden.dtype) + 0.5) / lasting.clamp(min=1)
        told = hidden.gather(1, owners[..., None].expand(-1, -1, hidden.shape[-1]))
        told = torch.cat([told, far[..., None], lasting.log1p()[..., None] / 3], dim=-1)
        spread: Tensor = self.regulated(told)
        return spread * mask_of(durations.sum(dim=1), frames)[..., None].to(hidden.dtype)

    # The audio.

    def refine(self, told: Tensor, codes: Tensor, mask: Tensor, style: Tensor | None) -> Tensor:
        """What is known of each frame, (B, F, C).

        `told` (B, F, C) by the text, `codes` (B, F, K) with their size where none is known yet.
        """
        rows = torch.arange(self.books, device=codes.device) * (self.size + 1)
        hidden = told + self.embed_codes(codes + rows).sum(dim=2)
        refined: Tensor = self.audio(hidden, mask, style)
        return refined

    def logits(self, hidden: Tensor, first: int, last: int) -> Tensor:
        """Logits (B, F, last - first, V) of the codebooks from `first` to before `last`."""
        return torch.stack([head(hidden) for head in self.heads[first:last]], dim=2)

    # Training.

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Cross-entropy of hidden tokens, and what duration, prosody and stopping miss.

        Teacher forcing: the audio model sees the recording's durations, pitch and energy. The
        stopping controller's target is the share of tokens at hand that are right, hidden ones
        being guessed; `_accuracy` is that of the guesses, `_accuracy_1` of the first codebook's.
        """
        assert batch.durations is not None and batch.codes is not None
        assert batch.pitch is not None and batch.energy is not None
        assert batch.frame_lengths is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        frames = batch.codes.shape[1]
        frame_mask = mask_of(batch.frame_lengths, frames)  # (B, F)
        styles = self._styles(batch.reference, batch.reference_lengths)
        style, speaker = None, batch.speaker
        if styles is not None:
            # Told both, the model would go by the name and never listen.
            named = self._named(speaker)
            style = styles * ~named[:, None]
            speaker = torch.where(named, speaker, self.nobody)
        hidden = self.read(batch.symbols, mask, speaker, style)
        pitch = average_by_symbol(batch.pitch, batch.durations, batch.voiced)  # (B, S)
        energy = average_by_symbol(batch.energy, batch.durations)  # (B, S)
        spoken = mask & (batch.durations > 0)
        error = self.duration(hidden, mask, style) - batch.durations.to(hidden.dtype).log1p()
        sure = self.confidence(hidden, mask, style)
        losses = {
            "duration": masked_mean(error.square(), mask),
            "confidence": masked_mean(
                functional.binary_cross_entropy_with_logits(
                    sure, (-error.detach().abs()).exp(), reduction="none"
                ),
                mask,
            ),
            "pitch": masked_mean((self.pitch(hidden, mask, style) - pitch).square(), spoken),
            "energy": masked_mean((self.energy(hidden, mask, style) - energy).square(), spoken),
        }
        told = self.regulate(self.adapt(hidden, pitch, energy, mask), batch.durations, frames)
        codes = torch.where(frame_mask[..., None], batch.codes, 0)
        shown = masked(codes, frame_mask, self.size, self.settings.noise, self._masking_source())
        heard = self.refine(told, shown.codes, frame_mask, style)
        logits = self.logits(heard, 0, self.books)  # (B, F, K, V)
        missed = functional.cross_entropy(logits.flatten(0, 2), codes.flatten(), reduction="none")
        losses["tokens"] = masked_mean(missed.unflatten(0, codes.shape), shown.hidden)
        guessed = logits.argmax(dim=-1)  # (B, F, K)
        right = (guessed == codes).to(hidden.dtype)
        losses["_accuracy"] = masked_mean(right, shown.hidden)
        for book in range(self.books):
            own = masked_mean(right[..., book], shown.hidden[..., book])
            losses[f"_accuracy_{book + 1}"] = own
        if styles is not None and self.spoken_style is not None:
            table = self.embed_codes.weight.unflatten(0, (self.books, -1))
            mix = mean_embedding(logits, shown.codes, shown.hidden, frame_mask, table)
            losses["style"] = style_contrast(self.spoken_style(mix), styles, batch.speaker)

        # The controller is asked about the codebook that is partly hidden, as it is in speech.
        level = shown.level[:, None, None].expand(-1, frames, 1)  # (B, F, 1)
        at_hand = torch.where(shown.hidden, guessed, shown.codes).clamp(max=self.size - 1)
        at_hand = at_hand.gather(2, level)
        own = logits.detach().gather(2, level[..., None].expand(-1, -1, -1, self.size))
        share = shown.hidden.gather(2, level)
        quality = self._quality(hidden, mask, heard, frame_mask, own, at_hand, share)
        correct = (at_hand == codes.gather(2, level))[..., 0] & frame_mask
        accuracy = correct.sum(dim=1) / frame_mask.sum(dim=1).clamp(min=1)  # (B,)
        losses["stop"] = functional.binary_cross_entropy_with_logits(quality, accuracy)
        return losses

    def _masking_source(self) -> torch.Generator | None:
        return None if self.training else torch.Generator().manual_seed(HELD_OUT_SEED)

    def _quality(
        self,
        hidden: Tensor,
        mask: Tensor,
        heard: Tensor,
        frame_mask: Tensor,
        logits: Tensor,
        tokens: Tensor,
        open_places: Tensor,
    ) -> Tensor:
        """Logits (B,) of the share of `tokens` (B, F, L) that are right.

        `logits` (B, F, L, V) are the model's of them, `open_places` (B, F, L) those not kept yet.
        """
        real = frame_mask[..., None].to(heard.dtype)  # (B, F, 1)
        count = real.sum(dim=1).clamp(min=1.0)  # (B, 1)
        text = hidden.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1)
        sure = logits.softmax(dim=-1).gather(-1, tokens[..., None])[..., 0]  # (B, F, L)
        means = [
            (values.to(heard.dtype) * real).mean(dim=2).sum(dim=1) / count[:, 0]
            for values in (sure, open_places)
        ]
        quality: Tensor = self.controller(text, heard.sum(dim=1) / count, *means)
        return quality

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        light, stop = self.settings.weight_variance, self.settings.weight_stop
        weights = dict.fromkeys(("duration", "confidence", "pitch", "energy"), light)
        weights |= {"stop": stop, "style": self.settings.weight_style}
        return [Turn("acoustic", self.parameters, self.losses, weights)]

    # Speech.

    def plan(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        style: Tensor | None,
        speed: Tensor,
        pitch: Tensor,
        energy: Tensor,
        variation: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What is known before the first token: `hidden` (B, S, C), adapted too, and durations.

        `speed`, `pitch`, `energy` are factors (B,), `variation` (S,) is of durations where they
        are unsure. Durations (B, S) are rounded where symbols end, not one by one.
        """
        mask = mask_of(symbol_lengths, symbols.shape[1])  # (B, S)
        hidden = self.read(symbols, mask, speaker, style)
        doubt = -functional.logsigmoid(self.confidence(hidden, mask, style))
        long = self.duration(hidden, mask, style) + variation[None] * doubt  # (B, S)
        least = self.least[symbols]
        last = torch.arange(symbols.shape[1], device=symbols.device) == symbol_lengths[:, None] - 1
        least = torch.where(last, 1, least)
        durations = spoken_durations(long, speed, mask, least)
        higher = in_deviations(pitch, self.pitch_deviation, speaker)
        louder = in_deviations(energy, self.energy_deviation, speaker)
        adapted = self.adapt(
            hidden,
            (self.pitch(hidden, mask, style) + higher) * mask,
            (self.energy(hidden, mask, style) + louder) * mask,
            mask,
        )
        return hidden, adapted, durations

    @torch.inference_mode()
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
        """Codes (B, F, K) of `symbols` (B, S), filled in over `controls.steps` passes at most.

        Who speaks is `speaker` (B,), or whoever speaks in `reference` (B, F, bands), a mel of
        `reference_lengths` (B,), which then also sets the style.
        Temperature and top-p are of the choice of tokens; all rows are drawn alike.
        """
        device = symbols.device
        if generator is None:
            generator = torch.Generator(device).manual_seed(controls.seed)
        drawn = torch.randn(NOISE_FRAMES, generator=generator, device=generator.device)
        variation = drawn.to(device)[torch.arange(symbols.shape[1], device=device) % NOISE_FRAMES]
        speed, pitch, energy = (
            torch.full((len(symbols),), value, device=device)
            for value in (controls.speed, controls.pitch, controls.energy)
        )
        style = self._styles(reference, reference_lengths)
        if style is not None:
            speaker = torch.full_like(speaker, self.nobody)
        hidden, adapted, durations = self.plan(
            symbols,
            symbol_lengths,
            speaker,
            style,
            speed,
            pitch,
            energy,
            controls.temperature * self.settings.vary_duration * variation,
        )
        mask = mask_of(symbol_lengths, symbols.shape[1])
        codes = self._refined((hidden, mask), adapted, durations, style, controls, generator)
        return Spoken(codes, durations.sum(dim=1), durations)

    @torch.inference_mode()
    def forced(self, batch: Batch) -> Tensor:
        """Codes (B, F, K) with the recording's durations, pitch and energy, the likeliest ones."""
        assert batch.durations is not None and batch.pitch is not None and batch.energy is not None
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        hidden = self.read(batch.symbols, mask, batch.speaker, None)
        pitch = average_by_symbol(batch.pitch, batch.durations, batch.voiced)
        energy = average_by_symbol(batch.energy, batch.durations)
        adapted = self.adapt(hidden, pitch, energy, mask)
        generator = torch.Generator(hidden.device).manual_seed(0)
        likeliest = Controls(temperature=0.0)
        return self._refined((hidden, mask), adapted, batch.durations, None, likeliest, generator)

    def _refined(
        self,
        text: tuple[Tensor, Tensor],
        adapted: Tensor,
        durations: Tensor,
        style: Tensor | None,
        controls: Controls,
        generator: torch.Generator,
    ) -> Tensor:
        """Codes (B, F, K), zeros behind an end, filled in over `controls.steps` passes at most.

        `text` is what was read (B, S, C) and its mask (B, S); `adapted` (B, S, C) has prosody.
        """
        lengths = durations.sum(dim=1)  # (B,)
        frames = int(lengths.max())
        told = self.regulate(adapted, durations, frames)
        frame_mask = mask_of(lengths, frames)
        codes = torch.full((len(told), frames, self.books), self.size, device=told.device)
        for first, last, count in passes(controls.steps, self.books):
            codes = self._fill(
                codes, (first, last), count, told, style, text, frame_mask, lengths,
                controls, generator,
            )  # fmt: skip
        return codes * frame_mask[..., None]

    def _fill(
        self,
        codes: Tensor,
        books: tuple[int, int],
        count: int,
        told: Tensor,
        style: Tensor | None,
        text: tuple[Tensor, Tensor],
        frame_mask: Tensor,
        lengths: Tensor,
        controls: Controls,
        generator: torch.Generator,
    ) -> Tensor:
        """`codes` with the codebooks `books` filled in, in `count` passes at most."""
        first, last = books
        frames = codes.shape[1]
        noise = torch.rand(
            (NOISE_FRAMES, last - first, self.size), generator=generator, device=generator.device
        ).to(codes.device)[torch.arange(frames, device=codes.device) % NOISE_FRAMES]
        best = torch.full((len(codes),), -1.0, device=codes.device)
        idle = torch.zeros(len(codes), dtype=torch.int64, device=codes.device)
        places = lengths * (last - first)
        for number in range(1, count + 1):
            at_hand = codes[:, :, first:last]  # (B, F, L)
            waiting = (at_hand == self.size) & frame_mask[..., None]
            if not bool(waiting.any()):
                break
            heard = self.refine(told, codes, frame_mask, style)
            logits = self.logits(heard, first, last)
            drawn, sure = chosen(logits, noise, controls.temperature, controls.top_p)
            filled = torch.where(waiting, drawn, at_hand)
            quality = self._quality(
                *text, heard, frame_mask, logits, filled.clamp(max=self.size - 1), waiting
            ).sigmoid()
            idle = torch.where(quality - best < self.settings.stop_gain, idle + 1, 0)
            best = torch.maximum(best, quality)
            done = (quality >= self.settings.stop_quality) | (idle >= 2)
            now = kept(sure, waiting, places, number / count, self.settings.sure)
            now = torch.where(done[:, None, None], waiting, now)
            codes = codes.clone()
            codes[:, :, first:last] = torch.where(now, drawn, at_hand)
        return codes

    # Outside torch.

    def graphs(self) -> list[GraphSpec]:
        """The graphs of a voice."""
        return graphs_of(self, self.embed.num_embeddings)

    def about(self) -> dict[str, Any]:
        """What `intone.speech.refining` must know beside the graphs."""
        s = self.settings
        return {
            "codebooks": self.books,
            "codebook_size": self.size,
            "style": s.style,
            "nobody": self.nobody,
            "reference_bands": s.reference_bands,
            "reference_most_frames": s.reference_most_frames,
            "vary_duration": s.vary_duration,
            "sure": s.sure,
            "stop_quality": s.stop_quality,
            "stop_gain": s.stop_gain,
        }

    def arrays(self) -> dict[str, Tensor]:
        """The heads, which are used one at a time, and the stopping controller."""
        parts: dict[str, Tensor] = {
            "heads": torch.stack([cast(nn.Linear, head).weight for head in self.heads]),
            "biases": torch.stack([cast(nn.Linear, head).bias for head in self.heads]),
        }
        controller = {f"controller.{k}": v for k, v in self.controller.state_dict().items()}
        return parts | controller


FAMILY = Family(
    name="mamba-conv",
    summary="Mamba-Conv: tokens of a codec, refined in as many passes as there is time for",
    settings=MambaConvSettings,
    model=MambaConv,
    presets={
        "tiny": {
            "channels": 32,
            "encoder_layers": 1,
            "layers": 1,
            "inner": 32,
            "state": 8,
            "dilations": (1, 4),
            "style": 16,
            "style_channels": 16,
            "reference_least_frames": 20,
            "variance_hidden": 32,
        },
        "laptop": {},
        "full": {
            "channels": 384,
            "encoder_layers": 4,
            "layers": 8,
            "inner": 768,
            "state": 64,
            "style": 128,
            "style_channels": 192,
            "variance_hidden": 256,
        },
    },
)
