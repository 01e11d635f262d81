"""`energy`: how loud each frame of a mel is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from intone.core.types import FloatArray


def energy(mel: FloatArray) -> FloatArray:
    """The natural log of the L2 norm over bands of a log mel (F, bands): float32 (F).

    A function of the mel alone, so that a predicted mel can be measured too; doubling
    the amplitude of a sound adds log 2.
    """
    # With the loudest band taken out first, the exponentials cannot overflow.
    loudest = mel.max(axis=-1, keepdims=True)
    power = np.square(np.exp(mel - loudest)).sum(axis=-1)
    result: FloatArray = (loudest[:, 0] + 0.5 * np.log(power)).astype(np.float32)
    return result
