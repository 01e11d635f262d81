from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.types import Audio


@pytest.fixture
def record() -> Callable[..., Path]:
    """Writes a second of buzz in syllables, with a little noise before and after."""

    def write(path: Path, seconds: float = 1.5, level: float = 0.3, seed: int = 0) -> Path:
        rate = 16_000
        t = np.arange(round(seconds * rate)) / rate
        inside = (t > 0.1) & (t < seconds - 0.1)
        buzz = np.sign(np.sin(2 * np.pi * (110 + seed) * t)) * (0.6 + 0.4 * np.cos(25 * t))
        noise = np.random.default_rng(seed).normal(0, 0.001, len(t))
        write_audio(path, Audio((level * buzz * inside + noise).astype("f4"), rate))
        return path

    return write
