"""`EspeakFrontend`: IPA for about a hundred languages, by the library eSpeak NG.

The library is no part of the package: the extra `espeak` brings it. It drops punctuation
and joins words, so texts are cut at their marks here, and sounds are mapped back to words.
"""

from __future__ import annotations

import ctypes
import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from intone.core.errors import TextError
from intone.core.types import Symbols
from intone.text.espeak_library import espeak_library, lock
from intone.text.inventory import Inventory
from intone.text.layout import MARKS, SPACE, START, Layout, Written, written_words

STRESS = ("ˈ", "ˌ")
MODIFIERS = (
    *"ːˑʰʲʷˠˤⁿᵐᵑᵝˀ1234567",
    *(chr(int(code, 16)) for code in "303 324 325 329 32A 32F 331 339 33A 33B 31D 31E 30A 308 "
      "306 327 361 32C 330 320 31F".split()),
)  # fmt: skip
SEGMENTS = tuple(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏ"
    "ʐʑʒʔʕʘʙʛʜʝʟʡʢβθχᵻ"
)
INVENTORY = Inventory.of(optional=(START, SPACE, *MARKS, *STRESS, *MODIFIERS), lasting=SEGMENTS)
"""The IPA of every language alike: marks, stress, modifiers and tones, then segments."""

_SAME = str.maketrans({"g": "ɡ", "ε": "ɛ", "Φ": "ɸ", "ʦ": "ts", ":": "ː", "'": "ʲ", "S": "ʃ"})
_ALSO = {"en": "en-us", "zh": "cmn", "no": "nb", "iw": "he"}
_DATA_OF = {"nb": "no", "hyw": "hy", "ltg": "lv"}
_UTF8 = 1
_IPA = 0x02


class EspeakFrontend:
    """Speaks one language of `languages()` in IPA, a symbol a character.

    Marks of stress, length and tone are symbols of their own.
    """

    name = "espeak"

    def __init__(self, language: str, inventory: Inventory = INVENTORY) -> None:
        self.language = language
        self.inventory = inventory
        self._voice = _voice_of(language)

    def symbols(self, text: str) -> Symbols:
        """The symbols of `text`; `TextError` if nothing in it can be spoken."""
        layout = Layout()
        clause: list[Written] = []
        for written in written_words(text, self.language):
            clause.append(written)
            if written.mark != SPACE:
                self._speak(clause, layout)
                clause = []
        self._speak(clause, layout)
        return layout.symbols(self.inventory, text)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {
            "frontend": self.name,
            "language": self.language,
            "inventory": self.inventory.to_dict(),
        }

    def _speak(self, clause: Sequence[Written], layout: Layout) -> None:
        spoken = self._groups(" ".join(written.text for written in clause))
        if len(spoken) == len(clause):
            shares = [[group] for group in spoken]
        else:
            alone = [[c for group in self._groups(w.text) for c in group] for w in clause]
            shares = _shared_out(spoken, alone)
        for written, groups in zip(clause, shares, strict=True):
            layout.word(written.text)
            for group in groups:
                layout.speak(group)
            layout.separate(written.mark)

    def _groups(self, text: str) -> list[list[str]]:
        """The symbols of `text`, in the groups that the library sets apart."""
        ipa = unicodedata.normalize("NFD", phonemes(text, self._voice).translate(_SAME))
        known = self.inventory.index
        groups = [
            [c for c in group if c in known and c not in MARKS]
            for group in re.sub(r"\([a-z-]+\)", " ", ipa).split()
        ]
        return [group for group in groups if any(c in _SEGMENTS for c in group)]


_SEGMENTS = frozenset(SEGMENTS)


