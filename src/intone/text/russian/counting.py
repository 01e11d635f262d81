"""Numbers → words: cardinals in six cases, ordinals in the forms of an adjective."""

from __future__ import annotations

CASES = ("nom", "gen", "dat", "acc", "ins", "pre")

_ONE = {
    "m": ("один", "одного", "одному", "один", "одним", "одном"),
    "f": ("одна", "одной", "одной", "одну", "одной", "одной"),
    "n": ("одно", "одного", "одному", "одно", "одним", "одном"),
    "p": ("одни", "одних", "одним", "одни", "одними", "одних"),
}
_TWO = ("два", "двух", "двум", "два", "двумя", "двух")
_SMALL = {
    0: ("ноль", "ноля", "нолю", "ноль", "нолём", "ноле"),
    3: ("три", "трёх", "трём", "три", "тремя", "трёх"),
    4: ("четыре", "четырёх", "четырём", "четыре", "четырьмя", "четырёх"),
    8: ("восемь", "восьми", "восьми", "восемь", "восемью", "восьми"),
    40: ("сорок", "сорока", "сорока", "сорок", "сорока", "сорока"),
    50: ("пятьдесят", "пятидесяти", "пятидесяти", "пятьдесят", "пятьюдесятью", "пятидесяти"),
    60: ("шестьдесят", "шестидесяти", "шестидесяти", "шестьдесят", "шестьюдесятью",
         "шестидесяти"),
    70: ("семьдесят", "семидесяти", "семидесяти", "семьдесят", "семьюдесятью", "семидесяти"),
    80: ("восемьдесят", "восьмидесяти", "восьмидесяти", "восемьдесят", "восемьюдесятью",
         "восьмидесяти"),
    90: ("девяносто", "девяноста", "девяноста", "девяносто", "девяноста", "девяноста"),
    100: ("сто", "ста", "ста", "сто", "ста", "ста"),
    200: ("двести", "двухсот", "двумстам", "двести", "двумястами", "двухстах"),
    300: ("триста", "трёхсот", "трёмстам", "триста", "тремястами", "трёхстах"),
    400: ("четыреста", "четырёхсот", "четырёмстам", "четыреста", "четырьмястами",
          "четырёхстах"),
}  # fmt: skip
for _n, _word in {
    5: "пять", 6: "шесть", 7: "семь", 9: "девять", 10: "десять", 11: "одиннадцать",
    12: "двенадцать", 13: "тринадцать", 14: "четырнадцать", 15: "пятнадцать",
    16: "шестнадцать", 17: "семнадцать", 18: "восемнадцать", 19: "девятнадцать",
    20: "двадцать", 30: "тридцать",
}.items():  # fmt: skip
    _i = _word[:-1] + "и"
    _SMALL[_n] = (_word, _i, _i, _word, _word + "ю", _i)
for _n, _word in {5: "пять", 6: "шесть", 7: "семь", 8: "восемь", 9: "девять"}.items():
    _of = _SMALL[_n]
    _SMALL[100 * _n] = (
        _word + "сот", _of[1] + "сот", _of[1] + "стам", _word + "сот", _of[4] + "стами",
        _of[1] + "стах",
    )  # fmt: skip
_POWERS = (
    ("тысяч", "f"), ("миллион", "m"), ("миллиард", "m"), ("триллион", "m"),
    ("квадриллион", "m"), ("квинтиллион", "m"),
)  # fmt: skip
_THOUSAND = {
    "one": ("тысяча", "тысячи", "тысяче", "тысячу", "тысячей", "тысяче"),
    "few": "тысячи",
    "many": ("тысяч", "тысяч", "тысячам", "тысяч", "тысячами", "тысячах"),
}
LARGEST = 10**18
"""From here on numbers are read digit by digit."""


def plural(n: int) -> str:
    """Which form a noun takes after `n` in the nominative: "one", "few" or "many"."""
    if n % 100 in (11, 12, 13, 14):
        return "many"
    return {1: "one", 2: "few", 3: "few", 4: "few"}.get(n % 10, "many")


def cardinal(n: int, case: str = "nom", gender: str = "m") -> list[str]:
    """The words of `n` >= 0 in a case, its last word in a gender ("m", "f", "n", "p")."""
    if n >= LARGEST:
        return [_SMALL_NAMES[int(digit)] for digit in str(n)]
    at = CASES.index(case)
    if n == 0:
        return [_SMALL[0][at]]
    words: list[str] = []
    for power in range(len(_POWERS), 0, -1):
        count = n // 1000**power % 1000
        if count:
            stem, kind = _POWERS[power - 1]
            if not (count == 1 and not words):
                words += _below_thousand(count, at, kind)
            words.append(_power(stem, count, at))
    return words + _below_thousand(n % 1000, at, gender)


