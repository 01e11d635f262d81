"""Signs between and before words: &, +, =, #1, #hashtag, @name, and/or, C++, R&D."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import spoken_number
from intone.text.english.words import identifier, letters, word

if TYPE_CHECKING:
    from intone.text.english.written import Item

_ALONE = {
    "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "×": "times",
    "÷": "divided by", "±": "plus or minus", "°": "degrees", "§": "section", "#": "number",
}  # fmt: skip
_IN_SUMS = {"-": "minus", "–": "minus", "<": "less than", ">": "greater than", "/": "divided by",
            "*": "times", "x": "times"}  # fmt: skip
_POWERS = {"^": "to the power of", "²": "squared", "³": "cubed"}
_NUMBERED = re.compile(r"#(\d[\d,]*)")
_SPLIT = re.compile(r"([&/+=@#×<>*^²³])")
_NAMED = re.compile(r"[#@][\w.-]+")


def lone_sign(items: list[Item], i: int) -> bool:
    """A sign as a word of its own; those of sums only between numbers."""
    core = items[i].core
    if core in _ALONE:
        items[i].spoken = _ALONE[core].split()
        return True
    between = core in _IN_SUMS and 0 < i < len(items) - 1
    if between and items[i - 1].core[-1:].isdecimal() and items[i + 1].core[:1].isdecimal():
        items[i].spoken = _IN_SUMS[core].split()
        return True
    if core in _IN_SUMS and core != "x":
        items[i].spoken = []
        return True
    return False


def tagged(items: list[Item], i: int) -> bool:
    """#1 (number one), #hashtag, @name, C++, C#."""
    core = items[i].core
    if match := _NUMBERED.fullmatch(core):
        items[i].spoken = ["number", *spoken_number(match[1])]
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
        elif part.isupper() and part.isalpha() and "&" in parts:
            words += letters(part)
        elif part:
            words += identifier(part)
    items[i].spoken = words
    return True
