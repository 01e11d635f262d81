"""`resample`: another sample rate, the same sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from intone.core.types import FloatArray


def resample(samples: FloatArray, from_hz: int, to_hz: int) -> FloatArray:
    """The samples (T) float32 at `to_hz`; the same array where the rates are equal."""
    if from_hz == to_hz:
        return samples
    import soxr

    result: FloatArray = np.asarray(
        soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32
    )
    return result
