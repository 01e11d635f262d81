"""Postal addresses: a state's two letters before its ZIP code, Springfield, IL 62704."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import digits

if TYPE_CHECKING:
    from intone.text.english.written import Item

_STATES = dict(
    entry.split(" ", 1)
    for entry in (
        "AL alabama|AK alaska|AZ arizona|AR arkansas|CA california|CO colorado|CT connecticut|"
        "DE delaware|DC d. c.|FL florida|GA georgia|HI hawaii|ID idaho|IL illinois|IN indiana|"
        "IA iowa|KS kansas|KY kentucky|LA louisiana|ME maine|MD maryland|MA massachusetts|"
        "MI michigan|MN minnesota|MS mississippi|MO missouri|MT montana|NE nebraska|NV nevada|"
        "NH new hampshire|NJ new jersey|NM new mexico|NY new york|NC north carolina|"
        "ND north dakota|OH ohio|OK oklahoma|OR oregon|PA pennsylvania|RI rhode island|"
        "SC south carolina|SD south dakota|TN tennessee|TX texas|UT utah|VT vermont|VA virginia|"
        "WA washington|WV west virginia|WI wisconsin|WY wyoming"
    ).split("|")
)
_ZIP = re.compile(r"(\d{5})(?:-(\d{4}))?")


def state_and_code(items: list[Item], i: int) -> bool:
    """IL 62704: the state's name, and the code digit by digit."""
    name = _STATES.get(items[i].core)
    if name is None or i + 1 == len(items) or items[i].mark != " ":
        return False
    code = _ZIP.fullmatch(items[i + 1].core)
    if code is None:
        return False
    items[i].spoken = name.split()
    items[i + 1].spoken = [*digits(code[1]), *([",", *digits(code[2])] if code[2] else [])]
    return True
