"""The library eSpeak NG, which a process sets up once for all who use it.

Its calls change one state that is everybody's: whoever sets a voice holds `lock` until it has
spoken. Set up a second time with other options, it would forget the first ones.
"""

from __future__ import annotations

import ctypes
import itertools
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from intone.core.errors import MissingExtra, TextError

# Values of espeak-ng's speak_lib.h. In another mode it speaks in a thread of its own.
_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_IPA_EVENTS = 0x0002
_DO_NOT_EXIT = 0x8000

lock = threading.RLock()


class ListedVoice(ctypes.Structure):
    """What the library tells of a voice; each of its languages follows a byte of priority."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


@dataclass(frozen=True)
class EspeakLibrary:
    """The library's functions, the folder of its data, and the rate of its sound in Hz."""

    functions: Any
    data: Path
    sample_rate: int

    def listed(self) -> list[ListedVoice]:
        """The voices that it has."""
        with lock:
            found = self.functions.espeak_ListVoices(None)
            # A null pointer ends the list.
            numbers = itertools.takewhile(lambda n: found[n], itertools.count())
            return [found[number].contents for number in numbers]


def espeak_library() -> EspeakLibrary:
    """The library, ready: it speaks before it returns, and tells phones in IPA.

    Raises `MissingExtra` if it is not installed, `TextError` if it does not start.
    """
    # Two threads that ask at once must not both set it up.
    with lock:
        return _set_up()


@cache
def _set_up() -> EspeakLibrary:
    try:
        import espeakng_loader
    except ImportError:
        raise MissingExtra("espeakng_loader", "espeak", "eSpeak NG") from None
    data = Path(espeakng_loader.get_data_path())
    try:
        functions = ctypes.CDLL(espeakng_loader.get_library_path())
    except (OSError, RuntimeError) as error:
        raise TextError(
            f"the library eSpeak NG cannot be loaded ({error}); reinstall espeakng-loader"
        ) from None
    options = _PHONEME_EVENTS | _IPA_EVENTS | _DO_NOT_EXIT
    rate = functions.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), options)
    if rate <= 0:
        raise TextError(
            f"the library eSpeak NG does not start with its data in {data}; "
            "reinstall espeakng-loader"
        )
    functions.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(ListedVoice))
    functions.espeak_TextToPhonemes.restype = ctypes.c_char_p
    functions.espeak_TextToPhonemes.argtypes = [
        ctypes.POINTER(ctypes.c_void_p),
        ctypes.c_int,
        ctypes.c_int,
    ]
    return EspeakLibrary(functions, data, int(rate))
