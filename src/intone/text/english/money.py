"""Amounts of money: $3.50, £2m, €1,000, ¥500, $5 million, 20 €, USD 5."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import cardinal, spoken_number
from intone.text.english.units import NUMBER

if TYPE_CHECKING:
    from intone.text.english.written import Item

_COINS = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
_BEFORE = {
    "": [],
    "US": ["u.", "s."],
    "A": ["australian"],
    "AU": ["australian"],
    "C": ["canadian"],
    "CA": ["canadian"],
    "NZ": ["new", "zealand"],
    "HK": ["hong", "kong"],
}
_CODES = {
    "USD": (["u.", "s."], "$"),
    "EUR": ([], "€"),
    "GBP": ([], "£"),
    "JPY": ([], "¥"),
    "CAD": (["canadian"], "$"),
    "AUD": (["australian"], "$"),
    "INR": ([], "₹"),
}
_SUFFIXES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million",
             "bn": "billion", "b": "billion", "B": "billion", "tn": "trillion"}  # fmt: skip
MAGNITUDES = frozenset(["hundred", "thousand", "million", "billion", "trillion"])
_PREFIXED = re.compile(
    rf"(-?)([A-Z]{{0,2}})([$£€¥₹])({NUMBER})(?:[-–][$£€¥₹]?({NUMBER}))?([A-Za-z]{{0,2}})"
)
_SUFFIXED = re.compile(rf"({NUMBER})([$£€¥₹])")
_CENTS = re.compile(r"(\d+)¢")


def amount(number: str, sign: str, before: list[str] | None = None) -> list[str]:
    """`number` of the currency `sign`: "3.50", "$" → three dollars and fifty cents."""
    one, many, coin, coins = _COINS[sign]
    whole, _, small = number.replace(",", "").partition(".")
    if len(small) == 2 and whole.lstrip("+-±").isdecimal() and len(whole) < 28 and sign != "¥":
        units, cents = int(whole.lstrip("+-±")), int(small)
        words = ["minus"] if whole.startswith("-") else []
        if units or not cents:
            words += [*cardinal(units), *(before or []), one if units == 1 else many]
        if cents:
            words += ["and"] if units else []
            words += [*cardinal(cents), coin if cents == 1 else coins]
        return words
    return [*spoken_number(number), *(before or []), one if number == "1" else many]


def with_sign(items: list[Item], i: int) -> bool:
    """A sign right before or after the digits, with the magnitude in the same or the next word."""
    core = items[i].core
    if match := _PREFIXED.fullmatch(core):
        minus, country, sign, number, upto, suffix = match.groups()
        if country not in _BEFORE or (suffix and suffix not in _SUFFIXES):
            return False
        before = _BEFORE[country]
        front = ["minus"] if minus else []
        if upto:
            front += [*spoken_number(number), "to"]
            number = upto
        if suffix:
            items[i].spoken = [
                *front, *spoken_number(number), _SUFFIXES[suffix], *before, _COINS[sign][1],
            ]  # fmt: skip
            return True
        return _finish(items, i, front, number, sign, before)
    if match := _SUFFIXED.fullmatch(core):
        return _finish(items, i, [], match[1], match[2], [])
    if match := _CENTS.fullmatch(core):
        items[i].spoken = [*spoken_number(match[1]), "cent" if match[1] == "1" else "cents"]
        return True
    return False


def _finish(
    items: list[Item], i: int, front: list[str], number: str, sign: str, before: list[str]
) -> bool:
    follows = items[i + 1] if i + 1 < len(items) and items[i].mark == " " else None
    word = follows.core if follows else ""
    magnitude = word.lower() if word.lower() in MAGNITUDES else _SUFFIXES.get(word)
    if follows is not None and magnitude and len(word) != 1:
        items[i].spoken = [*front, *spoken_number(number)]
        follows.spoken = [magnitude, *before, _COINS[sign][1]]
    else:
        items[i].spoken = [*front, *amount(number, sign, before)]
    return True


def with_code(items: list[Item], i: int) -> bool:
    """A currency code or a lone sign beside a number: USD 5, 5 EUR, 20 €."""
    core = items[i].core
    if core in _CODES:
        before, sign = _CODES[core]
    elif core in _COINS:
        before, sign = [], core
    else:
        return False
    number = re.compile(NUMBER)
    if i and items[i - 1].mark == " " and number.fullmatch(items[i - 1].core):
        one, many = _COINS[sign][:2]
        items[i].spoken = [*before, one if items[i - 1].core == "1" else many]
        return True
    if i + 1 < len(items) and items[i].mark == " " and number.fullmatch(items[i + 1].core):
        words = amount(items[i + 1].core, sign, before)
        # The code is written first but spoken last, so it shares the number's words.
        items[i].spoken = words[:1]
        items[i + 1].spoken = words[1:] or []
        return True
    return False
