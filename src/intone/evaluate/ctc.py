"""`CTCRecogniser`: a small recogniser of our own, letters by connectionist temporal classification.

It was trained by `benchmarks/recogniser.py` and runs without torch ("Connectionist
Temporal Classification", Graves et al. 2006; read by the best path, section 3.2).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.core.errors import SettingsError
from intone.core.types import MEL_22K, Audio
from intone.evaluate.runaway import HeardWord
from intone.evaluate.spoken_form import spoken_form
from intone.evaluate.text import comparable

if TYPE_CHECKING:
    from intone.core.types import FloatArray

FOLDER = Path(__file__).with_name("recognisers")
LETTERS = {
    "en": " 'abcdefghijklmnopqrstuvwxyz",
    "ru": " абвгдежзийклмнопрстуфхцчшщъыьэюя",
}
"""What it hears in each language, the first at 1: 0 is the blank. ё is heard as е."""

_HEARD_FRAMES, _CONTEXT_FRAMES = 1_200, 96
"""Of a long sound so much is heard at once, and so much more on either side."""


def letters_of(text: str, language: str) -> str:
    """`text` as it would be heard: numbers in words, letters of `LETTERS`, single spaces."""
    known = LETTERS[language]
    plain = comparable(spoken_form(text, language)).replace("ё", "е")
    return " ".join("".join(c for c in plain if c in known).split())


def is_there(language: str) -> bool:
    """Whether the package has a recogniser of `language`."""
    return (FOLDER / f"{language}.onnx").is_file()


class CTCRecogniser:
    """Hears one language, from mels. Raises `SettingsError` if there is none for it."""

    def __init__(self, language: str = "ru") -> None:
        if not is_there(language):
            raise SettingsError(
                f"the package has no recogniser for {language!r}; "
                f"there is one for {', '.join(filter(is_there, LETTERS))}"
            )
        self.language = language
        self._session = _session(language)

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say; empty if none."""
        samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
        return self.read(mel_spectrogram(samples, MEL_22K))

    def as_heard(self, text: str) -> str:
        """`text` in words and letters, without ё and punctuation."""
        return letters_of(text, self.language)

    def hear_words(self, audio: Audio) -> list[HeardWord]:
        """The words of `hear`, and when each was said."""
        samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
        letters, places = self._letters(mel_spectrogram(samples, MEL_22K))
        words, start = [], 0
        for end in [i for i, letter in enumerate(letters) if letter == " "] + [len(letters)]:
            if end > start:
                begun, ended = places[start], places[end - 1]
                words.append(
                    HeardWord(letters[start:end], begun * audio.seconds, ended * audio.seconds)
                )
            start = end + 1
        return words

    @property
    def letters(self) -> str:
        """What it can hear; a letter's number is one more than its place here."""
        return LETTERS[self.language]

    def scores(self, audio: Audio) -> FloatArray:
        """Log probabilities (F, letters + 1) of a sound of any length, the blank's first.

        Long sounds are heard in overlapping parts.
        """
        samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
        mel = mel_spectrogram(samples, MEL_22K).astype(np.float32)
        parts = []
        for start in range(0, len(mel), _HEARD_FRAMES):
            low = max(0, start - _CONTEXT_FRAMES)
            some = mel[low : start + _HEARD_FRAMES + _CONTEXT_FRAMES]
            if len(some) < 4:
                break
            (scores,) = self._session.run(None, {"mels": some[None]})
            stride = round(len(some) / scores.shape[1])
            cut = (start - low) // stride
            parts.append(scores[0, cut : cut + _HEARD_FRAMES // stride])
        if not parts:
            return np.zeros((0, len(self.letters) + 1), np.float32)
        made = np.concatenate(parts)
        made -= made.max(axis=1, keepdims=True)
        logs: FloatArray = made - np.log(np.exp(made).sum(axis=1, keepdims=True))
        return logs

    def read(self, mel: FloatArray) -> str:
        """The words that mel frames (F, 80) seem to say."""
        return " ".join(self._letters(mel)[0].split())

    def _letters(self, mel: FloatArray) -> tuple[str, list[float]]:
        """The letters of the best path, and where each begins: 0 is the start, 1 the end."""
        if len(mel) < 4:
            return "", []
        (scores,) = self._session.run(None, {"mels": mel[None].astype(np.float32)})
        best = scores[0].argmax(-1)
        changes = [int(i) for i in np.flatnonzero(np.diff(best, prepend=-1)) if best[i]]
        letters = LETTERS[self.language]
        return "".join(letters[best[i] - 1] for i in changes), [i / len(best) for i in changes]


@lru_cache(maxsize=2)
def _session(language: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(FOLDER / f"{language}.onnx"), options, providers=["CPUExecutionProvider"]
    )
