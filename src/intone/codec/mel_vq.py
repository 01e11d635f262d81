"""mel-vq: mel frames → codes at a lower rate, and back; Echolancer's pre-encoder.

Its shape is VQGAN's (Esser et al. 2021, section 3.1) in one dimension, without the critic:
encoder, codebook, decoder. The codebook is learned, alone or with others that code what it left
(Zeghidour et al. 2021, section III-C), or `levels` are given and it is a grid (finite scalar
quantisation). Whose voice it is can be said once an utterance, beside the
codes, which then need not repeat it, as BiCodec's global tokens do (Spark-TTS, Wang et al. 2025):
what a network hears of it, and the mean of its cepstra, without which strangers are alike (cepstral
mean normalisation, Furui 1981).
A vocoder makes what it decodes audible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from intone.codec._mel_vq_cepstra import CEPSTRA, Cepstra
from intone.codec._mel_vq_disguise import disguised
from intone.codec._mel_vq_spread import Spread
from intone.codec.codes import LARGEST_VOICE
from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts, Needs, Turn
from intone.core.registry import Family
from intone.core.settings import Settings
from intone.core.types import FrameFormat, code_format
from intone.nn.convnext import convnext_blocks
from intone.nn.film import FiLM
from intone.nn.frame_reader import FrameReader
from intone.nn.lengths import frame_owners
from intone.nn.masks import mask_of, masked_mean
from intone.nn.pitch_reader import PitchReader
from intone.nn.quantise import FiniteLevels, ResidualCodebooks, straight_through, summed_first
from intone.nn.style import AudioStyleExtractor

_MEL_MEAN, _MEL_DEVIATION = -5.0, 2.5
_SLOPE_FRAMES = 2
_READER_CHANNELS = 96
_VOICE_NOISE = 0.05
"""What a voice's numbers (-1 to 1) are shaken by in learning: another utterance says them so."""
_VOICE_UNTOLD = 0.05
"""The share of utterances whose codes are learned without a voice beside them: nobody's, zeros."""
_USED_LEAST = 0.06
"""A code that is chosen less often than this share of its even part is not in use."""
_VOICE_LEAST = 0.4
"""The least part of an utterance that its voice is learned from."""


class MelVqSettings(Settings):
    """Dimensions of a mel-vq."""

    codebook_size: int = Field(
        1000, ge=2, description="codes of each codebook, where no levels are given"
    )
    codebooks: int = Field(
        1, ge=1, le=16, description="codebooks, each of which codes what those before it left"
    )
    fewer: float = Field(
        0.1,
        ge=0,
        le=1,
        description="share of learned utterances that are decoded from some of several codebooks",
    )
    levels: tuple[int, ...] = Field(
        (), description="levels of each channel, such as [8, 5, 5, 5], in place of a codebook"
    )
    stride: int = Field(2, ge=1, le=16, description="mel frames that one code stands for")
    width: int = Field(16, ge=1, description="channels of what the codebook quantises")
    decay: float = Field(0.98, gt=0, lt=1, description="how slowly the codebook follows")
    channels: int = Field(256, ge=8, description="width of encoder and decoder")
    hidden: int = Field(768, ge=8, description="width inside each block")
    encoder_layers: int = Field(4, ge=1, description="ConvNeXt blocks before the codebook")
    layers: int = Field(6, ge=1, description="ConvNeXt blocks after it")
    dilations: tuple[int, ...] = Field(
        (1,),
        min_length=1,
        description="how far apart the weights of each block after it lie, over and over: whose "
        "voice it is need not be said by every code",
    )
    kernel: int = Field(7, ge=3, description="width of each depthwise convolution, odd")
    voice: int = Field(
        0,
        ge=0,
        le=LARGEST_VOICE - CEPSTRA,
        description="numbers that say whose voice it is, once an utterance, so that no code need "
        "say it; 0 leaves it to the codes; beside them go the means of its cepstra",
    )
    voice_channels: int = Field(96, ge=8, description="width of what hears whose voice it is")
    commitment: float = Field(0.25, ge=0, description="weight of the encoder's distance to codes")
    disguise: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of learned utterances whose bands are moved and tilted, as if "
        "somebody else had spoken",
    )
    phones: float = Field(
        0.0,
        ge=0,
        description="weight of telling the phone that is heard from the codes, on aligned "
        "recordings; 0 needs none",
    )
    heard: float = Field(
        0.0,
        ge=0,
        description="weight of how far the phones that are read off decoded frames lie from those "
        "read off the recording's; some recordings must be aligned",
    )
    shape: float = Field(
        0.0,
        ge=0,
        description="weight of the first cepstra of the frames and of how they move, which is most "
        "of what makes a phone",
    )
    pitch: float = Field(
        0.0,
        ge=0,
        description="weight of how far the pitch that is read off decoded frames lies from the "
        "recording's",
    )

    @model_validator(mode="after")
    def _one_grid(self) -> MelVqSettings:
        if self.levels and self.codebooks > 1:
            raise ValueError(
                f"model.levels make one grid, but model.codebooks={self.codebooks}; give only one"
            )
        return self


