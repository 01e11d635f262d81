"""A spectrogram as a small PNG, without a library for pictures."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.core.types import MEL_22K, Audio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray

_COLOURS = 48
_RANGE = 9.0
"""Natural logarithms below the loudest that are still told apart, some 78 dB."""

_MOST_COLUMNS = 640
_STOPS = (
    (8, 10, 30),
    (60, 24, 110),
    (168, 44, 108),
    (236, 110, 60),
    (252, 200, 90),
    (255, 252, 220),
)


def spectrogram_png(audio: Audio) -> bytes:
    """The mel of a sound: time to the right, frequency upwards, a pixel a frame and band."""
    samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
    mel = mel_spectrogram(np.pad(samples, (0, MEL_22K.hop_samples)), MEL_22K)
    together = -(-len(mel) // _MOST_COLUMNS)
    if together > 1:
        whole = len(mel) // together * together
        mel = mel[:whole].reshape(-1, together, mel.shape[1]).mean(1)
    return _png(_levels(mel.T[::-1]))


def _levels(values: FloatArray) -> NDArray[np.uint8]:
    """Values as colours' numbers; what is as loud as the loudest has the last one."""
    share = 1 - (values.max() - values) / _RANGE
    return np.asarray(np.clip(share, 0, 1) * (_COLOURS - 1), np.uint8)


def _png(levels: NDArray[np.uint8]) -> bytes:
    """A PNG of colours' numbers (rows, columns), by the palette (PNG, third edition, type 3)."""
    rows, columns = levels.shape
    at = np.linspace(0, len(_STOPS) - 1, _COLOURS)
    stops = np.asarray(_STOPS, np.float64)
    palette = np.stack([np.interp(at, np.arange(len(stops)), c) for c in stops.T], axis=1)
    # Each row begins with the number of its filter; 0 is none.
    lines = np.pad(levels, ((0, 0), (1, 0)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
