"""What each frame is told of the text, from the durations of its symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray


def progress(durations: IntArray) -> tuple[IntArray, FloatArray]:
    """Each frame's symbol (F), and how far it is in it and how long that lasts (F, 2)."""
    owners = np.repeat(np.arange(len(durations)), durations)
    lasting = durations[owners].astype(np.float32)
    inside = np.arange(len(owners)) - (np.cumsum(durations) - durations)[owners]
    far = (inside.astype(np.float32) + np.float32(0.5)) / np.maximum(lasting, 1)
    return owners, np.stack([far, np.log1p(lasting) / np.float32(3)], axis=1)


def spread(hidden: FloatArray, durations: IntArray) -> FloatArray:
    """What each frame is told (F, C + 2): its symbol's vector (S, C), and `progress`."""
    owners, along = progress(durations)
    told: FloatArray = np.concatenate([hidden[owners], along], axis=1).astype(np.float32)
    return told
