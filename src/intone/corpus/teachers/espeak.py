"""eSpeak NG from `espeakng_loader`: about a hundred languages, with no system package.

Its sound is plain, but it is there wherever pip is; its phones are IPA.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from intone.core.errors import CorpusError, SettingsError
from intone.core.types import Audio, Phone
from intone.corpus.teachers._take import Take
from intone.text.espeak_library import EspeakLibrary, espeak_library, lock

if TYPE_CHECKING:
    from intone.core.types import FloatArray

PAUSE = "pau"
"""The phone of a silence, for which espeak has no name; Festival's and Flite's own."""

_SHORTEST_PAUSE_SECONDS = 0.04
_QUIET = 0.1
"""A pause has at most this share of the whole sound's amplitude."""

# Values of espeak-ng's speak_lib.h.
_UTF8 = 1
_POSITION_CHARACTER = 1
_EVENT_END_OF_LIST = 0
_EVENT_PHONEME = 7
_RATE, _PITCH, _RANGE = 1, 3, 4


@dataclass(frozen=True)
class Espeak:
    """The library eSpeak NG. Knows rate and pitch; one process holds one state of it.

    `rate` is in words a minute, `pitch` and `pitch_range` go from 0 to 99, 50 being its own.
    """

    usual: ClassVar[str] = "en-us"

    rate: int = 165
    pitch: int = 50
    pitch_range: int = 50

    def __post_init__(self) -> None:
        for name, low, high in (("rate", 80, 450), ("pitch", 0, 99), ("pitch_range", 0, 99)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(
                    f"espeak's {name} is {value}, but must lie from {low} to {high}"
                )

    def voices(self) -> list[str]:
        """Its languages: "en-us", "de", ...; "+f3" or "+m2" behind one is a manner of speaking."""
        return sorted(_loaded().files)

    def language(self, voice: str) -> str:
        """The language of a voice; "en" for all of English."""
        base = voice.partition("+")[0]
        return "en" if base.startswith("en-") else base

    def speak(self, voice: str, texts: Sequence[str]) -> list[Take]:
        """A take of each text; `CorpusError` if there is no such voice."""
        espeak = _loaded()
        base, _, variant = voice.partition("+")
        # The library takes an unknown variant for none.
        if variant and not (espeak.library.data / "voices" / "!v" / variant).is_file():
            known = sorted(path.name for path in (espeak.library.data / "voices" / "!v").iterdir())
            raise CorpusError(f"espeak has no variant {variant!r}; it has: {', '.join(known)}")
        # Not every language is known to the library by its own name: en-gb is the file gmw/en.
        file = espeak.files.get(base)
        name = f"{file}+{variant}" if variant else str(file)
        functions = espeak.library.functions
        with lock:
            if file is None or functions.espeak_SetVoiceByName(name.encode()) != 0:
                known = self.voices()
                raise CorpusError(f"espeak has no voice {base!r}; it has: {', '.join(known)}")
            for parameter, value in (
                (_RATE, self.rate),
                (_PITCH, self.pitch),
                (_RANGE, self.pitch_range),
            ):
                functions.espeak_SetParameter(parameter, value, 0)
            return [self._take(espeak, text) for text in texts]

    def _take(self, espeak: _Loaded, text: str) -> Take:
        text = " ".join(text.replace("\0", " ").split())
        if not text:
            return Take(None, problem="the text is empty")
        espeak.blocks.clear()
        espeak.starts.clear()
        encoded = text.encode()
        failed = espeak.library.functions.espeak_Synth(
            encoded, len(encoded) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None
        )
        if failed:
            return Take(None, problem=f"espeak failed with code {failed}")
        if not espeak.blocks or not espeak.starts:
            return Take(None, problem="espeak finds nothing to speak in the text")
        samples = np.concatenate(espeak.blocks).astype(np.float32) / np.float32(32_768)
        return Take(
            Audio(samples, espeak.library.sample_rate),
            phones_of(espeak.starts, samples, espeak.library.sample_rate),
        )


def phones_of(
    starts: Sequence[tuple[str, int]], samples: FloatArray, sample_rate: int
) -> tuple[Phone, ...]:
    """The phones with their ends, from espeak's (symbol, first sample) and its sound (T).

    A stretch without a symbol is a pause where it is silent, and otherwise belongs to the
    phone before, as a moment's silence within a word does. Pauses in a row become one; a
    phone that lasts no sample is left out.
    """
    length = len(samples)
    quiet = _QUIET * float(np.sqrt(np.mean(np.square(samples)))) if length else 0.0
    phones: list[Phone] = []
    followers = [sample for _, sample in starts[1:]] + [length]
    if starts and starts[0][1] > 0:
        phones.append(Phone(PAUSE, starts[0][1] / sample_rate))
    for (symbol, start), follower in zip(starts, followers, strict=True):
        end = min(follower, length)
        if end <= start:
            continue
        until = end / sample_rate
        if symbol or not phones:
            phones.append(Phone(symbol or PAUSE, until))
            continue
        silent = float(np.sqrt(np.mean(np.square(samples[start:end])))) <= quiet
        brief = end < length and end - start < _SHORTEST_PAUSE_SECONDS * sample_rate
        if silent and not brief and phones[-1].symbol != PAUSE:
            phones.append(Phone(PAUSE, until))
        else:
            phones[-1] = Phone(phones[-1].symbol, until)
    return tuple(phones)


class _Identity(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Loaded:
    """The library, and what it hands back while it speaks."""

    def __init__(self, library: EspeakLibrary) -> None:
        self.library = library
        self.blocks: list[np.ndarray[Any, np.dtype[np.int16]]] = []
        self.starts: list[tuple[str, int]] = []
        self.files: dict[str, str] = {}
        """The voice file of each language."""
        for voice in library.listed():
            language = ctypes.string_at(voice.languages + 1).decode()
            self.files.setdefault(language, voice.identifier.decode())
        # ctypes does not keep a callback alive; this object does.
        self._callback = _Callback(self._take)
        library.functions.espeak_SetSynthCallback(self._callback)

    def _take(self, block: Any, count: int, events: Any) -> int:
        if block and count > 0:
            self.blocks.append(np.ctypeslib.as_array(block, (count,)).copy())
        number = 0
        while (event := events[number]).type != _EVENT_END_OF_LIST:
            if event.type == _EVENT_PHONEME:
                self.starts.append((event.id.string.decode("utf-8", "ignore"), event.sample))
            number += 1
        return 0


@cache
def _loaded() -> _Loaded:
    return _Loaded(espeak_library())


TEACHER = Espeak
