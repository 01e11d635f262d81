"""Signs between and before words: &, +, =, #1, #hashtag, @name, and/or, C++, R&D."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import spoken_number
from intone.text.english.units import UNITS
from intone.text.english.words import identifier, letters, word

if TYPE_CHECKING:
    from intone.text.english.written import Item

_ALONE = {
    "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "×": "times",
    "÷": "divided by", "±": "plus or minus", "°": "degrees", "§": "section", "#": "number",
    "¶": "paragraph", "≈": "is about", "≠": "is not", "≤": "is at most", "≥": "is at least",
}  # fmt: skip
_IN_SUMS = {"-": "minus", "–": "minus", "<": "less than", ">": "greater than", "/": "divided by",
            "*": "times", "x": "times"}  # fmt: skip
_POWERS = {"^": "to the power of", "²": "squared", "³": "cubed"}
_NUMBERED = re.compile(r"#(\d[\d,]*)")
_CODED = re.compile(r"#[A-Z]{0,3}-?\d+(?:-\d+)*")
_SPLIT = re.compile(r"([&/+=@#×<>*^²³])")
_NAMED = re.compile(r"[#@][\w.-]+")


def lone_sign(items: list[Item], i: int) -> bool:
    """A sign as a word of its own; those of sums only between numbers."""
    core = items[i].core
    if core in _ALONE:
        items[i].spoken = _ALONE[core].split()
        return True
    between = core in _IN_SUMS and 0 < i < len(items) - 1
    if (
        between
        and _counts(items[i - 1].core[-1:], items[i - 1])
        and _counts(items[i + 1].core[:1], items[i + 1])
    ):
        items[i].spoken = _IN_SUMS[core].split()
        return True
    if core in _IN_SUMS and core != "x":
        items[i].spoken = []
        return True
    return False


def _counts(edge: str, item: Item) -> bool:
    """Whether a number, or a variable's letter, stands beside a sign of sums."""
    return edge.isdecimal() or (len(item.core) == 1 and item.core.isalpha())


def love(items: list[Item], i: int) -> bool:
    """I <3 you; <3."""
    if items[i].core != "<3":
        return False
    follows = items[i + 1].core if i + 1 < len(items) and items[i].mark == " " else ""
    if i and items[i - 1].core.lower() in _LOVERS:
        items[i].spoken = ["love"]
        return True
    if follows in UNITS or follows.endswith("s"):
        return False
    items[i].spoken = ["heart"]
    return True


_LOVERS = frozenset("i we you they".split())


def tagged(items: list[Item], i: int) -> bool:
    """#1 (number one), #hashtag, @name, C++, C#."""
    core = items[i].core
    if match := _NUMBERED.fullmatch(core):
        items[i].spoken = ["number", *spoken_number(match[1])]
    elif _CODED.fullmatch(core):
        parts = re.findall(r"[A-Z]+|\d+", core)
        named = (letters(part) if part.isalpha() else spoken_number(part) for part in parts)
        items[i].spoken = ["number", *(spoken for part in named for spoken in part)]
    elif _NAMED.fullmatch(core):
        items[i].spoken = ["hashtag" if core[0] == "#" else "at", *identifier(core[1:])]
    elif core.endswith("++"):
        items[i].spoken = [*word(core[:-2]), "plus", "plus"]
    elif core.endswith("#"):
        items[i].spoken = [*word(core[:-1]), "sharp"]
    else:
        return False
    return True


def joined(items: list[Item], i: int) -> bool:
    """Words around a sign in one: R&D, and/or, AT&T, rock+roll, a=b."""
    parts = _SPLIT.split(items[i].core)
    if len(parts) == 1:
        return False
    words: list[str] = []
    for part in parts:
        if part in ("/", "*", "<", ">", "#"):
            continue
        if part in _ALONE or part in _POWERS:
            words += (_ALONE.get(part) or _POWERS[part]).split()
        elif part.isupper() and part.isalpha() and ("&" in parts or len(part) == 1):
            words += letters(part)
        elif part:
            words += identifier(part)
    items[i].spoken = words
    return True
