"""Recognisers: what was read, by somebody who has not seen the text."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import MissingExtra, SettingsError
from intone.core.types import Audio
from intone.evaluate.runaway import HeardWord
from intone.evaluate.spoken_form import spoken_form

_RATE = 16_000
_PAD_SECONDS = 0.25
_FRAMES_PER_SECOND = 100


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
        self._decoder: Any = Decoder(samprate=_RATE, loglevel="FATAL", logfn=os.devnull)

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say; empty if none."""
        self._listen(audio)
        found = self._decoder.hyp()
        return found.hypstr if found is not None else ""

    def hear_words(self, audio: Audio) -> list[HeardWord]:
        """The words of `hear`, and when each was said."""
        self._listen(audio)
        if self._decoder.hyp() is None:
            return []
        return [
            # The second pronunciation of a word is called "word(2)"; "<sil>" and the like are none.
            HeardWord(
                segment.word.partition("(")[0],
                segment.start_frame / _FRAMES_PER_SECOND - _PAD_SECONDS,
                (segment.end_frame + 1) / _FRAMES_PER_SECOND - _PAD_SECONDS,
            )
            for segment in self._decoder.seg()
            if segment.word[0] not in "<["
        ]

    def _listen(self, audio: Audio) -> None:
        samples = resample(audio.samples, audio.sample_rate, _RATE)
        # A little silence on both sides, as the recogniser's model expects it.
        padded = np.pad(samples, int(_PAD_SECONDS * _RATE))
        loudest = float(np.abs(padded).max())
        if loudest > 0:
            padded = padded * (0.5 / loudest)
        pcm = (padded * 32_767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()

    def as_heard(self, text: str) -> str:
        """`text` with its figures and signs in words; itself where it has neither."""
        return spoken_form(text, self.language)


def usual_recogniser(language: str) -> str | None:
    """The name of what hears `language` ("en", "ru") here; None if nothing installed does."""
    from importlib.util import find_spec

    from intone.evaluate import ctc

    base = language.split("-")[0]
    if base == "en" and find_spec("pocketsphinx") is not None:
        return "pocketsphinx"
    return "ctc" if ctc.is_there(base) else None


def recogniser_of(language: str) -> Recogniser | None:
    """A recogniser of `language` ("en", "ru"), or None if none is installed."""
    name = usual_recogniser(language)
    return named_recogniser(name, language) if name else None


def named_recogniser(name: str, language: str) -> Recogniser:
    """The recogniser that `name` spells: pocketsphinx, ctc, whisper:MODEL or ctc:MODEL.

    MODEL is a name on the hub or a folder. Raises `SettingsError` for another spelling or a
    language that the recogniser does not hear, `MissingExtra` and `DownloadError`.
    """
    from intone.evaluate import ctc

    kind, _, model = name.partition(":")
    base = language.split("-")[0]
    if kind in ("whisper", "ctc") and model:
        from intone.evaluate.hub_recognisers import HubCTC, HubWhisper

        return HubWhisper(model, language) if kind == "whisper" else HubCTC(model, language)
    if name == "ctc":
        return ctc.CTCRecogniser(base)
    if name == "pocketsphinx":
        if base != PocketSphinx.language:
            raise SettingsError(f"pocketsphinx hears English, not {language!r}; take another")
        return PocketSphinx()
    raise SettingsError(
        f"there is no recogniser {name!r}; there are: pocketsphinx, ctc, whisper:MODEL and "
        "ctc:MODEL, where MODEL is a name on the hub or a folder"
    )
