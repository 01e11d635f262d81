"""Times (7:45 p.m., 19:00) and dates (5/4/2024, 2024-04-15, April 5th, the 1990s)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import cardinal, digits, ordinal, plural, year

if TYPE_CHECKING:
    from intone.text.english.written import Item

MONTHS = (
    "january february march april may june july august september october november december"
).split()
_SHORT_MONTHS = {name[:3]: name for name in MONTHS} | {"sept": "september"}
_SHORT_DAYS = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday",
    "thur": "thursday", "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?([aApP]\.?[mM]\.?)?")
_HOUR = re.compile(r"(\d{1,2})([aApP])\.?[mM]")
_CLOCK_RANGE = re.compile(
    r"(\d{1,2})(?::(\d{2}))?([aApP]\.?[mM])?[-–](\d{1,2})(?::(\d{2}))?([aApP]\.?[mM])?"
)
_DAY_HALF = re.compile(r"([aApP])\.?[mM]")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_MONTH_AND_DAY = re.compile(r"(\d{1,2})/(\d{1,2})")
_DATE_CUES = frozenset("on by until since".split())
_DASHED = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?.*)?")
_DECADE = re.compile(r"'?(\d0|[12]\d{2}0)'?s")
_MINUTES = re.compile(r"\d+(?:m|min|mins)")
_SHORT_YEAR = re.compile(r"'(\d{2})")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_SEASON = re.compile(r"([12]\d{3})/(\d{2})")
_YEAR_RANGE = re.compile(r"([12]\d{3})[-–](\d{2}|[12]\d{3})")


def clock(hours: int, minutes: int, seconds: int | None, half: str) -> list[str] | None:
    """A time of day in words; `half` is "", "a" or "p". None if there is no such time."""
    if hours > 24 or minutes > 59 or (seconds or 0) > 59:
        return None
    if hours == 0 and half:
        return None
    if minutes:
        words = [*cardinal(hours), *(["oh"] if minutes < 10 else []), *cardinal(minutes)]
    elif half:
        words = cardinal(hours)
    elif 1 <= hours <= 12:
        words = [*cardinal(hours), "o'clock"]
    else:
        words = [*cardinal(hours), "hundred"]
    if seconds:
        words += ["and", *cardinal(seconds), "second" if seconds == 1 else "seconds"]
    return words + ([half + ".", "m."] if half else [])


def time_of_day(items: list[Item], i: int) -> bool:
    """7:45, 7:45pm, 7pm, 19:00, 7:45:30, 9:00-17:00, and a.m. or p.m. as the next word."""
    core = items[i].core
    follows = items[i + 1] if i + 1 < len(items) and items[i].mark == " " else None
    half_next = _DAY_HALF.fullmatch(follows.core) if follows else None
    if match := _HOUR.fullmatch(core):
        spoken = clock(int(match[1]), 0, None, match[2].lower())
    elif match := _CLOCK.fullmatch(core):
        half = (match[4] or "")[:1].lower()
        seconds = int(match[3]) if match[3] else None
        if half_next and not half and int(match[2]) == 0 and not seconds:
            spoken = cardinal(int(match[1]))
        else:
            spoken = clock(int(match[1]), int(match[2]), seconds, half)
    elif (match := _CLOCK_RANGE.fullmatch(core)) and any(match.group(2, 3, 5, 6)):
        spoken = _clock_range(match)
    else:
        return False
    if spoken is None:
        return False
    items[i].spoken = spoken
    return True


def _clock_range(match: re.Match[str]) -> list[str] | None:
    """9:00-17:00, 7:30-9pm, 9am-5pm; a half of the day that holds for both is said once."""
    early, late = (match[3] or "")[:1].lower(), (match[6] or "")[:1].lower()
    shared = late and not early
    first = clock(int(match[1]), int(match[2] or 0), None, early or late)
    second = clock(int(match[4]), int(match[5] or 0), None, late)
    if first is None or second is None:
        return None
    return [*(first[:-2] if shared else first), "to", *second]


def half_of_day(items: list[Item], i: int) -> bool:
    """a.m. and p.m. with dots anywhere; am and pm only right after a number."""
    match = _DAY_HALF.fullmatch(items[i].core)
    if match is None:
        return False
    after_number = i > 0 and items[i - 1].core[-1:].isdecimal()
    if "." not in items[i].core and not after_number:
        return False
    items[i].spoken = [match[1].lower() + ".", "m."]
    return True


def written_date(items: list[Item], i: int) -> bool:
    """5/4/2024 (month first unless that is no month), 15.04.2024, 2024-04-15."""
    core = items[i].core
    if match := _ISO.fullmatch(core):
        spoken = date(int(match[3]), int(match[2]), match[1])
        if spoken and match[4]:
            spoken += ["at", *(clock(int(match[4]), int(match[5]), int(match[6] or 0), "") or [])]
    elif match := (_SLASHED.fullmatch(core) or _DASHED.fullmatch(core)):
        month, day = int(match[1]), int(match[2])
        if month > 12:
            month, day = day, month
        spoken = date(day, month, match[3])
    elif match := _MONTH_AND_DAY.fullmatch(core):
        if i == 0 or items[i - 1].core.lower() not in _DATE_CUES:
            return False
        if i + 1 < len(items) and items[i + 1].core.lower() == "of":
            return False
        spoken = date(int(match[2]), int(match[1]), "2000")
        spoken = spoken[:-2] if spoken else None
    elif match := _DOTTED.fullmatch(core):
        spoken = date(int(match[1]), int(match[2]), match[3])
    else:
        return False
    if spoken is None:
        return False
    items[i].spoken = spoken
    return True


def date(day: int, month: int, in_year: str) -> list[str] | None:
    """A date in words, month first; None if there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    number = int(in_year)
    if len(in_year) == 2:
        number += 2000 if number < 50 else 1900
    return [MONTHS[month - 1], *ordinal(day), *year(number)]


