"""Is the asked style heard? Pitch, its range and the rate of speech, against a teacher's.

The teacher is eSpeak NG with the styles of `recipes/emotional_corpus.py`. A style's centroid
is the mean of what its recordings measure, in the spread that recordings of one style have;
speech is of the style whose centroid is nearest.
"""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from intone.audio.pitch import pitch_hz
from intone.audio.resampling import resample
from intone.core.types import MEL_22K, Audio
from intone.corpus.teachers.espeak import Espeak
from intone.evaluate.text import comparable

RECIPE = Path(__file__).parents[1] / "recipes" / "emotional_corpus.py"
MEASURED = ("pitch_semitones", "range_semitones", "letters_a_second")


@dataclass(frozen=True)
class Case:
    """A sentence that is to be said by a voice in a style."""

    text: str
    speaker: str
    style: str


def styles() -> tuple[Mapping[str, Any], Sequence[str]]:
    """The styles of the corpus, and eSpeak's voices that speak them."""
    recipe = runpy.run_path(str(RECIPE), run_name="emotional_corpus")
    return recipe["STYLES"], recipe["VOICES"]


def cases_of(texts: Sequence[str]) -> list[Case]:
    """A case of each text; styles and voices take turns, so that each meets each."""
    known, voices = styles()
    names = list(known)
    return [
        Case(text, voices[number // len(names) % len(voices)], names[number % len(names)])
        for number, text in enumerate(texts)
    ]


def taught(cases: Sequence[Case]) -> list[Audio]:
    """The cases by the teacher."""
    known, _ = styles()
    made = []
    for case in cases:
        style = known[case.style]
        (take,) = Espeak(style.rate, style.pitch, style.pitch_range).speak(
            case.speaker, [case.text]
        )
        assert take.audio is not None, take.problem
        made.append(take.audio)
    return made


def measured(audio: Audio, text: str) -> list[float]:
    """The figures of `MEASURED`; speech without any pitch measures zeros.

    The range lies between the 10th and the 90th percentile, and the rate is taken from the
    first voiced frame to the last, since silence around speech says nothing of it.
    """
    samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
    hertz = pitch_hz(samples, MEL_22K)
    voiced = np.flatnonzero(hertz > 0)
    if len(voiced) < 2:
        return [0.0, 0.0, 0.0]
    semitones = 12 * np.log2(hertz[voiced])
    low, middle, high = np.percentile(semitones, (10, 50, 90))
    seconds = (voiced[-1] - voiced[0]) / MEL_22K.frames_per_second
    letters = len(comparable(text).replace(" ", ""))
    return [float(middle), float(high - low), letters / float(seconds)]


class Nearest:
    """Tells the style of speech from the teacher's recordings of `cases`, by voice."""

    def __init__(self, cases: Sequence[Case]) -> None:
        found = np.array(
            [measured(a, c.text) for a, c in zip(taught(cases), cases, strict=True)]
        )  # (N, 3)
        kinds = [(case.speaker, case.style) for case in cases]
        self.centroids = {
            kind: found[[i for i, k in enumerate(kinds) if k == kind]].mean(axis=0)
            for kind in dict.fromkeys(kinds)
        }
        apart = found - np.array([self.centroids[kind] for kind in kinds])
        self.spread = apart.std(axis=0)

    def style(self, speaker: str, figures: Sequence[float]) -> str:
        """The style of what a speaker said, by its three figures."""
        return self._nearest(speaker, figures, slice(None))

    def _nearest(self, speaker: str, figures: Sequence[float], which: slice) -> str:
        """As `style`, by some of the figures."""
        own = {style: c for (who, style), c in self.centroids.items() if who == speaker}
        far = {
            s: float(np.linalg.norm(((figures - c) / self.spread)[which])) for s, c in own.items()
        }
        return min(far, key=far.__getitem__)

    def row(self, spoken: Sequence[Audio], cases: Sequence[Case]) -> dict[str, Any]:
        """How many cases are told right, what was taken for what, what each style measures."""
        found = [measured(a, c.text) for a, c in zip(spoken, cases, strict=True)]
        told = [self.style(c.speaker, f) for c, f in zip(cases, found, strict=True)]
        names = list(dict.fromkeys(case.style for case in cases))
        taken = {
            asked: {
                heard: sum(
                    c.style == asked and t == heard for c, t in zip(cases, told, strict=True)
                )
                for heard in names
            }
            for asked in names
        }
        means = {
            asked: np.mean(
                [f for f, c in zip(found, cases, strict=True) if c.style == asked], axis=0
            )
            for asked in names
        }
        return {
            "cases": len(cases),
            "told_right": sum(taken[name][name] for name in names),
            "told_right_by_one": {
                kind: sum(
                    self._nearest(c.speaker, f, slice(number, number + 1)) == c.style
                    for c, f in zip(cases, found, strict=True)
                )
                for number, kind in enumerate(MEASURED)
            },
            "taken_for": taken,
            "means": {
                name: {k: round(float(v), 2) for k, v in zip(MEASURED, mean, strict=True)}
                for name, mean in means.items()
            },
        }