def _shared_out(
    spoken: Sequence[Sequence[str]], alone: Sequence[Sequence[str]]
) -> list[list[list[str]]]:
    """The groups of each word, when groups and words do not match one to one.

    `alone` is what each word sounds like by itself: where it ends in the whole is found by
    aligning the two.
    """
    whole = [c for group in spoken for c in group]
    apart = [c for word in alone for c in word]
    matcher = difflib.SequenceMatcher(None, apart, whole, autojunk=False)
    place = [0] * (len(apart) + 1)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        for a in range(a0, a1):
            step = a - a0
            place[a] = b0 + (step if tag == "equal" else step * (b1 - b0) // (a1 - a0))
    place[len(apart)] = len(whole)
    starts = {0}
    at = 0
    for group in spoken:
        at += len(group)
        starts.add(at)
    shares: list[list[list[str]]] = []
    a = end = 0
    for n, word in enumerate(alone):
        a += len(word)
        start = end
        end = len(whole) if n == len(alone) - 1 else max(start, place[a])
        # A symbol that modifies the one before stays with it.
        while end < len(whole) and end > start and whole[end] in MODIFIERS:
            end += 1
        cuts = [start, *(i for i in range(start + 1, end) if i in starts), end]
        parts = [whole[i:j] for i, j in zip(cuts, cuts[1:], strict=False)]
        shares.append([part for part in parts if any(c in _SEGMENTS for c in part)])
    return shares


def languages() -> dict[str, str]:
    """The languages that can be spoken: code → English name.

    Raises `MissingExtra` if the library is not installed.
    """
    return {code: name for code, (name, _) in _voices().items()}


@lru_cache(maxsize=1)
def _voices() -> dict[str, tuple[str, bytes]]:
    """The name of each language code, and the identifier of the voice that speaks it."""
    library = espeak_library()
    found: dict[str, tuple[str, bytes]] = {}
    for voice in library.listed():
        name = voice.name.decode("utf-8").strip()
        at = voice.languages
        # A priority of zero ends the list.
        while code := ctypes.string_at(at):
            at += len(code) + 1
            if not code[1:].startswith(b"variant") and _has_data(library.data, voice.identifier):
                found.setdefault(code[1:].decode("utf-8").lower(), (name, voice.identifier))
    return dict(sorted(found.items()))


def _has_data(data: Path, identifier: bytes) -> bool:
    """Whether the words of a language are installed, not only its sounds."""
    base = identifier.decode("utf-8").split("/")[-1].split("-")[0].lower()
    return (data / f"{_DATA_OF.get(base, base)}_dict").is_file()


def _voice_of(language: str) -> bytes:
    known = _voices()
    code = language.lower().replace("_", "-")
    code = _ALSO.get(code, code)
    if code in known:
        return known[code][1]
    by_name = {name.lower(): c for c, (name, _) in known.items()}
    near = difflib.get_close_matches(code, [*by_name, *known], n=3, cutoff=0.6)
    near = [by_name.get(found, found) for found in near]
    if len(code) > 3:
        near = [c for name, c in by_name.items() if name.startswith(code[:4])][:3] + near
    shown = ", ".join(f"{c!r} ({known[c][0]})" for c in dict.fromkeys(near[:3]))
    hint = f"did you mean {shown}?" if shown else "codes are such as 'de', 'fr', 'cmn'"
    raise TextError(f"eSpeak NG does not speak language {language!r}; {hint}")


def phonemes(text: str, voice: bytes) -> str:
    """The IPA of `text`, as the library writes it for the voice with that identifier."""
    buffer = ctypes.create_string_buffer(text.replace("\0", " ").encode("utf-8"))
    place = ctypes.c_void_p(ctypes.addressof(buffer))
    spoken: list[str] = []
    library = espeak_library().functions
    with lock:
        if library.espeak_SetVoiceByName(voice):
            raise TextError(f"eSpeak NG cannot load its voice {voice.decode()!r}; reinstall it")
        while place.value:
            part = library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA)
            spoken.append((part or b"").decode("utf-8", errors="replace"))
    return " ".join(spoken)


def build(language: str = "en-us") -> EspeakFrontend:
    """The frontend for `language`, a code of `languages()`."""
    return EspeakFrontend(language)


def from_state(state: Mapping[str, Any]) -> EspeakFrontend:
    """The frontend whose `state()` this is, with the inventory it had."""
    return EspeakFrontend(state["language"], Inventory.from_dict(state["inventory"]))
