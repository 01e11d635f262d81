"""Echolancer: a Transformer that speaks the codes of a codec, one after the other.

Text is encoded all at once; a causal decoder looks at it by cross-attention and predicts one
code a step, between a beginning and an end of its own; of a codec with several codebooks, the
code of the first, and from it those of the others, one after the other. What lets such models
skip, repeat or never end is ruled out by a pointer: every step is told which symbol it speaks,
from the aligner in training and from predicted durations in speech. The pointer only moves
forward, cross-attention sees no further than a window around it, and speech ends where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from intone.acoustic._echolancer_depth import FurtherCodebooks
from intone.acoustic._echolancer_graphs import graphs_of
from intone.acoustic._echolancer_layers import (
    Cache,
    DecoderLayer,
    EncoderLayer,
    bias_of,
    placed,
    slopes,
)
from intone.core.batch import Batch
from intone.core.errors import VoiceError
from intone.core.graphs import GraphSpec
from intone.core.protocols import CorpusFacts, Needs, Spoken, Turn
from intone.core.registry import Family
from intone.core.settings import Settings, require_shared
from intone.core.types import Controls
from intone.nn.lengths import (
    frame_owners,
    least_frames,
    spoken_durations,
    spread_with_progress,
)
from intone.nn.masks import mask_of, masked_mean
from intone.nn.variance import VariancePredictor

AHEAD = 2
"""How many symbols on a tracked pointer may move in one step, where attention guides."""

MOST_CODES_A_SYMBOL = 10
"""Where attention guides, speech is cut off at so many codes a symbol on average."""


class EcholancerSettings(Settings):
    """Dimensions of Echolancer; the defaults are the `laptop` preset."""

    guidance: Literal["pointer", "attention"] = Field(
        "pointer",
        description="pointer: each step is told its symbol; attention: cross-attention finds it",
    )
    channels: int = Field(192, ge=8, description="width of encoder and decoder")
    encoder_layers: int = Field(4, ge=1, description="layers over symbols")
    layers: int = Field(5, ge=1, description="layers over codes")
    heads: int = Field(4, ge=1, description="attention heads of each layer")
    hidden: int = Field(768, ge=8, description="width inside the feed-forward parts")
    activation: Literal["relu", "gelu"] = Field("gelu", description="of the feed-forward parts")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout of what each part of a layer adds")
    use_alibi: bool = Field(True, description="penalise distance in all attention (ALiBi)")
    alibi_alpha: float = Field(1.0, ge=0, description="factor on ALiBi's penalties")
    positions: Literal["sinusoidal", "rotary"] = Field(
        "sinusoidal", description="how places are told where ALiBi is not used"
    )
    text_window: int = Field(
        8, ge=0, description="symbols that a step sees on either side of its own; 0 is all"
    )
    code_window: int = Field(256, ge=0, description="earlier codes that a step sees; 0 is all")
    variance_hidden: int = Field(128, ge=8, description="width of the duration predictor")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictor")
    speaker: Literal["table", "vector"] = Field(
        "table", description="table: a learned vector a speaker; vector: a speaker encoder's"
    )
    speaker_vector: int = Field(256, ge=1, description="size of the speaker encoder's vector")
    emotion: bool = Field(False, description="be told the emotion of each utterance")
    emotion_dropout: float = Field(
        0.1, ge=0, lt=1, description="share of utterances learned without their emotion"
    )
    noise: float = Field(
        0.3, ge=0, le=1, description="largest share of fed-back codes that are replaced by others"
    )
    label_smoothing: float = Field(
        0.05, ge=0, lt=1, description="share of each target that is spread over all codes"
    )
    guided_heads: int = Field(
        2, ge=1, description="heads of each layer that learn to look at the symbol being spoken"
    )
    weight_duration: float = Field(0.1, ge=0, description="of the duration loss")
    weight_guide: float = Field(0.5, ge=0, description="of the loss of those heads")

    @model_validator(mode="after")
    def _must_fit(self) -> EcholancerSettings:
        require_shared("channels", self.channels, self.heads)
        if not self.use_alibi and (self.channels // self.heads) % 2:
            raise ValueError(
                f"model.channels={self.channels} must be an even multiple of its {self.heads} "
                "heads where ALiBi is not used"
            )
        return self


@dataclass(frozen=True)
class Plan:
    """What is known of texts before the first code: `hidden` (B, S, C), `mask` (B, S).

    `durations` (B, S) say how many codes each symbol takes, where a pointer guides.
    """

    hidden: Tensor
    mask: Tensor
    durations: Tensor


class Echolancer(nn.Module):
    """Symbols (B, S) → codes (B, F, K) of a codec."""

    engine = "codes-onnx"
    least: Tensor
    penalty: Tensor
    emotion_table: Tensor
    speaker_vectors: Tensor

    def __init__(self, settings: EcholancerSettings, facts: CorpusFacts) -> None:
        super().__init__()
        s = self.settings = settings
        self.format = facts.format
        self.pointed = s.guidance == "pointer"
        self.needs = Needs(
            durations=True, codes=True, emotion=s.emotion, speaker_vector=s.speaker == "vector"
        )
        self.size, self.codebooks = max(1, facts.format.codebook_size), facts.format.codebooks
        # The end comes right behind the codes, since it is predicted as they are.
        self.end, self.begin, self.pad = self.size, self.size + 1, self.size + 2
        width = s.channels
        rotary = not s.use_alibi and s.positions == "rotary"
        kind: dict[str, Any] = {
            "heads": s.heads,
            "hidden": s.hidden,
            "activation": s.activation,
            "dropout": s.dropout,
            "rotary": rotary,
        }
        self.placed = not s.use_alibi and s.positions == "sinusoidal"
        self.embed = nn.Embedding(facts.symbols, width, padding_idx=0)
        self.encoder = nn.ModuleList(EncoderLayer(width, **kind) for _ in range(s.encoder_layers))
        self.norm_text = nn.LayerNorm(width)
        speakers = max(1, len(facts.speakers))
        self.speaker: nn.Embedding | nn.Linear
        if s.speaker == "table":
            self.speaker = nn.Embedding(speakers, width)
            nn.init.normal_(self.speaker.weight, std=width**-0.5)
        else:
            self.speaker = nn.Linear(s.speaker_vector, width)
            known = facts.speaker_vectors or [[0.0] * s.speaker_vector] * speakers
            self.register_buffer("speaker_vectors", torch.tensor(known))
        # Without a bias, so that no emotion at all adds nothing.
        felt = max(1, facts.emotion_size)
        self.emotion = nn.Linear(felt, width, bias=False) if s.emotion else None
        self.emotions = facts.emotions
        named = torch.tensor(facts.emotion_vectors).reshape(-1, felt)
        self.register_buffer("emotion_table", named, persistent=False)
        self.embed_code = nn.Embedding(self.size + 3, width)
        self.decoder = nn.ModuleList(DecoderLayer(width, **kind) for _ in range(s.layers))
        self.norm_out = nn.LayerNorm(width)
        self.out = nn.Linear(width, self.size + 1)
        self.further: FurtherCodebooks | None = None
        if self.codebooks > 1:
            self.further = FurtherCodebooks(self.codebooks - 1, self.size, width)
        if self.pointed:
            self.duration = VariancePredictor(
                width, hidden=s.variance_hidden, kernel=3, dropout=s.variance_dropout
            )
            self.guide = nn.Linear(width + 2, width)
        self.dropout = nn.Dropout(s.dropout)
        for table in (self.embed, self.embed_code):
            nn.init.normal_(table.weight, std=width**-0.5)
        self.register_buffer("penalty", slopes(s.heads, s.alibi_alpha), persistent=False)
        self.register_buffer("least", least_frames(facts.symbols, facts.optional_symbols))

    # The text.

    def read(
        self, symbols: Tensor, mask: Tensor, speaker: Tensor, emotion: Tensor | None
    ) -> Tensor:
        """Symbols (B, S), speakers (B,) and emotions (B, E) → (B, S, C)."""
        count = symbols.shape[1]
        places = torch.arange(count, device=symbols.device)
        hidden = self.embed(symbols)
        if self.placed:
            hidden = hidden + placed(places, hidden)
        hidden = self.dropout(hidden)
        far = (places[:, None] - places[None, :])[None]  # (1, S, S)
        bias = self._bias(far, mask[:, None, :].expand(-1, count, -1))
        for layer in self.encoder:
            hidden = layer(hidden, mask, bias, places)
        who = speaker if self.settings.speaker == "table" else self.speaker_vectors[speaker]
        hidden = self.norm_text(hidden) + self.speaker(who)[:, None]
        if self.emotion is not None and emotion is not None:
            hidden = hidden + self.emotion(emotion)[:, None]
        return hidden * mask[..., None].to(hidden.dtype)

    # The codes.

    def _bias(self, distance: Tensor, seen: Tensor) -> Tensor:
        return bias_of(distance, seen, self.penalty if self.settings.use_alibi else None)

    def own_bias(self, count: int) -> Tensor:
        """What steps see of each other, (1, heads or 1, count, count): nothing that is to come."""
        at = torch.arange(count, device=self.penalty.device)
        back = (at[:, None] - at[None, :])[None]  # (1, count, count)
        seen = back >= 0
        if self.settings.code_window:
            seen = seen & (back <= self.settings.code_window)
        return self._bias(back, seen)

    def text_bias(self, pointers: Tensor, mask: Tensor) -> Tensor:
        """What steps at `pointers` (B, G) see of the text (B, S): (B, heads or 1, G, S)."""
        at = torch.arange(mask.shape[1], device=mask.device)
        far = at[None, None] - pointers[..., None]  # (B, G, S)
        seen = mask[:, None, :].expand(-1, pointers.shape[1], -1)
        if self.settings.text_window:
            seen = seen & (far.abs() <= self.settings.text_window)
        return self._bias(far, seen)

    def remember(self, hidden: Tensor) -> Cache:
        """The text's keys and values for all layers, each (layers, B, heads, S, D)."""
        each = [layer.cross.remember(hidden) for layer in self.decoder]  # type: ignore[operator,union-attr]
        return torch.stack([k for k, _ in each]), torch.stack([v for _, v in each])

    def fed(self, codes: Tensor, told: Tensor | None, places: Tensor) -> Tensor:
        """The decoder's inputs (B, N, C) of the codes before `places` (N,), (B, N, K)."""
        hidden: Tensor = self.embed_code(codes[..., 0])
        if self.further is not None:
            real = (codes[..., :1] < self.size).to(hidden.dtype)
            hidden = hidden + self.further.told(codes[..., 1:]) * real
        if told is not None:
            hidden = hidden + self.guide(told)
        if self.placed:
            hidden = hidden + placed(places, hidden)
        return self.dropout(hidden)

    def decode(
        self,
        inputs: Tensor,
        text: Cache,
        own_bias: Tensor,
        text_bias: Tensor,
        places: Tensor,
        past: Cache | None = None,
    ) -> tuple[Tensor, Cache, Tensor | None]:
        """`inputs` (B, N, C) → what steps made (B, N, C), keys and values, where heads look.

        `out` tells the first code and the end from what a step made, `further` the other codes.

        `text` and `past` are of all layers; what heads that learn to look see is
        (B, layers * heads, N, S), and None where a pointer guides.
        """
        watched = 0 if self.pointed else min(self.settings.guided_heads, self.settings.heads)
        hidden, keys, values, looks = inputs, [], [], []
        for number, layer in enumerate(self.decoder):
            hidden, (key, value), look = layer(
                hidden,
                (text[0][number], text[1][number]),
                own_bias,
                text_bias,
                places,
                None if past is None else (past[0][number], past[1][number]),
                watched,
            )
            keys.append(key)
            values.append(value)
            if look is not None:
                looks.append(look)
        out: Tensor = self.norm_out(hidden)
        made = (torch.stack(keys), torch.stack(values))
        return out, made, torch.cat(looks, dim=1) if looks else None

    # Training.

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Cross-entropy of the codes and the end; log durations, or where guided heads look.

        Teacher forcing: steps are fed the recording's codes, some of them replaced, and
        told the aligner's symbols.
        """
        assert batch.codes is not None and batch.durations is not None
        assert batch.frame_lengths is not None
        lengths, steps = batch.frame_lengths, batch.codes.shape[1] + 1
        mask = mask_of(batch.symbol_lengths, batch.symbols.shape[1])  # (B, S)
        real = mask_of(lengths + 1, steps)  # (B, G), the end among them
        codes = functional.pad(batch.codes, (0, 0, 0, 1))  # (B, G, K)
        spoken = mask_of(lengths, steps)  # (B, G), the end not among them
        hidden = self.read(batch.symbols, mask, batch.speaker, self._felt(batch.emotion))
        owners = self._owners(batch.durations, batch.symbol_lengths, steps)
        fed = self._fed_back(codes, lengths)
        places = torch.arange(steps, device=fed.device)
        told = spread_with_progress(hidden, batch.durations, steps) if self.pointed else None
        # Where attention finds the symbol, only that of the step before is known.
        known = owners if self.pointed else functional.pad(owners[:, :-1], (1, 0))
        made, _, looks = self.decode(
            self.fed(fed, told, places),
            self.remember(hidden),
            self.own_bias(steps),
            self.text_bias(known, mask),
            places,
        )
        logits, first = self.out(made), torch.where(spoken, codes[..., 0], self.end)
        missed = (logits.detach().argmax(-1) != first).to(logits.dtype)
        losses = {
            "code": masked_mean(self._wrong(logits, first), real),
            "_wrong": masked_mean(missed, real),
        }
        if self.further is not None:
            logits = self.further(made, codes[..., :-1])  # (B, G, K - 1, codes)
            wrong = self._wrong(logits, codes[..., 1:]).mean(dim=-1)
            losses["further"] = masked_mean(wrong, spoken)
        if self.pointed:
            long = batch.durations.to(hidden.dtype).log1p()
            off = (self.duration(hidden, mask) - long).square()
            losses["duration"] = masked_mean(off, mask)
        if looks is not None:
            at = owners[:, None, :, None].expand(-1, looks.shape[1], -1, 1)
            found = looks.gather(-1, at)[..., 0].clamp(min=1e-6).log().mean(dim=1)  # (B, G)
            losses["guide"] = -masked_mean(found, real)
        return losses

    def _wrong(self, logits: Tensor, codes: Tensor) -> Tensor:
        """Cross-entropy (...) of `codes` (...) by logits (..., N)."""
        wrong = functional.cross_entropy(
            logits.flatten(0, -2),
            codes.flatten(),
            reduction="none",
            label_smoothing=self.settings.label_smoothing,
        )
        return wrong.reshape(codes.shape)

    def _felt(self, emotion: Tensor | None) -> Tensor | None:
        """Emotions (B, E) as they are, in training some of them withheld."""
        if emotion is None or not self.training:
            return emotion
        kept = torch.rand((len(emotion), 1), device=emotion.device)
        return emotion * (kept >= self.settings.emotion_dropout)

    @staticmethod
    def _owners(durations: Tensor, symbol_lengths: Tensor, steps: int) -> Tensor:
        """The symbol (B, steps) that each step speaks; the last one behind the end."""
        return torch.minimum(frame_owners(durations, steps), symbol_lengths[:, None] - 1)

    def _fed_back(self, codes: Tensor, lengths: Tensor) -> Tensor:
        """What each step is fed: the codes (B, G, K) before its own, in training others at times.

        The others are taken from the same utterance, as a model's own mistakes are no
        noise either.
        """
        steps = codes.shape[1]
        before = functional.pad(codes[:, :-1], (0, 0, 1, 0))
        if self.training and self.settings.noise:
            share = torch.rand((len(codes), 1), device=codes.device) * self.settings.noise
            replaced = torch.rand(codes.shape[:2], device=codes.device) < share
            drawn = torch.rand(codes.shape[:2], device=codes.device) * lengths[:, None]
            others = drawn.to(torch.int64)[..., None].expand_as(codes)
            before = torch.where(replaced[..., None], codes.gather(1, others), before)
        before[:, 0, 0] = self.begin
        before[..., 0] = torch.where(mask_of(lengths + 1, steps), before[..., 0], self.pad)
        return before

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        s = self.settings
        weights = {
            "duration": s.weight_duration,
            "guide": s.weight_guide,
            "further": float(self.codebooks - 1),
        }
        return [Turn("acoustic", self.parameters, self.losses, weights)]

    # Speaking.

    def plan(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        speed: Tensor,
        emotion: Tensor | None = None,
    ) -> Plan:
        """Everything but the codes of `symbols` (B, S); `speed` (B,) is a factor."""
        mask = mask_of(symbol_lengths, symbols.shape[1])
        hidden = self.read(symbols, mask, speaker, emotion)
        if not self.pointed:
            return Plan(hidden, mask, torch.zeros_like(symbols))
        long = self.duration(hidden, mask)
        return Plan(hidden, mask, spoken_durations(long, speed, mask, self.least[symbols]))

    def step(
        self,
        code: Tensor,
        told: Tensor | None,
        place: Tensor,
        text: Cache,
        text_bias: Tensor,
        past: Cache,
    ) -> tuple[Tensor, Cache, Tensor | None]:
        """One step after the codes `code` (B, K), at `place` (1,), that sees all of `past`.

        What it made (B, C), its keys and values, where guided heads look.
        """
        seen = past[0].shape[3] + 1
        back = torch.arange(seen - 1, -1, -1, device=code.device)[None, None]  # (1, 1, P + 1)
        own_bias = self._bias(back, torch.ones_like(back, dtype=torch.bool))
        inputs = self.fed(code[:, None], told, place)
        hidden, made, looks = self.decode(inputs, text, own_bias, text_bias, place, past)
        return hidden[:, 0], made, looks

    def _steps(self, plan: Plan, pointers: Tensor, steps: int) -> Iterator[_Stepping]:
        """Takes `steps` steps; whoever asks for the next one has set the code, and the pointers."""
        text = self.remember(plan.hidden)
        told = spread_with_progress(plan.hidden, plan.durations, steps) if self.pointed else None
        layers, batch, heads, _, width = text[0].shape
        room = [text[0].new_zeros((layers, batch, heads, steps, width)) for _ in range(2)]
        code = functional.pad(torch.full_like(pointers, self.begin), (0, self.codebooks - 1))
        at = _Stepping(pointers, code, text[0].new_zeros((batch, self.settings.channels)))
        for number in range(steps):
            back = self.settings.code_window
            low = max(0, number - back) if back else 0
            at.made, made, looks = self.step(
                at.code,
                None if told is None else told[:, number : number + 1],
                torch.tensor([number], device=at.code.device),
                text,
                self.text_bias(at.pointers, plan.mask),
                (room[0][:, :, :, low:number], room[1][:, :, :, low:number]),
            )
            for part, new in zip(room, made, strict=True):
                part[:, :, :, number : number + 1] = new
            at.looks = None if looks is None else looks.mean(dim=1)[:, 0]  # (B, S)
            yield at

    @torch.no_grad()
    def generate(
        self,
        symbols: Tensor,
        symbol_lengths: Tensor,
        speaker: Tensor,
        controls: Controls,
        generator: torch.Generator | None = None,
        emotion: Tensor | None = None,
    ) -> Spoken:
        """Codes (B, F, K) of `symbols` (B, S), sampled; all rows draw the same numbers."""
        if generator is None:
            generator = torch.Generator(symbols.device).manual_seed(controls.seed)
        speed = torch.full((len(symbols),), controls.speed, device=symbols.device)
        plan = self.plan(symbols, symbol_lengths, speaker, speed, emotion)
        if self.pointed:
            return self._pointed(plan, symbol_lengths, controls, generator)
        return self._tracked(plan, symbol_lengths, controls, generator)

    def _pointed(
        self, plan: Plan, symbol_lengths: Tensor, controls: Controls, generator: torch.Generator
    ) -> Spoken:
        lengths = plan.durations.sum(dim=1)
        steps = max(1, int(lengths.max()))
        owners = self._owners(plan.durations, symbol_lengths, steps)
        codes = owners.new_zeros((len(owners), steps, self.codebooks))
        for number, at in enumerate(self._steps(plan, owners[:, :1], steps)):
            # The pointer says when speech ends, so that the end is never drawn.
            first = drawn(self.out(at.made)[:, : self.size], controls, generator)
            at.code = self._with_further(first, at.made, controls, generator)
            at.pointers = owners[:, number + 1 : number + 2]
            codes[:, number] = at.code
        codes = codes * mask_of(lengths, steps)[..., None]
        return Spoken(codes, lengths, plan.durations)

    def _tracked(
        self, plan: Plan, symbol_lengths: Tensor, controls: Controls, generator: torch.Generator
    ) -> Spoken:
        """Where guided heads look is where speech has come to; it never goes back.

        The end may be drawn once the last symbols are reached, and comes at the latest with
        a length that no text takes.
        """
        most = symbol_lengths * MOST_CODES_A_SYMBOL
        lengths = torch.zeros_like(symbol_lengths)
        durations = torch.zeros_like(plan.durations)
        at_symbol = torch.arange(plan.mask.shape[1], device=most.device)[None]
        start = torch.zeros_like(symbol_lengths)[:, None]
        made = []
        for number, at in enumerate(self._steps(plan, start, int(most.max()))):
            assert at.looks is not None
            ahead = (at_symbol >= at.pointers) & (at_symbol <= at.pointers + AHEAD) & plan.mask
            at.pointers = at.looks.masked_fill(~ahead, -1.0).argmax(dim=1, keepdim=True)
            near_end = (at.pointers >= symbol_lengths[:, None] - 1 - AHEAD) & (number > 0)
            logits = torch.where(
                (torch.arange(self.size + 1, device=most.device) == self.end)[None] & ~near_end,
                float("-inf"),
                self.out(at.made),
            )
            first = drawn(logits, controls, generator)
            ending = (first == self.end) | (number >= most)
            lengths = torch.where((lengths == 0) & ending, number, lengths)
            if bool((lengths > 0).all()):
                break
            first = first.clamp(max=self.size - 1)
            at.code = self._with_further(first, at.made, controls, generator)
            durations.scatter_add_(1, at.pointers, (lengths == 0).to(torch.int64)[:, None])
            made.append(at.code)
        lengths = torch.where(lengths == 0, len(made), lengths)
        codes = torch.stack(made, dim=1) * mask_of(lengths, len(made))[..., None]
        return Spoken(codes, lengths, durations)

    def _with_further(
        self, first: Tensor, made: Tensor, controls: Controls, generator: torch.Generator
    ) -> Tensor:
        """The codes (B, K) of a step that `made` (B, C), the `first` of which (B,) are drawn."""
        codes = functional.pad(first[:, None], (0, self.codebooks - 1))
        if self.further is not None:
            for number in range(1, self.codebooks):
                logits = self.further(made, codes[:, :-1])[:, number - 1]
                codes[:, number] = drawn(logits, controls, generator)
        return codes

    # Outside torch.

    def graphs(self) -> list[GraphSpec]:
        """The graphs of a voice; `VoiceError` for a model that attention guides."""
        if not self.pointed:
            raise VoiceError(
                "echolancer with guidance=attention does not know when words are spoken, so it "
                "makes no voice; train it with model.guidance=pointer"
            )
        return graphs_of(self, len(self.least))

    def about(self) -> dict[str, Any]:
        """What the engine must know of the graphs."""
        s = self.settings
        return {
            "begin": self.begin,
            "codes": self.size,
            "codebooks": self.codebooks,
            "text_window": s.text_window,
            "code_window": s.code_window,
            "use_alibi": int(s.use_alibi),
            "emotion_size": self.emotion.in_features if self.emotion is not None else 0,
            "emotions": list(self.emotions) if self.emotion is not None else [],
        }

    def arrays(self) -> dict[str, Tensor]:
        """The vectors of named emotions (N, E)."""
        return {"emotions": self.emotion_table}


@dataclass
class _Stepping:
    """Where rows are: their symbols (B, 1), the codes (B, K) before, what a step made (B, C)."""

    pointers: Tensor
    code: Tensor
    made: Tensor
    looks: Tensor | None = None


def drawn(logits: Tensor, controls: Controls, generator: torch.Generator) -> Tensor:
    """Codes (B,) drawn by `logits` (B, N) at a temperature, from the likeliest `top_p` of them.

    Nucleus sampling (Holtzman et al. 2020), section 3.1. One number is drawn for all rows, so
    that what a row says does not depend on those beside it.
    """
    at = torch.rand((1, 1), generator=generator, device=logits.device)
    if not controls.temperature:
        return logits.argmax(dim=-1)
    shares, order = (
        (logits.float() / controls.temperature)
        .softmax(dim=-1)
        .sort(dim=-1, descending=True, stable=True)
    )
    upto = shares.cumsum(dim=-1)  # (B, N)
    shares = shares * (upto - shares < controls.top_p)
    upto = shares.cumsum(dim=-1)
    chosen = (upto <= at * upto[:, -1:]).sum(dim=-1, keepdim=True)
    chosen = torch.minimum(chosen, (shares > 0).sum(dim=-1, keepdim=True) - 1)
    return order.gather(1, chosen)[:, 0]


FAMILY = Family(
    name="echolancer",
    summary="a Transformer over a codec's codes: samples them one by one, told by a pointer",
    settings=EcholancerSettings,
    model=Echolancer,
    presets={
        "tiny": {
            "channels": 32,
            "encoder_layers": 1,
            "layers": 2,
            "heads": 2,
            "hidden": 64,
            "dropout": 0.0,
            "text_window": 3,
            "code_window": 24,
            "variance_hidden": 32,
            "noise": 0.1,
        },
        "laptop": {},
        "full": {
            "channels": 512,
            "encoder_layers": 6,
            "layers": 8,
            "heads": 8,
            "hidden": 2048,
            "variance_hidden": 256,
        },
    },
)
