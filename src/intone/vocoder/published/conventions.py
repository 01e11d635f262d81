"""What makes one mel spectrogram another, and the check that two of them are the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from intone.core.errors import FormatError
from intone.core.types import FrameFormat


@dataclass(frozen=True)
class MelConvention:
    """How a vocoder's mel was measured.

    `power` 1 is of magnitudes, 2 of their squares; `floor` is of what `logarithm` ("natural",
    "10" or "none") is taken. `scale` is "slaney" or "htk", `area` how a band is normalised
    ("slaney" or "none").
    """

    sample_rate: int = 22_050
    hop_samples: int = 256
    window_samples: int = 1_024
    fft_samples: int = 1_024
    bands: int = 80
    low_hz: float = 0.0
    high_hz: float = 8_000.0
    floor: float = 1e-5
    power: float = 1.0
    logarithm: str = "natural"
    scale: str = "slaney"
    area: str = "slaney"

    def format(self) -> FrameFormat:
        """The frames of this mel, as far as a `FrameFormat` can tell."""
        return FrameFormat(
            sample_rate=self.sample_rate,
            hop_samples=self.hop_samples,
            window_samples=self.window_samples,
            bands=self.bands,
            low_hz=self.low_hz,
            high_hz=self.high_hz,
            floor=self.floor,
        )


def convention_of(format: FrameFormat) -> MelConvention:
    """How the house measures frames of `format`."""
    return MelConvention(
        sample_rate=format.sample_rate,
        hop_samples=format.hop_samples,
        window_samples=format.window_samples,
        fft_samples=format.window_samples,
        bands=format.bands,
        low_hz=format.low_hz,
        high_hz=format.high_hz,
        floor=format.floor,
    )


def require_convention(theirs: MelConvention, format: FrameFormat, *, source: str) -> None:
    """Raise `FormatError`, naming every field that differs, unless `theirs` is our `format`."""
    if format.kind != "mel":
        raise FormatError(f"{source} renders mel frames, not {format.kind}; choose another vocoder")
    ours = asdict(convention_of(format))
    differing = [
        f"{name} is {value!r} there but {ours[name]!r} in the model"
        for name, value in asdict(theirs).items()
        if value != ours[name]
    ]
    if differing:
        raise FormatError(
            f"{source} renders another kind of mel than the model predicts: {'; '.join(differing)}"
        )
