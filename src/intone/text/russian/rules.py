"""What is no plain word: every rule in the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Callable

from intone.text.russian import abbreviations, addresses, centuries, latin, numerals
from intone.text.russian.counting import cardinal, digits
from intone.text.russian.written import Item

Rule = Callable[[list[Item], int], bool]
"""Fills in what items[i], and those that belong to it, are spoken as; whether it did."""

_CYRILLIC = re.compile("[а-яёА-ЯЁ\u0300\u0301\u0341+'’-]+")
_RUNS = re.compile("\\d+|[a-z]+|[а-яё\u0300\u0301\u0341+]+", re.IGNORECASE)
_SIGNS = {
    "&": "и", "+": "плюс", "=": "равно", "№": "номер", "§": "параграф", "<": "меньше",
    ">": "больше", "%": "процент", "°": "градус", "@": "собака", "−": "минус", "~": "примерно",
    "×": "на", "≈": "примерно", "$": "доллар", "€": "евро", "₽": "рубль", "£": "фунт", "*": "",
}  # fmt: skip


def _abbreviation(items: list[Item], i: int) -> bool:
    """ул., т. е., г. Москва, км/ч: with a dot where the same letters are a word."""
    core, dotted = items[i].core, items[i].dotted
    low = core.lower()
    following = items[i + 1] if i + 1 < len(items) else None
    if dotted and len(low) <= 2 and following is not None and items[i].mark == " ":
        # т. е. and и т. д. come in two pieces where they are written with a space.
        both = f"{low}.{following.core.lower()}"
        if following.dotted and both in abbreviations.WITHOUT_DOT and core.islower():
            items[i].spoken = abbreviations.WITHOUT_DOT[both].split()
            following.spoken = []
            return True
        if low == "г" and core.islower() and following.core[:1].isupper():
            before = items[i - 1].core.lower() if i else ""
            items[i].spoken = ["городе" if before in ("в", "во", "о") else "город"]
            return True
        if low == "пр" and following.core[:1].isupper():
            items[i].spoken = ["проспект"]
            return True
        if low == "д" and core.islower() and following.core[:1].isdecimal():
            items[i].spoken = ["дом"]
            return True
        if low == "с" and core.islower() and following.core[:1].isdecimal():
            items[i].spoken = ["страница"]
            return True
    if low in ("г", "гг") and dotted and i and items[i - 1].core[-1:].isdecimal():
        items[i].spoken = ["год" if low == "г" else "годы"]
        return True
    name = abbreviations.WITHOUT_DOT.get(low)
    if name is None or (low in abbreviations.NEEDS_DOT and not dotted) or core.isupper():
        return False
    before = items[i - 1].core.lower() if i else ""
    placed = _IN_PLACE.get(low) if before in ("на", "в", "по") else None
    items[i].spoken = (placed or name).split()
    return True


_IN_PLACE = {"ул": "улице", "пл": "площади", "наб": "набережной", "обл": "области"}
"""What stands for a place behind на, в and по."""


def _initial(items: list[Item], i: int) -> bool:
    """А. С. Пушкин and А.С. Пушкин: the names of letters."""
    letters = items[i].core.split(".")
    if not items[i].dotted and len(letters) < 2:
        return False
    if not all(len(x) == 1 and x.isupper() and x.lower() in abbreviations.LETTERS for x in letters):
        return False
    items[i].spoken = [name for x in letters for name in abbreviations.spelt(x)]
    return True


def _word(items: list[Item], i: int) -> bool:
    """A word in Cyrillic, or an acronym."""
    core = items[i].core
    if not _CYRILLIC.fullmatch(core) or not any(map(str.isalpha, core)):
        return False
    if core.replace("-", "").isalpha() and abbreviations.is_spelt(core.replace("-", "")):
        items[i].spoken = [w for part in core.split("-") for w in abbreviations.acronym(part)]
        return True
    low = core.lower().replace("'", "").replace("’", "").strip("-")
    if not re.search("[аеёиоуыэюя]", low) and low not in _CONSONANTS:
        items[i].spoken = abbreviations.spelt(re.sub("[^а-яё]", "", low))
    else:
        items[i].spoken = [low] if low.strip("+-") else []
    return True


_CONSONANTS = frozenset("в к с ж б л ль".split())
"""Words without a vowel."""


def _latin(items: list[Item], i: int) -> bool:
    core = items[i].core
    if not all(c.isalpha() or c in "'’-" for c in core) or not re.search("[A-Za-zÀ-ɏ]", core):
        return False
    if re.search("[а-яё]", core, re.IGNORECASE):
        return False
    parts = [core] if latin.is_usual(core) else core.split("-")
    items[i].spoken = [word for part in parts for word in latin.said(part)]
    return True


def _sign(items: list[Item], i: int) -> bool:
    name = _SIGNS.get(items[i].core)
    if name is None:
        return False
    items[i].spoken = name.split()
    return True


def _mixture(items: list[Item], i: int) -> bool:
    """5G, А4, T-34, Wi-Fi6: runs of digits and of letters, one after the other."""
    spoken: list[str] = []
    for run in _RUNS.findall(items[i].core):
        if run.isdecimal():
            spoken += cardinal(int(run)) if len(run) < 7 and run[0] != "0" else digits(run)
        elif run.isascii():
            spoken += latin.spelt(run) if len(run) < 3 else latin.said(run)
        elif len(run) < 2 or run.isupper():
            spoken += abbreviations.spelt(re.sub("[^а-яё]", "", run.lower()))
        else:
            part = Item(run, run, " ", False)
            _word([part], 0)
            spoken += part.spoken or []
    items[i].spoken = spoken
    return True


RULES: tuple[Rule, ...] = (
    addresses.address,
    centuries.roman,
    numerals.number,
    _abbreviation,
    _initial,
    _word,
    _latin,
    _sign,
    _mixture,
)
