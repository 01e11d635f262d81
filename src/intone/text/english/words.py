"""Written words of letters: hyphens, CamelCase, snake_case, acronyms, apostrophes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from intone.text.english.lexicon import known

if TYPE_CHECKING:
    from intone.text.english.written import Item

_SPELLED = frozenset(
    "US UK IT WHO AI ID TV PC UN EU CEO CFO CTO FBI CIA BBC CNN NBA NFL NHL MLB DNA RNA GPS USB "
    "CPU GPU URL HTML HTTP API SQL PDF DVD CD LED LCD ATM VIP FAQ DIY HIV IQ PR HR VAT GDP IPO MP "
    "PM AM FM AD BC BA MA MD DC LA NY TX IRS IBM MIT UCLA NYC UAE OS UI UX ML NLP TTS ASR KGB SMS "
    "SUV UFO VPN WWW XML CSS PHP PS BMW ABC NBC CBS HBO MTV EP LP DJ MC OK FYI LAX "
    "ISBN SSN BP EST EDT PST PDT CST CDT MST MDT GMT UTC CET BST".split()
)
_PIECES = re.compile(r"[A-Z]?[a-z]+(?:'[a-z]+)?|[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]|\d+|[,;:.]")
_INTERJECTIONS = {
    "hmm": "hm", "hm": "hm", "mm": "m", "mmm": "m", "shh": "sh", "shhh": "sh", "brr": "brrr",
    "pst": "psst", "tsk": "tisk", "ctrl": "control",
}  # fmt: skip
_SAID = {"iOS": "i. o. s.", "GIF": "gif", "GIFs": "gifs", "JPEG": "jay peg",
         "JPEGs": "jay pegs", "JSON": "jason", "GUI": "gooey", "GUIs": "gooeys"}  # fmt: skip
"""Acronyms that are words to those who use them."""
_UNSAYABLE = re.compile(
    r"^[^aeiouy]+$|[bcdfghjklmnpqrstvwxz]{5}|^(?![sc]h|[stp]r|s[cklmnpqtw]|[bcfgps]l|[bcdfgt]r|"
    r"th|wh|kn|wr|gn|ph|qu|sch|rh|ps|tw|dw|mc)[bcdfghjklmnpqrstvwxz]{2}|[aeiouy]{5}"
)


def letters(text: str) -> list[str]:
    """Each letter by its name: "b." is spoken as the name of the letter b."""
    return [letter.lower() + "." for letter in text if letter.isalpha()]


@lru_cache(maxsize=16_384)
def _word(text: str) -> tuple[str, ...]:
    low = text.lower()
    if low in _INTERJECTIONS:
        return (_INTERJECTIONS[low],)
    if text in _SAID:
        return tuple(_SAID[text].split())
    if len(text) == 1 and text.isupper() and text not in "AI":
        return (low + ".",)
    if not text.isupper() or len(text) == 1:
        if known(low):
            return (low,)
        if re.fullmatch(r"[A-Z]{2,}s", text):
            *front, last = letters(text[:-1])
            return (*front, last + "'s")
        if (text.islower() or text.istitle()) and not re.search("[aeiouy]", low):
            return tuple(letters(text)) if len(text) < 6 else (low,)
        return (low,)
    if text in _SPELLED:
        return tuple(letters(text))
    if known(low):
        return (low,)
    if len(text) <= 3 or (len(text) <= 6 and _UNSAYABLE.search(low)):
        return tuple(letters(text))
    return (low,)


def word(text: str) -> list[str]:
    """One run of letters as spoken: hello → hello, BBC → b. b. c., CPUs → c. p. u.'s."""
    return list(_word(text))


def identifier(text: str) -> list[str]:
    """The words of snake_case, CamelCase or a mixture with digits."""
    from intone.text.english.numbers import plain_words

    if text.isalpha():
        return compound(text)
    words: list[str] = []
    for piece in re.findall(r"[A-Za-z']+|\d+", text):
        words += plain_words(piece) if piece.isdecimal() else compound(piece)
    return words


def compound(text: str) -> list[str]:
    """A word of letters that may be in CamelCase."""
    bare = text.strip("'")
    if not bare:
        return []
    if bare.islower() or bare.istitle() or bare.isupper() or known(bare.lower()):
        return word(bare)
    words: list[str] = []
    for piece in _PIECES.findall(bare):
        words += word(piece)
    return words


def acronym(items: list[Item], i: int) -> bool:
    """A word in capitals among words that are not: US, NASA, BBC; else it is only loud."""
    core = items[i].core
    if not (core.isupper() and core.isalpha() and len(core) > 1):
        return False
    loud = any(
        0 <= j < len(items) and len(items[j].core) > 1 and items[j].core.isupper()
        and items[j].core.isalpha() and items[j].core not in _SPELLED
        for j in (i - 1, i + 1)
    )  # fmt: skip
    items[i].spoken = [core.lower()] if loud and known(core.lower()) else word(core)
    return True


def letters_only(items: list[Item], i: int) -> bool:
    """Any other word: with hyphens, apostrophes, underscores or marks inside."""
    core = items[i].core
    if core.isalpha():
        items[i].spoken = compound(core)
        return True
    low = core.lower()
    if known(low) and not core.isupper():
        items[i].spoken = [low]
        return True
    words: list[str] = []
    for part in re.split(r"[-–_]|([,;:!?.])", core):
        if not part:
            continue
        if part in ",;:!?.":
            if words:
                words.append(part)
        elif "'" in part:
            words += _with_apostrophe(part)
        else:
            words += identifier(part)
    while words and words[-1] in ",;:!?.":
        words.pop()
    items[i].spoken = words
    return True


def _with_apostrophe(text: str) -> list[str]:
    low = text.lower()
    if known(low):
        return [low]
    base, _, end = text.rpartition("'")
    if end.lower() in ("s", "ll", "d", "ve", "re", "m", "t", "") and base:
        words = _with_apostrophe(base) if "'" in base else compound(base)
        if words and end:
            words[-1] += "'" + end.lower()
        return words
    if known(low.strip("'")):
        return [low.strip("'")]
    words = []
    for part in text.split("'"):
        words += compound(part) if len(part) > 1 else [part.lower()] if part else []
    joined = "".join(words)
    return [joined] if len(words) == 2 and len(words[0]) == 1 else words
