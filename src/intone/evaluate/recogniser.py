"""Recognisers: what was read, by somebody who has not seen the text."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import MissingExtra
from intone.core.types import Audio


class Recogniser(Protocol):
    """Hears speech in one language."""

    language: str

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say."""
        ...

    def as_heard(self, text: str) -> str:
        """`text` in the form that `hear` would give it if it was read without a mistake."""
        ...


class PocketSphinx:
    """CMU's small English recogniser; its model comes inside its wheel."""

    language = "en"

    def __init__(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError:
            raise MissingExtra("pocketsphinx", "eval", "recognising English") from None
        self._decoder: Any = Decoder(samprate=16_000, loglevel="FATAL", logfn=os.devnull)

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say; empty if none."""
        samples = resample(audio.samples, audio.sample_rate, 16_000)
        # A little silence on both sides, as the recogniser's model expects it.
        padded = np.pad(samples, 4_000)
        loudest = float(np.abs(padded).max())
        if loudest > 0:
            padded = padded * (0.5 / loudest)
        pcm = (padded * 32_767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return found.hypstr if found is not None else ""

    def as_heard(self, text: str) -> str:
        """`text` with its figures and signs in words; itself where it has neither."""
        if not any(c.isnumeric() or c in "$£€%°" for c in text):
            return text
        from intone.text.english.normalise import normalise

        words = [
            item.core if word.startswith("{") else word.removesuffix(".")
            for item in normalise(text)
            for word in item.spoken or []
        ]
        return " ".join(words)


def recogniser_of(language: str) -> Recogniser | None:
    """A recogniser of `language` ("en", "ru"), or None if none is installed."""
    from importlib.util import find_spec

    from intone.evaluate import ctc

    base = language.split("-")[0]
    if base == "en" and find_spec("pocketsphinx") is not None:
        return PocketSphinx()
    return ctc.CTCRecogniser(base) if ctc.is_there(base) else None