class MelVq(nn.Module):
    """Mel frames (B, F, bands) ↔ codes (B, F / stride rounded up, K)."""

    edge_frames = 0
    pitch_reach = None
    only_learns = ("phone.", "phone_of", "pitch.", "listener.")
    """Names of weights that a codec which has learned needs no more."""

    only_decodes = ("widen.", "decoder.", "decoder_voice.", "norm_decoder.", "out.", "spread.")
    """Names of weights that can change while codes keep their meaning."""

    def __init__(self, settings: MelVqSettings, facts: CorpusFacts | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.needs = Needs(
            durations_where_known=max(settings.phones, settings.heard) > 0,
            pitch=settings.pitch > 0,
        )
        self.sound: FrameFormat = facts.format if facts is not None else FrameFormat()
        size = math.prod(settings.levels) if settings.levels else settings.codebook_size
        self.format = code_format(
            sample_rate=self.sound.sample_rate,
            hop_samples=self.sound.hop_samples * settings.stride,
            codebooks=settings.codebooks,
            codebook_size=size,
        )
        stride, channels, bands = settings.stride, settings.channels, self.sound.bands
        width = len(settings.levels) or settings.width
        self.embed = nn.Linear(bands * stride, channels)
        hidden, kernel = settings.hidden, settings.kernel
        self.encoder = convnext_blocks(
            channels, hidden=hidden, kernel=kernel, layers=settings.encoder_layers
        )
        self.norm_encoder = nn.LayerNorm(channels, eps=1e-6)
        self.narrow = nn.Linear(channels, width)
        self.levels: FiniteLevels | None = None
        self.codebooks: ResidualCodebooks | None = None
        if settings.levels:
            self.levels = FiniteLevels(settings.levels)
            self.register_buffer("counts", torch.ones(size))
        else:
            self.codebooks = ResidualCodebooks(
                settings.codebooks, size, width, decay=settings.decay
            )
        self.register_load_state_dict_pre_hook(_of_before)
        self.widen = nn.Linear(width, channels)
        self.decoder = convnext_blocks(
            channels,
            hidden=hidden,
            kernel=kernel,
            layers=settings.layers,
            dilations=settings.dilations,
        )
        self.norm_decoder = nn.LayerNorm(channels, eps=1e-6)
        self.out = nn.Linear(channels, bands * stride)
        self.cepstra = Cepstra(bands, middle=_MEL_MEAN, floor=math.log(self.sound.floor))
        self.spread = Spread()
        self.voice: AudioStyleExtractor | None = None
        if settings.voice:
            self.voice = AudioStyleExtractor(
                bands, channels=settings.voice_channels, style=settings.voice
            )
            self.encoder_voice = FiLM(channels, style=settings.voice)
            self.decoder_voice = nn.ModuleList(
                FiLM(channels, style=settings.voice) for _ in range(settings.layers)
            )
        self.phone: nn.Conv1d | None = None
        self.listener: FrameReader | None = None
        self.pitch: PitchReader | None = None
        # A codec that only codes is built without a corpus, whose phones and pitch it would tell.
        if facts is None or not facts.symbols:
            return
        phones = facts.phones or tuple(range(facts.symbols))
        kinds = max(phones, default=0) + 1
        if self.needs.durations_where_known:
            self.register_buffer("phone_of", torch.tensor(phones))
        if settings.phones:
            self.phone = nn.Conv1d(width, kinds, 3, padding=1)
        if settings.heard:
            self.listener = FrameReader(bands, _READER_CHANNELS, kinds)
        if settings.pitch:
            self.pitch = PitchReader(bands, _READER_CHANNELS)

    counts: Tensor
    phone_of: Tensor

    @property
    def stride(self) -> int:
        """Mel frames that one code stands for."""
        return self.settings.stride

    @property
    def features(self) -> FrameFormat:
        """The frames that are coded."""
        return self.sound

    @property
    def encode_context(self) -> int:
        """Codes on either side that can change a code."""
        return (self.settings.kernel // 2) * self.settings.encoder_layers

    @property
    def context_frames(self) -> int:
        """Codes on either side that can change what a code decodes to."""
        cycle, layers = self.settings.dilations, self.settings.layers
        return (self.settings.kernel // 2) * sum(cycle[n % len(cycle)] for n in range(layers))

    @property
    def voice_size(self) -> int:
        """Numbers that say whose voice it is: those that are learned, then means of cepstra."""
        return self.settings.voice + CEPSTRA if self.settings.voice else 0

    def encoded(self, frames: Tensor, voice: Tensor | None = None) -> Tensor:
        """Codes (B, G, K) of mel (B, G * stride, bands), `voice` (B, V); as `encode.onnx`."""
        return self.codes_of(self.latents_of(frames, voice=voice))

    def decoded(self, codes: Tensor, voice: Tensor | None = None) -> Tensor:
        """Mel (B, G * stride, bands) of codes (B, G, k), `voice` (B, V); as `decode.onnx`."""
        mel = self.frames_of(self.vectors_of(codes), voice=voice)
        centre = self._centre(voice)
        return centre + self.spread.drawn_apart(mel - centre, self.cepstra)

    def voice_of(self, mel: Tensor, lengths: Tensor) -> Tensor:
        """Whose voice it is, (B, V) from -1 to 1, of mel (B, F, bands) of `lengths` (B,)."""
        assert self.voice is not None
        learned = torch.tanh(self.voice((mel - _MEL_MEAN) / _MEL_DEVIATION, lengths))
        return torch.cat([learned, self.cepstra.means_of(mel, lengths)], dim=1)

    def _centre(self, voice: Tensor | None) -> Tensor | float:
        """What the log mel of a `voice` (B, V) lies about, (B, 1, bands); nobody's: a number."""
        if voice is None:
            return _MEL_MEAN
        return self.cepstra.centre_of(voice[:, self.settings.voice :])

    def _learned(self, voice: Tensor) -> Tensor:
        """Of a `voice` (B, V), the numbers that a network made."""
        return voice[:, : self.settings.voice]

    def latents_of(
        self, mel: Tensor, mask: Tensor | None = None, voice: Tensor | None = None
    ) -> Tensor:
        """What is quantised, (B, G, width), of mel (B, G * stride, bands); `mask` (B, 1, G)."""
        normal = (mel - self._centre(voice)) / _MEL_DEVIATION
        # Frames that share a code lie side by side as channels: strides without a kernel.
        hidden = self.embed(
            normal.reshape(mel.shape[0], -1, self.settings.stride * self.sound.bands)
        )  # (B, G, C)
        if voice is not None:
            hidden = self.encoder_voice(hidden, self._learned(voice))
        hidden = hidden.transpose(1, 2)  # (B, C, G)
        for block in self.encoder:
            hidden = block(hidden, mask)
        out: Tensor = self.narrow(self.norm_encoder(hidden.transpose(1, 2))).float()
        if self.codebooks is not None:
            # On a sphere the encoder cannot run away from its codebook, which would collapse.
            out = functional.normalize(out, dim=-1) * self.settings.width**0.5
        return out

    def codes_of(self, latents: Tensor) -> Tensor:
        """Codes (B, G, K) of latents (B, G, width)."""
        if self.levels is not None:
            return self.levels.encode(latents)[..., None]
        assert self.codebooks is not None
        return self.codebooks.encode(latents)

    def vectors_of(self, codes: Tensor) -> Tensor:
        """Vectors (B, G, width) of codes (B, G, k) of the first k codebooks."""
        if self.levels is not None:
            return self.levels.decode(codes[..., 0])
        assert self.codebooks is not None
        return self.codebooks.decode(codes)

    def frames_of(
        self, vectors: Tensor, mask: Tensor | None = None, voice: Tensor | None = None
    ) -> Tensor:
        """Mel (B, G * stride, bands) of vectors (B, G, width)."""
        hidden = self.widen(vectors).transpose(1, 2)  # (B, C, G)
        learned = None if voice is None else self._learned(voice)
        for number, block in enumerate(self.decoder):
            if learned is not None:
                told = self.decoder_voice[number](hidden.transpose(1, 2), learned)
                hidden = told.transpose(1, 2)
            hidden = block(hidden, mask)
        mel = self.out(self.norm_decoder(hidden.transpose(1, 2)))  # (B, G, stride * bands)
        mel = mel.reshape(mel.shape[0], -1, self.sound.bands)
        return (mel * _MEL_DEVIATION + self._centre(voice)).float()

    def _grouped(self, mel: Tensor) -> Tensor:
        """Mel with silence added to a multiple of the stride."""
        short = -mel.shape[1] % self.settings.stride
        return functional.pad(mel, (0, 0, 0, short), value=math.log(self.sound.floor))

    def _masks(self, mel: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The real frames (B, F) and codes (B, 1, G) of a batch."""
        stride = self.settings.stride
        groups = (lengths + stride - 1) // stride
        count = (mel.shape[1] + stride - 1) // stride
        return mask_of(lengths, mel.shape[1]), mask_of(groups, count)[:, None]

    @torch.inference_mode()
    def voices(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Whose voice each of mel (B, F, bands) of `lengths` (B,) is: (B, V) from -1 to 1."""
        if lengths is None:
            # Counted, and not read off the shape, which TorchScript would take for a constant.
            lengths = torch.ones_like(sound[..., 0]).sum(dim=1).long()
        return self.voice_of(sound, lengths)

    @torch.inference_mode()
    def encode(
        self, sound: Tensor, lengths: Tensor | None = None, voice: Tensor | None = None
    ) -> Tensor:
        """Codes (B, G, K) of mel (B, F, bands) of `lengths` (B,), as `Codec` says."""
        if voice is None and self.voice is not None:
            voice = self.voices(sound, lengths)
        if lengths is None:
            return self.encoded(self._grouped(sound), voice)
        frames, groups = self._masks(sound, lengths)
        quiet = math.log(self.sound.floor)
        mel = self._grouped(torch.where(frames[..., None], sound, quiet))
        codes = self.codes_of(self.latents_of(mel, groups.to(mel.dtype), voice))  # (B, G, K)
        return codes * groups.transpose(1, 2).to(codes.dtype)

    @torch.inference_mode()
    def render(self, codes: Tensor, voice: Tensor | None = None) -> Tensor:
        """Mel (B, G * stride, bands) of codes (B, G, k) of the first k codebooks."""
        return self.decoded(codes, voice)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """L1 and a touch of L2 on mel frames, the encoder's distance to its codes, phone, pitch."""
        assert batch.mel is not None and batch.frame_lengths is not None
        frames, groups = self._masks(batch.mel, batch.frame_lengths)
        quiet = math.log(self.sound.floor)
        spoken = batch.mel
        if self.training:
            spoken = disguised(batch.mel, self.settings.disguise, self.cepstra)
        mel = self._grouped(torch.where(frames[..., None], spoken, quiet))
        voice = self._learned_voice(mel, batch.frame_lengths) if self.voice is not None else None
        latents = self.latents_of(mel, groups.to(mel.dtype), voice)  # (B, G, width)
        real = groups[:, 0]  # (B, G)
        bounded = latents if self.levels is None else self.levels.bound(latents)
        # Which of many codes is nearest does not bear bfloat16.
        with torch.no_grad(), torch.autocast(mel.device.type, enabled=False):
            codes = self.codes_of(latents)
            coded = self._decoded_by_some(codes)
        vectors = straight_through(bounded, coded)
        made = self.frames_of(vectors, groups.to(mel.dtype), voice)
        difference = (made - mel)[:, : batch.mel.shape[1]]
        losses = {
            "mel": masked_mean(difference.abs(), frames),
            "square": masked_mean(difference.square(), frames),
            "commitment": masked_mean((bounded - coded).square(), real),
        }
        if self.settings.shape:
            losses["shape"] = self._shape_loss(difference, frames)
        if self.phone is not None:
            losses["phones"] = self._phone_loss(vectors, batch, groups)
        if self.listener is not None:
            losses |= self._heard_losses(self.listener, made, mel, batch, frames)
        if self.pitch is not None:
            losses |= self._pitch_losses(self.pitch, made, mel, batch)
        if self.training:
            with torch.autocast(mel.device.type, enabled=False):
                self._learn(latents.detach()[real], codes[real])
                centre, count = self._centre(voice), batch.mel.shape[1]
                recorded, decoded = ((each - centre)[:, :count][frames] for each in (mel, made))
                self.spread.learn(recorded, decoded, self.cepstra)
        return losses | self._use()

    def _decoded_by_some(self, codes: Tensor) -> Tensor:
        """Vectors (B, G, width) of codes (B, G, K), in learning now and then of the first few."""
        if not self.training or self.codebooks is None or self.settings.codebooks == 1:
            return self.vectors_of(codes)
        count = codes.shape[2]
        few = torch.randint(1, count, (len(codes),), device=codes.device)
        fewer = torch.rand(len(codes), device=codes.device) < self.settings.fewer
        added = self.codebooks.partial(codes)  # (B, G, K, width)
        return summed_first(added, torch.where(fewer, few, count))

    def _use(self) -> dict[str, Tensor]:
        """How evenly codes are chosen, and the share that is: of the codebook with the least."""
        if self.codebooks is None:
            counts = self.counts[None]
        else:
            counts = torch.stack([book.get_buffer("counts") for book in self.codebooks.each])
        shares = counts / counts.sum(dim=1, keepdim=True)  # (K, codes)
        entropy = -(shares * shares.clamp(min=1e-12).log()).sum(dim=1)
        used = counts >= _USED_LEAST * counts.mean(dim=1, keepdim=True)
        return {
            "_perplexity": entropy.exp().min(),
            "_use": used.float().mean(dim=1).min(),
        }

    def _learned_voice(self, mel: Tensor, lengths: Tensor) -> Tensor:
        """Whose voice it is (B, V); in learning, heard in a part of the utterance and shaken.

        So it says nothing of when something is said, and another utterance's does as well.
        """
        if not self.training:
            return self.voice_of(mel, lengths)
        share = _VOICE_LEAST + (1 - _VOICE_LEAST) * torch.rand(len(mel), device=mel.device)
        heard = (share * lengths).long().clamp(min=1)  # (B,)
        first = (torch.rand(len(mel), device=mel.device) * (lengths - heard + 1)).long()
        at = first[:, None] + torch.arange(mel.shape[1], device=mel.device)  # (B, F)
        at = at.clamp(max=mel.shape[1] - 1)[..., None].expand(-1, -1, mel.shape[2])
        voice = self.voice_of(mel.gather(1, at), heard)
        told = torch.rand(len(mel), 1, device=mel.device) >= _VOICE_UNTOLD
        learned, means = voice.split([self.settings.voice, CEPSTRA], dim=1)
        shaken = learned + _VOICE_NOISE * torch.randn_like(learned)
        return torch.cat([shaken, means], dim=1) * told

    def _shape_loss(self, difference: Tensor, frames: Tensor) -> Tensor:
        """L1 of the cepstra of a `difference` (B, F, bands), and of their change over frames.

        A mean over bands counts where each line of a voice lies; recognisers hear cepstra and
        their slopes (Furui 1986).
        """
        cepstra = self.cepstra.liftered(difference)  # (B, F, K)
        slope = cepstra[:, _SLOPE_FRAMES:] - cepstra[:, :-_SLOPE_FRAMES]
        return masked_mean(cepstra.abs(), frames) + masked_mean(
            slope.abs(), frames[:, _SLOPE_FRAMES:]
        )

    def _phone_loss(self, vectors: Tensor, batch: Batch, groups: Tensor) -> Tensor:
        """Cross-entropy of the phone in each code's first frame, told from it and its neighbours.

        What makes a mel right in the mean is not what makes it understood: a code that must
        also say which phone it is (as in SpeechTokenizer, Zhang et al. 2023, section 3.2) spends
        its bits on speech. Vectors (B, G, width), `groups` (B, 1, G).
        """
        assert self.phone is not None
        phones, known = self._phones(batch)
        stride = self.settings.stride
        told = self.phone((vectors * groups.transpose(1, 2).to(vectors.dtype)).transpose(1, 2))
        wrong = functional.cross_entropy(told, phones[:, ::stride], reduction="none")  # (B, G)
        return masked_mean(wrong, groups[:, 0] & known)

    def _phones(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The phone of every frame, (B, F), and which recordings are aligned, (B, 1)."""
        assert batch.durations is not None and batch.mel is not None
        owners = frame_owners(batch.durations, batch.mel.shape[1])
        return self.phone_of[batch.symbols.gather(1, owners)], batch.durations.any(1, keepdim=True)

    def _heard_losses(
        self, listener: FrameReader, made: Tensor, mel: Tensor, batch: Batch, frames: Tensor
    ) -> dict[str, Tensor]:
        """How wrongly a listener reads the recording's phones, and what it misses in decoded ones.

        What makes a phone is little of a mel. The listener learns from recordings that are
        aligned; of any, what it reads off `made` is held against what it reads off the `mel`
        that was coded. `frames` (B, F) are real.
        """
        count = frames.shape[1]
        phones, known = self._phones(batch)
        scores = listener(mel[:, :count]).log_softmax(-1)  # (B, F, phones)
        wrong = functional.nll_loss(scores.transpose(1, 2), phones, reduction="none")  # (B, F)
        return {
            "heard_read": masked_mean(wrong, frames & known),
            "heard": masked_mean(_missed(listener, made[:, :count], scores.detach()), frames),
        }

    def _pitch_losses(
        self, reader: PitchReader, made: Tensor, mel: Tensor, batch: Batch
    ) -> dict[str, Tensor]:
        """How wrongly a reader reads the recording's pitch, and what it misses in decoded frames.

        A pitch moves few bands by little, which a mean over all of them hardly sees. What
        is read off `made` is held against what is read off the `mel` that was coded, which
        may be disguised, where the recording is voiced.
        """
        assert batch.mel is not None and batch.pitch_hz is not None
        count = batch.mel.shape[1]
        with torch.no_grad():
            wanted = reader(mel[:, :count]).log_softmax(-1)  # (B, F, bins)
        missed = _missed(reader, made[:, :count], wanted)  # (B, F)
        return {
            "pitch_read": reader.scale.loss(reader(batch.mel), batch.pitch_hz),
            "pitch": masked_mean(missed, batch.pitch_hz > 0),
        }

    @torch.no_grad()
    def _learn(self, latents: Tensor, codes: Tensor) -> None:
        if self.codebooks is not None:
            # Where the encoder is frozen, what was coded before remains valid.
            if self.narrow.weight.requires_grad:
                self.codebooks.learn(latents)
        else:
            chosen = torch.bincount(codes[:, 0], minlength=len(self.counts)).to(self.counts.dtype)
            self.counts.lerp_(chosen, 1 - self.settings.decay)

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        weights: Mapping[str, float] = {
            "mel": 1.0,
            "square": 0.1,
            "shape": self.settings.shape,
            "phones": self.settings.phones,
            "heard": self.settings.heard,
            "heard_read": 1.0,
            "pitch": self.settings.pitch,
            "pitch_read": 1.0,
            "commitment": 0.0 if self.levels is not None else self.settings.commitment,
        }
        return [Turn("model", self.parameters, self.losses, weights)]


def _of_before(_: nn.Module, state: dict[str, Any], prefix: str, *__: object) -> None:
    """Make weights of an earlier intone today's.

    One codebook alone has the name that it has among several; how far cepstra spread is not known.
    """
    former = f"{prefix}codebook."
    for name in [name for name in state if name.startswith(former)]:
        state[f"{prefix}codebooks.each.0.{name.removeprefix(former)}"] = state.pop(name)
    for name, value in Spread().state_dict(prefix=f"{prefix}spread.").items():
        state.setdefault(name, value)


def _missed(reader: nn.Module, made: Tensor, wanted: Tensor) -> Tensor:
    """Kullback-Leibler divergence (B, F) of what is read off `made` from `wanted` log chances.

    The reader does not learn by it, only whoever made the frames.
    """
    frozen = {name: value.detach() for name, value in reader.named_parameters()}
    read = functional_call(reader, frozen, (made,)).log_softmax(-1)
    return (wanted.exp() * (wanted - read)).sum(-1)


FAMILY = Family(
    name="mel-vq",
    summary="mel frames to codes at half their rate, and back",
    settings=MelVqSettings,
    model=MelVq,
    presets={
        "tiny": {
            "codebook_size": 24,
            "width": 8,
            "channels": 32,
            "hidden": 48,
            "encoder_layers": 1,
            "layers": 1,
        },
        "laptop": {"dilations": (1, 2, 4)},
        "full": {
            "dilations": (1, 2, 4),
            "channels": 512,
            "hidden": 1536,
            "encoder_layers": 8,
            "layers": 10,
            "decay": 0.99,
        },
    },
)
