"""When each word of a known text is said in a recording of any length.

The best path of the text's letters through the recogniser's ("Connectionist Temporal
Classification", Graves et al. 2006), kept to a band that follows it, so that memory grows with
the recording and not with its square. A recogniser marks letters, not silences: where a word
ends and the next begins follows from the loudness between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from intone.audio.loudness import frame_levels_dbfs, frame_samples
from intone.core.errors import CorpusError
from intone.core.types import Audio
from intone.evaluate.runaway import HeardWord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray
    from intone.evaluate.ctc import CTCRecogniser

BAND = 2_000
"""States that are followed at once: half a minute of text ahead and behind. An hour of sound
then takes 0.3 GB at most."""

_PAUSE_SECONDS = 0.06
_BELOW_SPEECH_DB = 25.0


def word_times(audio: Audio, text: str, recogniser: CTCRecogniser) -> list[HeardWord]:
    """The words of `text`, parted by spaces, and when `audio` says each.

    What has no letters, such as a dash, comes with the word before it. Raises `CorpusError` if
    the recording cannot say the text, or if there is no word in it.
    """
    words: list[str] = []
    letters: list[str] = []
    for written in text.split():
        own = recogniser.as_heard(written).replace(" ", "")
        if own or not words:
            words.append(written)
            letters.append(own)
        else:
            words[-1] += f" {written}"
    known = recogniser.letters
    labels = [known.index(letter) + 1 for letter in " ".join(letters)]
    if not any(letters):
        raise CorpusError("the text has no letters that could be looked for in the recording")
    scores = recogniser.scores(audio)  # (F, V)
    seconds = audio.seconds / len(scores) if len(scores) else 0.0
    first, last = best_path(scores, np.array(labels))
    found: list[HeardWord] = []
    at = 0
    for word, own in zip(words, letters, strict=True):
        place = min(at, len(labels) - 1)
        end = max(place, at + len(own) - 1)
        found.append(HeardWord(word, float(first[place] * seconds), float(last[end] * seconds)))
        at += len(own) + 1
    return _at_pauses(found, audio)


def best_path(
    scores: FloatArray, labels: NDArray[np.int64], band: int = BAND
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The frames (L) on which each label begins, and behind which it ends, on the best path.

    `scores` (F, V) are log probabilities, those of the blank first; `labels` (L) are of a text.
    Raises `CorpusError` if there are too few frames for it.
    """
    states = np.zeros(2 * len(labels) + 1, np.int64)
    states[1::2] = labels
    skips = np.zeros(len(states), bool)
    skips[3::2] = labels[1:] != labels[:-1]
    # Two impossible states in front stand for what lies before the first.
    total = np.full(len(states) + 2, -np.inf)
    total[2:4] = scores[0, states[:2]] if len(scores) else -np.inf
    moves: list[NDArray[np.int8]] = []
    lows: list[int] = []
    low = 0
    for frame in scores[1:]:
        high = min(len(states), low + band)
        own = total[low + 2 : high + 2]
        reach = np.stack(
            [
                own,
                total[low + 1 : high + 1],
                np.where(skips[low:high], total[low:high], -np.inf),
            ]
        )
        move = reach.argmax(axis=0)
        total[low + 2 : high + 2] = reach.max(axis=0) + frame[states[low:high]]
        moves.append(move.astype(np.int8))
        lows.append(low)
        middle = low + int(total[low + 2 : high + 2].argmax()) - band // 2
        moved = max(low, min(middle, len(states) - band))
        total[low + 2 : moved + 2] = -np.inf
        low = moved
    place = len(states) - 1 if total[-1] >= total[-2] else len(states) - 2
    if not np.isfinite(total[place + 2]):
        raise CorpusError(
            f"{len(labels)} letters cannot be said in {len(scores)} frames of sound; "
            "check that the transcription is of this recording"
        )
    path = np.empty(len(scores), np.int64)
    path[-1] = place
    for f in range(len(moves) - 1, -1, -1):
        place -= int(moves[f][place - lows[f]])
        path[f] = place
    begun = np.searchsorted(path, 2 * np.arange(len(labels)) + 1, side="left")
    ended = np.searchsorted(path, 2 * np.arange(len(labels)) + 1, side="right")
    return begun, ended


def _at_pauses(words: list[HeardWord], audio: Audio) -> list[HeardWord]:
    """`words` with ends and starts moved to the silence between them, or to one place.

    Where two words are not parted by a silence, the quietest place between them is both.
    """
    frame, step = frame_samples(audio.sample_rate)
    levels = frame_levels_dbfs(audio.samples, audio.sample_rate)
    hop = step / audio.sample_rate
    quiet = levels < np.percentile(levels, 90) - _BELOW_SPEECH_DB
    least = max(1, round(_PAUSE_SECONDS / hop))
    starts = [word.start_seconds for word in words]
    ends = [word.end_seconds for word in words]
    # Before the first word and behind the last there is silence, or what nobody wrote down.
    edges = [0.0, *ends], [*starts, audio.seconds]
    for i, (low, high) in enumerate(zip(*edges, strict=True)):
        a, b = int(low / hop), max(int(low / hop) + 1, int(high / hop))
        run = _longest(quiet[a:b])
        if run[1] - run[0] >= least:
            left, right = (a + run[0]) * hop, (a + run[1]) * hop
        elif 0 < i < len(words):
            left = right = (a + int(levels[a:b].argmin()) + 0.5) * hop if a < len(levels) else low
        else:
            continue
        if i > 0:
            ends[i - 1] = min(left, audio.seconds)
        if i < len(words):
            starts[i] = min(right, audio.seconds)
    return [HeardWord(w.text, a, max(a, b)) for w, a, b in zip(words, starts, ends, strict=True)]


def _longest(flags: NDArray[np.bool_]) -> tuple[int, int]:
    """The longest run of true flags as a half-open span; (0, 0) if none is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    spans = edges.reshape(-1, 2)
    if not len(spans):
        return 0, 0
    low, high = spans[(spans[:, 1] - spans[:, 0]).argmax()]
    return int(low), int(high)
