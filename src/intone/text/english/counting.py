"""Numbers as English words: cardinals, ordinals, years, digits."""

from __future__ import annotations

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_GROUPS = (
    "",
    *"thousand million billion trillion quadrillion quintillion sextillion septillion".split(),
)
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
LARGEST = 10 ** (3 * len(_GROUPS))
"""Numbers from here on are spoken digit by digit."""


def cardinal(number: int) -> list[str]:
    """`number` in words: 342 → three hundred forty two."""
    if number < 0:
        return ["minus", *cardinal(-number)]
    if number >= LARGEST:
        return digits(str(number))
    if number < 20:
        return [_ONES[number]]
    words: list[str] = []
    for power in range(len(_GROUPS) - 1, -1, -1):
        group = number // 1000**power % 1000
        if not group:
            continue
        hundreds, rest = divmod(group, 100)
        if hundreds:
            words += [_ONES[hundreds], "hundred"]
        if rest >= 20:
            words.append(_TENS[rest // 10])
            rest %= 10
        if rest:
            words.append(_ONES[rest])
        if power:
            words.append(_GROUPS[power])
    return words


def ordinal(number: int) -> list[str]:
    """`number` as an ordinal: 21 → twenty first."""
    *front, last = cardinal(number)
    return [*front, as_ordinal(last)]


def as_ordinal(word: str) -> str:
    """The ordinal of one number word: twenty → twentieth."""
    if word in _ORDINALS:
        return _ORDINALS[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"


def plural(word: str) -> str:
    """The plural of a number word: ninety → nineties, six → sixes."""
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("x") else "s")


def year(number: int) -> list[str]:
    """A year of up to four digits: 1984 → nineteen eighty four, 2005 → two thousand five."""
    century, rest = divmod(number, 100)
    if not 10 <= century <= 99 or (number % 1000 < 10 and century % 10 == 0):
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    if rest < 10:
        return [*cardinal(century), "oh", _ONES[rest]]
    return [*cardinal(century), *cardinal(rest)]


def digits(text: str) -> list[str]:
    """Each digit of `text`: 007 → zero zero seven."""
    return [_ONES[int(character)] for character in text if character.isdecimal()]


def spoken_number(text: str) -> list[str]:
    """A number as written: "-1,234.50", "007", ".5", "+3"; `text` must be of that form."""
    words: list[str] = []
    if text[0] in "+-±":
        words.append({"+": "plus", "-": "minus"}.get(text[0], "plus or minus"))
        words = words[0].split()
        text = text[1:]
    whole, point, fraction = text.partition(".")
    if not point and "," in whole:
        parts = whole.split(",")
        if any(len(part) != 3 for part in parts[1:]):
            whole, point, fraction = parts[0], ".", "".join(parts[1:])
    whole = whole.replace(",", "")
    if whole:
        zeros = len(whole) > 1 and whole[0] == "0"
        words += digits(whole) if zeros or len(whole) > 27 else cardinal(int(whole))
    if point and fraction:
        words += ["point", *digits(fraction)]
    return words
