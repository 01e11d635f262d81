"""Other numbers in texts: ordinals, fractions, ranges, telephone numbers, versions, years."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import (
    as_ordinal,
    cardinal,
    digits,
    ordinal,
    plural,
    spoken_number,
    year,
)
from intone.text.english.units import IS_NUMBER, NUMBER

if TYPE_CHECKING:
    from intone.text.english.written import Item

_ORDINAL = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)", re.I)
_FRACTION = re.compile(r"(-?)(\d+[ -])?(\d{1,4})/(\d{1,4})(ths?|rds?)?")
_SIGNED_FRACTION = re.compile(r"(\d*)([½⅓⅔¼¾])")
_RANGE = re.compile(rf"({NUMBER})\s?[-–]\s?({NUMBER})(%?)")
_PHONE = re.compile(
    r"(?:\+?\d{1,3}[-.])?\(?\d{3}\)?[-.]\d{3}[-.]\d{4}|\d{3}-\d{4}|\d{3}-\d{2}-\d{4}|\d+(?:-\d+){3,}|1-\d{3}-\d{3}-\d{4}|\+\d{7,15}"
)
_VERSION = re.compile(r"v?\d+(?:\.\d+){2,}")
_NETWORK = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?:([:/])(\d{1,5}))?")
_RATIO = re.compile(r"(\d+):(\d+)")
_PRODUCT = re.compile(rf"({NUMBER})[x×]({NUMBER})")
_SIGNS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}
_YEAR_CUES = frozenset(
    "in since by until till from year before after around circa of during early late mid".split()
)
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|'s$|[^A-Za-z\d]")


def fraction_words(above: int, below: int) -> list[str]:
    """A fraction in words: 3, 4 → three quarters; 7, 3 → seven thirds; 1, 24 → one over …"""
    if above > below >= 20:
        return [*cardinal(above), "over", *cardinal(below)]
    if below == 2:
        name = "half"
    elif below == 4:
        name = "quarter"
    else:
        *front, last = cardinal(below)
        if front or below < 2:
            return [*cardinal(above), "over", *cardinal(below)]
        name = as_ordinal(last)
    if above != 1:
        name = "halves" if name == "half" else plural(name)
    return [*cardinal(above), name]


def fraction(items: list[Item], i: int) -> bool:
    """1/2, 2 1/2, 2½, 9/11, 24/7."""
    core = items[i].core
    if match := _SIGNED_FRACTION.fullmatch(core):
        above, below = _SIGNS[match[2]]
        whole = match[1]
    elif match := _FRACTION.fullmatch(core):
        above, below = int(match[3]), int(match[4])
        whole = (match[2] or "").strip(" -")
        if not match[5] and not whole and core in ("9/11", "24/7", "50/50", "20/20", "7/11"):
            items[i].spoken = [*cardinal(above), *cardinal(below)]
            return True
    else:
        return False
    follows_whole = (
        i > 0 and items[i - 1].mark == " " and items[i - 1].core.isdecimal() and above < below
    )
    words = fraction_words(above, below)
    if below in (5, 10, 20, 100) and not whole and _is_mark(items, i):
        words = [*cardinal(above), "out", "of", *cardinal(below)]
    if (whole or follows_whole) and above == 1:
        words[0] = "a"
    if whole:
        words = [*spoken_number(whole), "and", *words]
    elif follows_whole:
        words = ["and", *words]
    if core.startswith("-"):
        words = ["minus", *words]
    items[i].spoken = words
    return True


def _is_mark(items: list[Item], i: int) -> bool:
    """Whether 8/10 is what someone scored, and no fraction."""
    before = items[i - 1].core.lower() if i else ""
    follows = items[i + 1].core.lower() if i + 1 < len(items) and items[i].mark == " " else ""
    return before in _SCORING and follows != "of"


_SCORING = frozenset("got get score scored scores scoring rated rate rating a solid".split())


def telephone(items: list[Item], i: int) -> bool:
    """555-1234, (555) 123-4567, 1-800-555-0199, +15551234567: digit by digit, in groups."""
    core = items[i].core
    if items[i].opened and re.fullmatch(r"\d{3}", core) and i + 1 < len(items):
        if not re.fullmatch(r"\d{3}-\d{4}", items[i + 1].core):
            return False
        items[i].spoken = digits(core)
        items[i].mark = ","
        if i and items[i - 1].mark == ",":
            items[i - 1].mark = " "
        return True
    if not _PHONE.fullmatch(core):
        return core[0] in "0+" and _spaced_telephone(items, i)
    words: list[str] = ["plus"] if core[0] == "+" else []
    for n, group in enumerate(re.findall(r"\d+", core)):
        words += [*([","] if n else []), *digits(group)]
    items[i].spoken = words
    return True


def _spaced_telephone(items: list[Item], i: int) -> bool:
    """020 7946 0958: at least eight digits in groups, the first beginning with 0 or +."""
    end = i + 1
    while end < len(items) and items[end - 1].mark == " " and items[end].core.isdecimal():
        end += 1
    groups = [item.core for item in items[i:end]]
    if len(groups) < 2 or not groups[0].lstrip("+").isdecimal() or len("".join(groups)) < 8:
        return False
    for item in items[i:end]:
        item.spoken = (["plus"] if item.core[0] == "+" else []) + digits(item.core)
    return True


def number_range(items: list[Item], i: int) -> bool:
    """10-15, 5–10%: the first number, to, the second."""
    match = _RANGE.fullmatch(items[i].core)
    if match is None:
        return False
    first, second = match[1], match[2]
    if first.startswith("0") and len(first) > 1:
        return False
    unit = ["percent"] if match[3] else []
    items[i].spoken = [*spoken_number(first), "to", *spoken_number(second), *unit]
    return True


def ordinal_number(items: list[Item], i: int) -> bool:
    """5th, 21st, 1,000th."""
    match = _ORDINAL.fullmatch(items[i].core)
    if match is None or len(match[1]) > 27:
        return False
    items[i].spoken = ordinal(int(match[1].replace(",", "")))
    return True


def version(items: list[Item], i: int) -> bool:
    """1.2.3, v2.10.0: the numbers with "point" between."""
    core = items[i].core
    if not _VERSION.fullmatch(core):
        return False
    words: list[str] = ["version"] if core[0] == "v" else []
    for n, part in enumerate(core.lstrip("v").split(".")):
        words += [*(["point"] if n else []), *spoken_number(part)]
    items[i].spoken = words
    return True


def network_address(items: list[Item], i: int) -> bool:
    """192.168.0.1, 10.0.0.1:8080, 10.0.0.0/8: four numbers with "dot" between."""
    match = _NETWORK.fullmatch(items[i].core)
    if match is None or any(int(part) > 255 for part in match[1].split(".")):
        return False
    words: list[str] = []
    for part in match[1].split("."):
        words += [*(["dot"] if words else []), *spoken_number(part)]
    if match[2]:
        port = digits(match[3]) if match[2] == ":" else spoken_number(match[3])
        words += ["port" if match[2] == ":" else "slash", *port]
    items[i].spoken = words
    return True


def ratio(items: list[Item], i: int) -> bool:
    """3:2, 16:9, 1920x1080."""
    if match := _RATIO.fullmatch(items[i].core):
        items[i].spoken = [*spoken_number(match[1]), "to", *spoken_number(match[2])]
        return True
    if match := _PRODUCT.fullmatch(items[i].core):
        items[i].spoken = [*plain_words(match[1]), "by", *plain_words(match[2])]
        return True
    return False


def plain(items: list[Item], i: int) -> bool:
    """A number alone; four digits that look like a year are spoken as one."""
    core = items[i].core
    if not IS_NUMBER.fullmatch(core):
        return False
    if core in _DIALLED and _is_dialled(items, i):
        items[i].spoken = digits(core)
    elif len(core) == 4 and core.isdecimal() and not _counted(items, i):
        items[i].spoken = plain_words(core)
        cue = items[i - 1].core.lower() if i else ""
        if "1001" <= core <= "1099" and cue in _YEAR_CUES:
            items[i].spoken = year(int(core))
    else:
        items[i].spoken = spoken_number(core)
    return True


_DIALLED = frozenset("911 999 112 111 101 000 988 811 711 411 311 211".split())
_DIAL = frozenset("dial dialed dialled dialing dialling call called calling phone text".split())
_AFTER_DIALLED = frozenset("call calls caller callers operator operators dispatcher".split())


def _is_dialled(items: list[Item], i: int) -> bool:
    """Whether a short number is one that people call."""
    follows = items[i + 1].core.lower() if i + 1 < len(items) and items[i].mark == " " else ""
    before = items[i - 1].core.lower() if i else ""
    return follows in _AFTER_DIALLED or (before in _DIAL and not follows.endswith("s"))


def plain_words(number: str) -> list[str]:
    """A number of digits only: as a year where it looks like one, else as a cardinal."""
    if len(number) == 4 and number.isdecimal() and "1100" <= number <= "2099":
        return year(int(number))
    return spoken_number(number)


def _counted(items: list[Item], i: int) -> bool:
    """Whether a unit or an amount follows, so that a number of four digits is no year."""
    from intone.text.english.units import UNITS

    follows = items[i + 1].core if i + 1 < len(items) and items[i].mark == " " else ""
    return follows in UNITS or follows.lower() in _COUNTABLE


_COUNTABLE = frozenset(
    "people percent dollars euros pounds miles kilometers kilometres meters metres feet years days "
    "hours minutes words pages times points votes students men women soldiers".split()
)


def mixture(items: list[Item], i: int) -> bool:
    """Letters and digits in one word: B2B, MP3, COVID-19, A4, iPhone15, H2O."""
    core = items[i].core
    if not any(map(str.isdecimal, core)):
        return False
    words: list[str] = []
    if "-" in core or "–" in core:
        pieces = re.split("[-–]", core)
        if any(_DECADE.fullmatch(piece) for piece in pieces):
            for piece in pieces:
                words += _decade_or_word(piece)
            items[i].spoken = words
            return True
    for part in _LETTERS_AND_DIGITS.findall(core):
        if part[0].isdecimal():
            words += plain_words(part)
        elif part == "'s" and words:
            words[-1] += "'s"
        elif part == "s" and words and core.endswith("s") and core[-2].isdecimal():
            words[-1] = plural(words[-1])
        elif part.isalpha():
            words += letters_or_word(part)
        elif part in _SIGN_NAMES:
            words += _SIGN_NAMES[part]
        elif part in ",;:" and words:
            words.append(part)
    items[i].spoken = words
    return True


_SIGN_NAMES = {
    "+": ["plus"], "=": ["equals"], "&": ["and"], "%": ["percent"], "@": ["at"], "×": ["times"],
    "°": ["degrees"], "÷": ["divided", "by"], "#": ["number"], "½": ["and", "a", "half"],
    "§": ["section"], "¶": ["paragraph"],
    "²": ["squared"], "³": ["cubed"], "^": ["to", "the", "power", "of"],
    "¼": ["and", "a", "quarter"], "¾": ["and", "three", "quarters"],
}  # fmt: skip


_DECADE = re.compile(r"\d{2}(?:\d{2})?s")


def _decade_or_word(piece: str) -> list[str]:
    if _DECADE.fullmatch(piece):
        *front, last = plain_words(piece[:-1])
        return [*front, plural(last)]
    return spoken_number(piece) if piece.isdecimal() else [piece.lower()] if piece.isalpha() else []


def letters_or_word(part: str) -> list[str]:
    """Letters beside digits: capitals and short runs are spelled, words stay words."""
    if len(part) == 1 or (part.isupper() and len(part) <= 4 and not part.startswith("COVI")):
        return [letter.lower() + "." for letter in part]
    return [part.lower()]