def _power(stem: str, count: int, at: int) -> str:
    form = plural(count)
    if stem == "тысяч":
        if form == "one":
            return _THOUSAND["one"][at]
        if form == "few" and at in (0, 3):
            return "тысячи"
        return _THOUSAND["many"][at]
    if form == "one":
        return stem + ("", "а", "у", "", "ом", "е")[at]
    if form == "few" and at in (0, 3):
        return stem + "а"
    return stem + ("ов", "ов", "ам", "ов", "ами", "ах")[at]


def _below_thousand(n: int, at: int, gender: str) -> list[str]:
    words: list[str] = []
    if n >= 100:
        words.append(_SMALL[n // 100 * 100][at])
        n %= 100
    if n >= 20:
        words.append(_SMALL[n // 10 * 10][at])
        n %= 10
    if n == 1:
        words.append(_ONE[gender][at])
    elif n == 2:
        words.append("две" if gender == "f" and at in (0, 3) else _TWO[at])
    elif n:
        words.append(_SMALL[n][at])
    return words


_SMALL_NAMES = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь",
    "девять")  # fmt: skip


def digits(text: str) -> list[str]:
    """The name of each digit of `text`."""
    return [_SMALL_NAMES[int(digit)] for digit in text]


_ORDINAL = {
    1: "первый", 2: "второй", 3: "третий", 4: "четвёртый", 5: "пятый", 6: "шестой",
    7: "седьмой", 8: "восьмой", 9: "девятый", 10: "десятый", 11: "одиннадцатый",
    12: "двенадцатый", 13: "тринадцатый", 14: "четырнадцатый", 15: "пятнадцатый",
    16: "шестнадцатый", 17: "семнадцатый", 18: "восемнадцатый", 19: "девятнадцатый",
    20: "двадцатый", 30: "тридцатый", 40: "сороковой", 50: "пятидесятый",
    60: "шестидесятый", 70: "семидесятый", 80: "восьмидесятый", 90: "девяностый",
    100: "сотый", 200: "двухсотый", 300: "трёхсотый", 400: "четырёхсотый",
    500: "пятисотый", 600: "шестисотый", 700: "семисотый", 800: "восьмисотый",
    900: "девятисотый", 0: "нулевой",
}  # fmt: skip
_ENDING = {
    "mn": "ый", "fn": "ая", "nn": "ое", "pn": "ые", "mg": "ого", "md": "ому", "mi": "ым",
    "mp": "ом", "fg": "ой", "fa": "ую", "pg": "ых", "pd": "ым", "pi": "ыми",
}  # fmt: skip
_THIRD = {
    "mn": "ий", "fn": "ья", "nn": "ье", "pn": "ьи", "mg": "ьего", "md": "ьему", "mi": "ьим",
    "mp": "ьем", "fg": "ьей", "fa": "ью", "pg": "ьих", "pd": "ьим", "pi": "ьими",
}  # fmt: skip


def decline(ordinal_word: str, form: str) -> str:
    """An ordinal in a form: gender m, f, n or plural p, then case n, g, d, a, i, p."""
    if ordinal_word == "третий":
        return "трет" + _THIRD[form]
    return ordinal_word if form == "mn" else ordinal_word[:-2] + _ENDING[form]


def ordinal(n: int, form: str = "mn") -> list[str]:
    """The words of the ordinal of `n`, of which the last is declined."""
    if n >= LARGEST:
        return cardinal(n)
    power = 1
    while n and n % 1000**power == 0:
        power += 1
    power -= 1
    if power:
        count = n // 1000**power % 1000
        rest = n - count * 1000**power
        stem = _POWERS[power - 1][0] + "ный"
        joined = joined_count(count) if count > 1 else ""
        return [*(cardinal(rest) if rest else []), decline(joined + stem, form)]
    for last in (n % 100, n % 10, n % 1000):
        if last in _ORDINAL and (last or n == 0):
            rest = n - last
            return [*(cardinal(rest) if rest else []), decline(_ORDINAL[last], form)]
    last = n % 100 // 10 * 10
    rest = n - n % 10
    return [*(cardinal(rest) if rest else []), decline(_ORDINAL[n % 10], form)]


def joined_count(n: int) -> str:
    """`n` as the first part of a compound: пяти(этажный), сто(летний), двадцатипяти(...)."""
    made = ""
    for word, base in ((w, w) for w in cardinal(n, "gen")):
        made += {"одного": "одно", "ста": "сто", "девяноста": "девяносто", "тысячи": "тысяче",
                 "двух": "двух"}.get(base, word)  # fmt: skip
    return made
