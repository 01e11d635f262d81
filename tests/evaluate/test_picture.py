"""A spectrogram's picture shows what sounds, where it sounds."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from intone.core.types import Audio
from intone.evaluate.picture import spectrogram_png


def brightness(audio: Audio) -> np.ndarray:
    """The picture as grey values (rows, columns), row 0 at the top."""
    picture = Image.open(io.BytesIO(spectrogram_png(audio)))
    return np.asarray(picture.convert("L"), np.float64)


def test_a_high_tone_after_a_low_one() -> None:
    time = np.arange(22_050) / 22_050
    low, high = (0.3 * np.sin(2 * np.pi * hz * time) for hz in (300, 5_000))
    seen = brightness(Audio(np.concatenate([low, high]).astype(np.float32), 22_050))
    rows, columns = seen.shape
    assert rows == 80
    assert columns == pytest.approx(2 * 22_050 / 256, abs=2)
    assert seen[:, columns // 4].argmax() > 60
    assert seen[:, 3 * columns // 4].argmax() < 20


def test_silence_and_a_click_and_a_long_sound_have_pictures() -> None:
    assert brightness(Audio(np.zeros(100, np.float32), 16_000)).shape[1] >= 1
    long = np.random.default_rng(0).normal(0, 0.1, 22_050 * 20).astype(np.float32)
    picture = spectrogram_png(Audio(long, 22_050))
    assert brightness(Audio(long, 22_050)).shape[1] <= 640
    assert len(picture) < 60_000
