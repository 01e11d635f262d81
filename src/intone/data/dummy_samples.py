"""Made-up `.pt` samples, to try a training before there is a corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from intone.core.errors import CorpusError
from intone.core.types import MEL_22K
from intone.data.sample_files import SUFFIX, Sample, is_sample_folder, write_sample

SYMBOLS, SPEAKERS, EMOTION = 30, 2, 8
_FRAMES = (4, 9)
"""The fewest and the most frames of a symbol."""


def create_dummy(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Write `count` samples to `folder`: each token id has a spectrum of its own.

    There is nothing to hear in them, but something to learn. Raises `CorpusError` if the folder
    holds samples already.
    """
    if is_sample_folder(folder):
        raise CorpusError(f"{folder} holds samples already; name an empty folder")
    source = np.random.default_rng(seed)
    at = np.linspace(0, np.pi, MEL_22K.bands)
    waves = np.cos(np.arange(1, 6)[:, None] * at)  # (5, bands)
    spectra = -5 + source.normal(size=(SYMBOLS, 5)) @ waves
    lifts = source.normal(size=(SPEAKERS, 1))
    made = []
    for number in range(count):
        ids = source.integers(SYMBOLS, size=source.integers(6, 16))
        owners = np.repeat(ids, source.integers(*_FRAMES, size=len(ids)))
        speaker = int(source.integers(SPEAKERS))
        mel = spectra[owners] + lifts[speaker] + 0.2 * source.normal(size=(len(owners), 1))
        feeling = source.normal(size=EMOTION).astype(np.float32)
        path = folder / f"sample_{number:05}{SUFFIX}"
        write_sample(path, Sample(ids, mel.astype(np.float32), str(speaker), feeling))
        made.append(path)
    return made
