"""The types that flow from a text or a recording to sound.

Shapes: B batch, S symbols, F frames, C channels, K codebooks, T samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]
    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Audio:
    """Mono sound: `samples` float32 (T) in -1..1, at `sample_rate` Hz."""

    samples: FloatArray
    sample_rate: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True)
class Phone:
    """One phone that a teacher spoke, and when it ended, in seconds from the start."""

    symbol: str
    end_seconds: float


@dataclass(frozen=True)
class Utterance:
    """One recording of a corpus, before preparation; its sound stays on disk until it is read."""

    id: str
    text: str
    audio_path: Path
    speaker: str
    language: str = "en"
    phones: tuple[Phone, ...] = ()


@dataclass(frozen=True)
class Word:
    """A word of a text and the half-open span of symbols that speak it."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Symbols:
    """What a frontend makes of a text: `ids` int64 (S), the `tokens` they stand for, the words."""

    ids: IntArray
    tokens: tuple[str, ...]
    words: tuple[Word, ...]

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class FrameFormat:
    """What one frame is. A model states the format it predicts, a vocoder the one it renders.

    `kind` is "mel" (float32 (F, bands), natural log floored at `floor`) or "codes"
    (int64 (F, codebooks), each below `codebook_size`). A mel frame is centred on its
    hop: T samples make T // hop_samples frames.
    """

    kind: str = "mel"
    sample_rate: int = 22_050
    hop_samples: int = 256
    window_samples: int = 1_024
    bands: int = 80
    low_hz: float = 0.0
    high_hz: float = 8_000.0
    floor: float = 1e-5
    codebooks: int = 0
    codebook_size: int = 0

    @property
    def frames_per_second(self) -> float:
        """Frames in one second of sound."""
        return self.sample_rate / self.hop_samples

    @property
    def channels(self) -> int:
        """Numbers in one frame: bands of a mel, codebooks of codes."""
        return self.bands if self.kind == "mel" else self.codebooks

    def require(self, other: FrameFormat, *, ours: str, theirs: str) -> None:
        """Raise `FormatError`, naming every field that differs, unless `other` is the same."""
        differing = [
            f"{name} is {mine!r} in {ours} but {yours!r} in {theirs}"
            for name, mine in vars(self).items()
            if (yours := getattr(other, name)) != mine
        ]
        if differing:
            raise FormatError(f"{ours} and {theirs} do not fit together: {'; '.join(differing)}")


def code_format(
    *, sample_rate: int, hop_samples: int, codebooks: int, codebook_size: int
) -> FrameFormat:
    """The format of codes: `codebooks` integers, each below `codebook_size`, every hop."""
    return FrameFormat(
        kind="codes",
        sample_rate=sample_rate,
        hop_samples=hop_samples,
        window_samples=hop_samples,
        bands=0,
        low_hz=0.0,
        high_hz=0.0,
        floor=0.0,
        codebooks=codebooks,
        codebook_size=codebook_size,
    )


MEL_22K = FrameFormat()
"""The convention of HiFi-GAN's published weights, and the house's own."""


@dataclass(frozen=True)
class Frames:
    """Frames and what they are: `values` (F, C) float32 mel or int64 codes."""

    values: Any
    format: FrameFormat


@dataclass(frozen=True)
class Conditions:
    """Who speaks and how: a speaker's name, a reference recording, an emotion."""

    speaker: str | None = None
    reference: Audio | None = None
    emotion: str | None = None


@dataclass(frozen=True)
class Controls:
    """What a listener may turn: factors of 1 leave the voice as it is.

    `speed` 1.25 speaks a quarter faster; `pitch` and `energy` are factors on the
    predicted fundamental and loudness; `temperature`, `top_p`, `steps` matter to
    families that sample; `seed` makes them repeatable.
    """

    speed: float = 1.0
    pitch: float = 1.0
    energy: float = 1.0
    temperature: float = 0.7
    top_p: float = 0.95
    steps: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        from intone.core.errors import SettingsError

        for name, low, high in (
            ("speed", 0.25, 4.0),
            ("pitch", 0.25, 4.0),
            ("energy", 0.1, 4.0),
            ("temperature", 0.0, 2.0),
            ("top_p", 0.01, 1.0),
            ("steps", 1, 64),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} is {value}, but must lie from {low:g} to {high:g}")


@dataclass(frozen=True)
class WordTime:
    """When a word of the text is spoken, in seconds from the start of the speech."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class Speech:
    """What a voice says: the sound, and the time of each word in it."""

    audio: Audio
    words: tuple[WordTime, ...] = field(default=())

    def shifted(self, seconds: float) -> Speech:
        """The same sound, with the words' times moved later by `seconds`."""
        return replace(
            self,
            words=tuple(
                WordTime(w.text, w.start_seconds + seconds, w.end_seconds + seconds)
                for w in self.words
            ),
        )
