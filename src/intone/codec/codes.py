"""`Codes`: what a codec made of one sound, and what it takes to hear it again. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from intone.core.errors import FormatError, SettingsError

if TYPE_CHECKING:
    from intone.core.types import Audio, FloatArray, FrameFormat, IntArray


LARGEST_VOICE = 1_024
"""Numbers that may say whose voice it is, beside codes."""


@dataclass(frozen=True)
class Codes:
    """`values` int64 (F, K) of a sound of `samples` samples at `format.sample_rate` Hz.

    `codec` names what made them and `fingerprint` its weights ("" where it has none): other
    weights make noise of them. `voice` float32 (V), from -1 to 1, says whose voice it is where
    the codec keeps that apart. Raises `FormatError` if the values do not fit the format.
    """

    values: IntArray
    format: FrameFormat
    samples: int
    codec: str
    fingerprint: str = ""
    voice: FloatArray | None = None

    def __post_init__(self) -> None:
        values, format = self.values, self.format
        if values.ndim != 2 or values.shape[1] != format.codebooks or format.codebooks < 1:
            raise FormatError(
                f"codes of shape {values.shape} are not of {format.codebooks} codebooks; "
                "give (frames, codebooks)"
            )
        if values.size and not (values.min() >= 0 and values.max() < format.codebook_size):
            raise FormatError(
                f"codes from {values.min()} to {values.max()} are not of codebooks of "
                f"{format.codebook_size}; choose the codec that made them"
            )
        most = len(values) * format.hop_samples
        if not most - format.hop_samples < self.samples <= most and (self.samples or len(values)):
            raise FormatError(
                f"{len(values)} frames of {format.hop_samples} samples cannot hold "
                f"{self.samples} samples"
            )
        if self.voice is not None and (
            self.voice.ndim != 1
            or len(self.voice) > LARGEST_VOICE
            or not np.all(np.abs(self.voice) <= 1)  # no number is no voice
        ):
            raise FormatError(
                "a voice beside codes must be a list of up to 1,024 numbers from -1 to 1"
            )

    @property
    def seconds(self) -> float:
        """Length of the sound in seconds."""
        return self.samples / self.format.sample_rate

    @property
    def bits_per_second(self) -> float:
        """What a second takes, in the fewest whole bits a code."""
        bits = bits_of(self.format.codebook_size)
        return self.format.frames_per_second * self.format.codebooks * bits

    def first(self, codebooks: int) -> Codes:
        """The same sound in its first codebooks alone; `SettingsError` if it has fewer."""
        require_codebooks(codebooks, self.format.codebooks)
        format = replace(self.format, codebooks=codebooks)
        return replace(self, values=self.values[:, :codebooks], format=format)

    def uses(self) -> list[float]:
        """The share of each codebook's codes that occur, K of them."""
        return uses_of([self.values], self.format.codebook_size)


class SoundCodec(Protocol):
    """A codec as people use it: sound in, codes out, and back; torch inside or not."""

    name: str
    format: FrameFormat
    sound: FrameFormat | None

    def encode(self, audio: Audio, codebooks: int | None = None) -> Codes:
        """The codes of a sound of any rate, in the first `codebooks` or all."""
        ...

    def encode_frames(self, frames: FloatArray) -> Codes:
        """The codes of mel frames (F, C); `FormatError` if the codec codes samples."""
        ...

    def render(self, codes: Codes) -> FloatArray:
        """Samples (T), or mel frames (F, C) where `sound` says so, of codes."""
        ...


def uses_of(values: Sequence[IntArray], codebook_size: int) -> list[float]:
    """The share of each codebook's codes that occur in any of `values`, each (F, K)."""
    together = np.concatenate(values)
    return [len(np.unique(column)) / codebook_size for column in together.T]


def bits_of(size: int) -> int:
    """Bits that a code below `size` takes."""
    return max(1, (size - 1).bit_length())


def require_codebooks(asked: int, there: int) -> None:
    """Raise `SettingsError` unless 1 to `there` codebooks are asked for."""
    if not 1 <= asked <= there:
        raise SettingsError(f"{asked} codebooks are asked for, but there are 1 to {there}")


def voice_beside(codes: Codes, size: int) -> FloatArray:
    """The voice (V,) of `codes` for a codec that keeps `size` numbers of one; nobody's is zeros.

    Raises `FormatError` if there are others than so many.
    """
    if codes.voice is None:
        return np.zeros(size, dtype=np.float32)
    if len(codes.voice) != size:
        raise FormatError(
            f"{len(codes.voice)} numbers say whose voice it is, but {codes.codec} keeps {size}"
        )
    return codes.voice


def require_fitting(codes: Codes, *, name: str, format: FrameFormat, fingerprint: str) -> None:
    """Raise `FormatError` if `codes` were made by another codec than `name` is.

    Fewer codebooks than the codec has fit; a fingerprint that either side lacks fits all.
    """
    require_codebooks(codes.format.codebooks, format.codebooks)
    same = replace(format, codebooks=codes.format.codebooks)
    codes.format.require(same, ours=f"codes made by {codes.codec}", theirs=f"the codec {name}")
    if codes.fingerprint and fingerprint and codes.fingerprint != fingerprint:
        raise FormatError(
            f"these codes were made by {codes.codec} with other weights than {name} has; "
            "decode them with the codec that made them"
        )
