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


def has_recogniser(language: str) -> bool:
    """Whether a recogniser of `language` is installed."""
    from importlib.util import find_spec

    return language == "en" and find_spec("pocketsphinx") is not None
