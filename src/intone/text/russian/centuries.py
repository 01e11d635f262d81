"""Roman numerals in Russian: centuries, rulers, volumes."""

from __future__ import annotations

import re

from intone.text.russian.counting import cardinal, ordinal
from intone.text.russian.written import Item

_ROMAN = re.compile("M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LETTERS = frozenset("ХІСМ")
"""Cyrillic ones, which alone are initials or words."""
_LOOK_ALIKE = str.maketrans("ХІСМ", "XICM")
_CENTURY = {"век": "mn", "века": "mg", "веку": "md", "веком": "mi", "веке": "mp", "веков": "mg",
    "веках": "mp", "веками": "pi", "столетие": "nn", "столетия": "mg", "столетии": "mp",
    "тысячелетие": "nn", "тысячелетия": "mg", "тысячелетии": "mp"}  # fmt: skip
_IN = frozenset("в во о об на при".split())
_OF = frozenset("с до от после из около конца начала середины начале конце середине конец начало "
    "середина первой второй половины половине половина".split())  # fmt: skip
_KINGS = frozenset(
    "петр пётр павл александр людовик карл генрих георг иван фридрих вильгельм наполеон рамзес "
    "юстиниан филипп эдуард ричард яков фёдор федор иоанн павел лев франц иосиф якоб густав "
    "бенедикт франциск пий климент григорий оттон владимир константин".split()
)
_FEMININE = frozenset("глава часть серия война книга группа степень категория статья".split())
_NEUTER = frozenset("место издание".split())
_MASCULINE = frozenset("том раздел съезд класс курс тур этап сезон квартал период созыв".split())


def value_of(numeral: str) -> int:
    """The number of a Roman numeral in capitals; 0 if it is none."""
    plain = numeral.translate(_LOOK_ALIKE)
    if not plain or not _ROMAN.fullmatch(plain):
        return 0
    values = [_VALUES[c] for c in plain]
    return sum(
        -v if later is not None and v < later else v
        for v, later in zip(values, [*values[1:], None], strict=True)
    )


def roman(items: list[Item], i: int) -> bool:
    """XIX век, в XX в., Пётр I, глава IV, XVIII–XIX вв."""
    core = items[i].core
    if core in _LETTERS or (core in "CDLM" and items[i].dotted):
        return False
    parts = re.split("[-–—]", core)
    numbers = [value_of(part) for part in parts]
    if not all(numbers):
        return False
    before = items[i - 1] if i else None
    follows = items[i + 1] if i + 1 < len(items) and items[i].mark == " " else None
    low_before = before.core.lower() if before is not None else ""
    if follows is not None:
        noun = follows.core.lower()
        if noun in ("в", "вв") and follows.dotted:
            form, said = _short_century(low_before, noun == "вв")
            follows.spoken = [said]
        else:
            form = _CENTURY.get(noun, "")
        if form:
            items[i].spoken = [word for n in numbers for word in ordinal(n, form)]
            return True
    named = before is not None and before.core[:1].isupper() and before.mark == " "
    if len(numbers) > 1 or (core in ("I", "V", "X", "C", "D", "L", "M") and not named):
        if low_before in _FEMININE | _NEUTER | _MASCULINE and len(numbers) == 1:
            items[i].spoken = ordinal(numbers[0], _form_behind(low_before))
            return True
        if len(numbers) == 1:
            return False
        items[i].spoken = [word for n in numbers for word in cardinal(n)]
        return True
    if before is not None and (named or low_before in _FEMININE | _NEUTER | _MASCULINE):
        items[i].spoken = ordinal(numbers[0], _form_behind(low_before))
        return True
    if len(core) > 1:
        items[i].spoken = cardinal(numbers[0])
        return True
    return False


def _short_century(before: str, several: bool) -> tuple[str, str]:
    """The ordinal's form before "в." or "вв.", and what the abbreviation says."""
    if several:
        return ("mp", "веках") if before in _IN else ("mg", "веков")
    if before in _IN:
        return "mp", "веке"
    return ("mg", "века") if before in _OF else ("mn", "век")


def _form_behind(name: str) -> str:
    """The form of the ordinal behind a ruler's name or a noun, from its ending."""
    if name in _FEMININE:
        return "fn"
    if name in _NEUTER:
        return "nn"
    if name in _MASCULINE:
        return "mn"
    stem = name[:-1]
    if name.endswith(("а", "я")):
        is_genitive = stem in _KINGS or stem + "й" in ("николай", "алексей", "андрей", "григорий")
        return "mg" if is_genitive else "fn"
    if name.endswith(("ы", "и")):
        return "fg"
    if name.endswith(("ой", "ей")) and name not in ("андрей", "алексей"):
        return "fg"
    if name.endswith(("у", "ю")):
        return "md" if stem in _KINGS or stem + "й" in ("николай", "алексей") else "fa"
    if name.endswith(("ом", "ем", "ём")):
        return "mi"
    if name.endswith("е"):
        is_man = stem in _KINGS or stem + "й" in ("николай", "алексей", "андрей")
        return "mp" if is_man else "fg"
    return "mn"
