"""Abbreviations and initials: Dr., St. (saint or street), e.g., No. 5, U.S.A., J. R. R. Tolkien."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intone.text.english.written import Item

# Said in full with or without the full stop.
_ALWAYS = {
    "mr": "mister", "mrs": "mrs", "ms": "ms", "messrs": "messers", "prof": "professor",
    "vs": "versus", "etc": "et cetera", "ltd": "limited", "inc": "incorporated",
    "corp": "corporation", "approx": "approximately", "dept": "department", "ave": "avenue",
    "blvd": "boulevard", "sgt": "sergeant", "lt": "lieutenant", "capt": "captain",
    "jr": "junior", "sr": "senior", "govt": "government", "assn": "association",
    "bros": "brothers", "hwy": "highway", "cmdr": "commander", "cpl": "corporal",
    "e.g": "for example", "i.e": "that is", "a.k.a": "also known as", "aka": "also known as",
    "c/o": "care of",
    "w/": "with", "w/o": "without", "b/c": "because", "n.b": "note well", "asap": "a. s. a. p.",
    "p.s": "p. s.", "ph.d": "p. h. d.", "phd": "p. h. d.",
}  # fmt: skip
# Said in full only with the full stop.
_DOTTED = {
    "rev": "reverend", "gen": "general", "sen": "senator", "rep": "representative",
    "gov": "governor", "col": "colonel", "maj": "major", "hon": "honorable", "pres": "president",
    "co": "company", "rd": "road", "ln": "lane", "mt": "mount", "est": "established",
    "cf": "compare", "viz": "namely", "misc": "miscellaneous", "ext": "extension",
    "tel": "telephone", "max": "maximum", "min": "minimum", "ca": "circa", "sq": "square",
    "dist": "district", "univ": "university", "tech": "technology", "mgr": "manager",
}  # fmt: skip
# Said in full only right before a number.
_BEFORE_NUMBER = {
    "no": "number", "nos": "numbers", "fig": "figure", "figs": "figures", "vol": "volume",
    "vols": "volumes", "pp": "pages", "p": "page", "ch": "chapter", "sec": "section",
    "eq": "equation", "apt": "apartment", "rm": "room", "ste": "suite", "art": "article",
    "op": "opus", "ver": "version", "v": "versus", "pg": "page",
}  # fmt: skip
_BY_CONTEXT = frozenset(["st", "dr", "ft"])
_MONTHS_AND_DAYS = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat "
    "sun".split()
)
_MEASURES = frozenset("in oz lb lbs hr hrs min mins sec secs mi yd yds gal qt pt tsp tbsp".split())
ALSO_WORDS = frozenset(
    "i no in co sec gen art max rep est sat sun mar jan fig min a mon wed".split()
)
"""Abbreviations whose letters are also words, so that a full stop at an end is just that."""

_LETTERS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z](?:'s)?")


def abbreviates(core: str) -> bool:
    """Whether a full stop right after `core` may belong to it: Dr, etc, J, U.S."""
    low = core.lower()
    return (
        (len(core) == 1 and core.isupper())
        or low in _ALWAYS
        or low in _DOTTED
        or low in _BEFORE_NUMBER
        or low in _BY_CONTEXT
        or low in _MONTHS_AND_DAYS
        or low in _MEASURES
        or _LETTERS.fullmatch(core) is not None
    )


def abbreviation(items: list[Item], i: int) -> bool:
    """An abbreviation of the tables, said in full."""
    item = items[i]
    low = item.core.lower()
    follows = items[i + 1].core if i + 1 < len(items) and item.mark == " " else ""
    if low in _BY_CONTEXT:
        return _by_context(items, i, follows)
    if low in _BEFORE_NUMBER and _numbers(item, follows):
        item.spoken = _BEFORE_NUMBER[low].split()
        return True
    if low == "v" and item.core == "v" and item.dotted:
        item.spoken = ["versus"]
        return True
    if low in _ALWAYS:
        if item.core == "LT" or (low in ("inc", "corp", "lt") and item.core.islower()):
            return False
        item.spoken = _ALWAYS[low].split()
        return True
    if low in _DOTTED and item.dotted and (item.mark != "." or low not in ALSO_WORDS):
        item.spoken = _DOTTED[low].split()
        return True
    if low == "co" and item.dotted and item.core == "Co":
        item.spoken = ["company"]
        return True
    return False


def _numbers(item: Item, follows: str) -> bool:
    """Whether `item` is an abbreviation before its number, such as No. 5 or Vol. II."""
    low = item.core.lower()
    if not follows[:1].isdecimal() and (low == "v" or not _is_roman(follows)):
        return False
    return item.dotted or item.core == "No" or low in ("fig", "figs", "vol", "vols", "pp")


def _is_roman(text: str) -> bool:
    return bool(text) and all(c in "IVXLC" for c in text)


def _by_context(items: list[Item], i: int, follows: str) -> bool:
    item = items[i]
    core = item.core
    if not core[0].isupper() and not (core == "ft" and item.dotted):
        return False
    name_follows = follows[:1].isupper()
    before = items[i - 1].core if i and items[i - 1].mark == " " else ""
    address = bool(before) and (before[0].isupper() or before[:1].isdecimal())
    if core.lower() == "st":
        item.spoken = ["saint"] if name_follows else ["street"]
    elif core.lower() == "dr":
        item.spoken = ["drive"] if address and not name_follows else ["doctor"]
    elif name_follows and item.dotted:
        item.spoken = ["fort"]
    else:
        return False
    return True


def initials(items: list[Item], i: int) -> bool:
    """U.S.A., J.R.R., and single capitals such as J. or the X of a name: letter by letter."""
    item = items[i]
    core = item.core
    if _LETTERS.fullmatch(core):
        bare = core[:-2] if core.endswith("'s") else core
        item.spoken = [letter.lower() + "." for letter in bare if letter != "."]
        if bare != core:
            item.spoken[-1] += "'s"
        return True
    if len(core) != 1 or not core.isupper() or core == "I":
        return False
    if core == "A" and not (item.dotted and item.mark != "."):
        opens = i == 0 or items[i - 1].mark in (".", "!", "?", "…", ":", ";", "-", ",")
        ends = i + 1 == len(items) or item.mark != " "
        if opens and not ends:
            return False
        if not ends and items[i + 1].core[:1].isupper() and items[i - 1].core[:1].isupper():
            return False
    item.spoken = [core.lower() + "."]
    return True