def day_and_month(items: list[Item], i: int) -> bool:
    """April 5, Jan. 5th, 5 April: the month's name, and its day as an ordinal."""
    core = items[i].core
    low = core.lower()
    name = low if low in MONTHS else _SHORT_MONTHS.get(low)
    if name is None or not core[0].isupper():
        return False
    close = i > 0 and items[i - 1].mark == " "
    before = _DAY.fullmatch(items[i - 1].core) if close else None
    follows = items[i + 1] if i + 1 < len(items) and items[i].mark == " " else None
    after = _DAY.fullmatch(follows.core) if follows else None
    found = False
    if before and 1 <= int(before[1]) <= 31:
        # "5 April" is spoken "the fifth of April"; "the 5th of" keeps its own words.
        has_article = i > 1 and items[i - 2].core.lower() == "the"
        items[i - 1].spoken = [*([] if has_article else ["the"]), *ordinal(int(before[1])), "of"]
        found = True
    elif after and follows is not None and 1 <= int(after[1]) <= 31:
        follows.spoken = ordinal(int(after[1]))
        found = True
    elif follows is not None and re.fullmatch(r"[12]\d{3}", follows.core):
        follows.spoken = year(int(follows.core))
        found = True
    if low in MONTHS or found or items[i].dotted:
        items[i].spoken = [name]
        return True
    return False


def day_of_week(items: list[Item], i: int) -> bool:
    """Mon., Tues., or Mon before a comma or a month."""
    first, hyphen, last = items[i].core.replace("–", "-").partition("-")
    if hyphen and first[:1].isupper() and last[:1].isupper():
        days = [_SHORT_DAYS.get(day.lower()) for day in (first, last)]
        if days[0] and days[1]:
            items[i].spoken = [days[0], "to", days[1]]
            return True
        months = [_SHORT_MONTHS.get(month.lower()) for month in (first, last)]
        if months[0] and months[1]:
            items[i].spoken = [months[0], "to", months[1]]
            return True
    name = _SHORT_DAYS.get(items[i].core.lower())
    if name is None or not items[i].core[0].isupper():
        return False
    follows = items[i + 1].core.lower()[:3] if i + 1 < len(items) else ""
    dated = follows in _SHORT_MONTHS or follows[:1].isdecimal()
    if dated or (items[i].dotted and items[i].mark != "."):
        items[i].spoken = [name]
        return True
    return False


def years(items: list[Item], i: int) -> bool:
    """1990s, '90s, '99, 1914-1918, 2023–24."""
    core = items[i].core
    after_minutes = i > 0 and _MINUTES.fullmatch(items[i - 1].core)
    if (match := _DECADE.fullmatch(core)) and not after_minutes:
        number = match[1]
        words = cardinal(int(number)) if len(number) == 2 else year(int(number))
        items[i].spoken = [*words[:-1], plural(words[-1])]
        return True
    if match := _SHORT_YEAR.fullmatch(core):
        items[i].spoken = (
            ["oh", *digits(match[1][1])] if match[1][0] == "0" else cardinal(int(match[1]))
        )
        return True
    if (match := _SEASON.fullmatch(core)) and int(match[2]) == (int(match[1]) + 1) % 100:
        items[i].spoken = [
            *year(int(match[1])),
            *(cardinal(int(match[2])) if match[2][0] != "0" else ["oh", *digits(match[2][1])]),
        ]
        return True
    if match := _YEAR_RANGE.fullmatch(core):
        last = match[2]
        words = year(int(last)) if len(last) == 4 else cardinal(int(last))
        if len(last) == 2 and int(last) <= int(match[1]) % 100:
            return False
        items[i].spoken = [*year(int(match[1])), "to", *words]
        return True
    return False
