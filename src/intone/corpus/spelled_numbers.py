"""Numbers, years and times of the clock as English words, for sentences without digits."""

from __future__ import annotations

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def cardinal(number: int) -> str:
    """A number from 0 to 999,999: "two thousand and five"."""
    if not 0 <= number < 1_000_000:
        raise ValueError(f"{number} is not from 0 to 999,999")
    if number < 20:
        return _ONES[number]
    if number < 100:
        ones = number % 10
        return _TENS[number // 10] + (f"-{_ONES[ones]}" if ones else "")
    scale, name = (100, "hundred") if number < 1_000 else (1_000, "thousand")
    rest = number % scale
    joined = f"{cardinal(number // scale)} {name}"
    if not rest:
        return joined
    return f"{joined} {'and ' if rest < 100 else ''}{cardinal(rest)}"


def ordinal(number: int) -> str:
    """A number from 1 to 999,999 as an order: "twenty-first"."""
    text = cardinal(number)
    head, last = text[: max(text.rfind("-"), text.rfind(" ")) + 1], text
    last = text[len(head) :]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def year(number: int) -> str:
    """A year from 1000 to 2099 as it is spoken: "nineteen oh five", "two thousand and six"."""
    if 2_000 <= number < 2_010 or number % 1_000 == 0:
        return cardinal(number)
    century, rest = divmod(number, 100)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {f'oh {_ONES[rest]}' if rest < 10 else cardinal(rest)}"


def clock_time(minutes: int) -> str:
    """A time of day, in minutes after midnight: "half past six", "seven twenty-five"."""
    hour, minute = divmod(minutes % (24 * 60), 60)
    name = _ONES[hour % 12 or 12]
    following = _ONES[(hour + 1) % 12 or 12]
    if minute == 0:
        return f"{name} o'clock"
    if minute == 30:
        return f"half past {name}"
    if minute == 15:
        return f"a quarter past {name}"
    if minute == 45:
        return f"a quarter to {following}"
    return f"{name} {f'oh {_ONES[minute]}' if minute < 10 else cardinal(minute)}"
