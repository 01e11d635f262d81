"""What the rooms expect of each other: acoustic models, vocoders, codecs, frontends.

Protocols only; torch is named for the type checker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor, nn

    from intone.core.batch import Batch
    from intone.core.types import Audio, Controls, FrameFormat


@dataclass(frozen=True)
class Needs:
    """What a model wants to find in a `Batch` beside symbols, speaker and frames.

    With `durations`, utterances without an alignment are passed over; with
    `durations_where_known` they are kept, and their durations are 0.
    """

    durations: bool = False
    durations_where_known: bool = False
    pitch: bool = False
    energy: bool = False
    samples: bool = False
    codes: bool = False
    speaker_vector: bool = False
    reference: bool = False
    emotion: bool = False


@dataclass(frozen=True)
class CorpusFacts:
    """What a model is built for: the corpus' symbols, speakers and pitch and energy scales.

    `pitch_mean` and `pitch_deviation` are of log Hz over voiced frames, a number a
    speaker; `energy_mean` and `energy_deviation` likewise over all frames. `speaker_vectors`
    are a speaker encoder's, one a speaker, where a model needs them. `phones` and `stress`
    are a number a symbol: symbols that differ by stress only share the first. `emotions` are
    the names that can be asked for, `emotion_vectors` theirs, and `emotion_size` any's size.
    """

    symbols: int
    speakers: tuple[str, ...]
    format: FrameFormat
    pitch_mean: tuple[float, ...] = ()
    pitch_deviation: tuple[float, ...] = ()
    energy_mean: tuple[float, ...] = ()
    energy_deviation: tuple[float, ...] = ()
    optional_symbols: tuple[int, ...] = ()
    phones: tuple[int, ...] = ()
    stress: tuple[int, ...] = ()
    speaker_vectors: tuple[tuple[float, ...], ...] = ()
    emotions: tuple[str, ...] = ()
    emotion_vectors: tuple[tuple[float, ...], ...] = ()
    emotion_size: int = 0


@dataclass(frozen=True)
class Turn:
    """One optimiser's turn in a training step.

    `losses` is called with the batch and gives named scalars, which the loop weighs by
    `weights` (1 where none is given) and adds. Names that begin with "_" are logged only.
    While a turn runs, only its `parameters` take gradients.
    """

    name: str
    parameters: Callable[[], Iterable[nn.Parameter]]
    losses: Callable[[Batch], Mapping[str, Tensor]]
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Spoken:
    """What an acoustic model generates for a padded batch of texts.

    `frames` (B, F, C), `lengths` (B,), `durations` (B, S) frames of each symbol.
    """

    frames: Tensor
    lengths: Tensor
    durations: Tensor


class Acoustic(Protocol):
    """A model of symbols → frames; an `nn.Module` built from its settings and `CorpusFacts`."""

    format: FrameFormat
    needs: Needs

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Named scalar losses of a batch; the loop weighs and adds them."""
        ...

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        ...

    def generate(
        self,
        symbols: Tensor,  # (B, S)
        symbol_lengths: Tensor,  # (B,)
        speaker: Tensor,  # (B,)
        controls: Controls,
        generator: torch.Generator | None = None,
    ) -> Spoken:
        """Frames and durations of texts."""
        ...


@runtime_checkable
class TeacherForced(Protocol):
    """An acoustic model that can be told a recording's own durations, pitch and energy."""

    def forced(self, batch: Batch) -> Tensor:
        """Frames (B, F, C) as long as the batch's recordings; those behind an end mean nothing."""
        ...


class Vocoder(Protocol):
    """Mel frames → samples; an `nn.Module`."""

    format: FrameFormat

    def render(self, frames: Tensor) -> Tensor:
        """Samples (B, F * hop) of frames (B, F, C)."""
        ...


class Codec(Protocol):
    """Sound ↔ codes; an `nn.Module`.

    `format` is of the codes. `sound` is the format of what goes in and comes out: samples
    at `format.sample_rate` where it is None, else the mel frames that it describes, which
    need a vocoder to be heard. Codes of fewer codebooks than all decode as well: those of
    the first k, for any k from 1 up. Where `voice_size` is not 0, so many numbers from -1 to 1
    say whose voice it is, once an utterance, and the codec is a `VoicedCodec`.
    """

    format: FrameFormat
    sound: FrameFormat | None
    voice_size: int

    def encode(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Codes (B, F, K) of samples (B, T) or frames (B, F, C) of `lengths` (B,).

        A sound's codes do not depend on what it was padded with, and are 0 behind its end.
        """
        ...

    def render(self, codes: Tensor) -> Tensor:
        """Samples (B, F * hop), or frames (B, F * stride, C), of codes (B, F, k)."""
        ...


@runtime_checkable
class VoicedCodec(Protocol):
    """A `Codec` whose codes leave unsaid whose voice it is."""

    voice_size: int

    def voices(self, sound: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Whose voices (B, V) samples (B, T) or frames (B, F, C) of `lengths` (B,) are."""
        ...

    def encode(
        self, sound: Tensor, lengths: Tensor | None = None, voice: Tensor | None = None
    ) -> Tensor:
        """As `Codec.encode`, in `voice` (B, V), by default the sound's own."""
        ...

    def render(self, codes: Tensor, voice: Tensor | None = None) -> Tensor:
        """As `Codec.render`, in `voice` (B, V), or in nobody's."""
        ...


class Trainable(Protocol):
    """Anything the loop can train."""

    def turns(self) -> list[Turn]:
        """The turns of one step, in order."""
        ...


class Judge(Protocol):
    """Hears what a model says in validation and returns named figures, lower is better."""

    def __call__(self, spoken: list[Audio], texts: list[str]) -> dict[str, float]:
        """Figures over all sentences, such as {"cer": 0.061}."""
        ...


class Exportable(Protocol):
    """A model that can write itself as ONNX."""

    def export(self, folder: Path) -> None:
        """Write the graph files that `intone.speech` runs."""
        ...
