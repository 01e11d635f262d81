"""Recognisers: what was read, by somebody who has not seen the text."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import MissingExtra, SettingsError
from intone.core.types import Audio
from intone.evaluate.spoken_form import spoken_form


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
