"""`speech_span`: where the speech of a recording begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intone.audio.loudness import SILENCE_DBFS, frame_levels_dbfs, frame_samples
from intone.core.errors import AudioError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray

_SHORTEST_SECONDS = 0.03
"""Less than this above the threshold is a click, not speech."""
_SILENT_DBFS = -80.0
_ABOVE_FLOOR = 0.25
"""The threshold stays this share of the way from the noise floor up to the speech, in dB."""


def speech_span(
    samples: FloatArray,
    sample_rate: int,
    below_peak_db: float = 40.0,
    keep_seconds: float = 0.06,
) -> tuple[int, int]:
    """The half-open span (start, end) of samples (T) from the first speech to the last.

    Speech is what lies less than `below_peak_db` under the loudest frame and clearly
    above the noise floor; `keep_seconds` are kept on both sides. Raises `AudioError` if
    all is silent.
    """
    frame, step = frame_samples(sample_rate)
    level = frame_levels_dbfs(samples, sample_rate)
    # A single click must not set the scale: the loudest frame is that of the loudest 50 ms.
    loudest = float(np.sort(level)[max(0, len(level) - 5)]) if len(level) else SILENCE_DBFS
    if loudest <= _SILENT_DBFS:
        raise AudioError("the recording is silent from end to end; record it again or leave it out")
    floor = float(np.percentile(level, 5))
    threshold = loudest - below_peak_db
    if loudest - floor > 6:
        threshold = max(threshold, floor + _ABOVE_FLOOR * (loudest - floor))
    spans = _runs(level > threshold, round(_SHORTEST_SECONDS * sample_rate / step))
    if len(spans) == 0:
        return 0, len(samples)
    keep = round(keep_seconds * sample_rate)
    start = int(spans[0, 0]) * step - keep
    end = (int(spans[-1, 1]) - 1) * step + frame + keep
    return max(0, start), min(len(samples), end)


def _runs(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.intp]:
    """The half-open spans (N, 2) of at least `shortest` true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    spans = edges.reshape(-1, 2)
    return spans[spans[:, 1] - spans[:, 0] >= shortest]
