"""Everything with digits in Russian: years, dates, times, money, units, ordinals, telephones."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from intone.text.russian.agreement import Noun, agreed, case_of, noun_behind
from intone.text.russian.counting import cardinal, digits, joined_count, ordinal
from intone.text.russian.units import (
    HOUR,
    MONEY,
    MONTHS,
    PER,
    POWER_OF_LENGTH,
    POWERS,
    SCALES,
    unit_of,
)
from intone.text.russian.written import Item

_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_SUFFIXED = re.compile(
    "(\\d+)-?(й|ый|ой|ий|я|ая|е|ое|ые|го|ого|му|ому|м|ым|ом|х|ых|ми|ыми|ю|ую|ти|и)"
)
_COMPOUND = re.compile("(\\d+)-([а-яё]{3,})")
_DECIMAL = re.compile(r"([-−+]?)(\d+),(\d+)")
_POINT = re.compile(r"\d+(?:\.\d+)+")
_FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
_RANGE = re.compile(r"(\d+(?:,\d+)?)[-–—](\d+(?:,\d+)?)")
_PHONE = re.compile(r"(?:\+?\d{1,2}[- ]?)?(?:\(?\d{3,4}\)?-?)?\d{1,3}-\d{2}-\d{2}")
_ATTACHED = re.compile(r"([-−+]?\d+(?:,\d+)?)([%‰°$€₽£]|[а-яёА-ЯЁ]{1,4})(?:([CСF])|/([а-я]+))?")
_SIGNED_MONEY = re.compile(r"([$€£₽])(\d+(?:[.,]\d+)?)")
_PLAIN = re.compile(r"([-−+№§~<>≈]*)(\d+)")
_BEFORE = {"-": "минус", "−": "минус", "+": "плюс", "№": "номер", "§": "параграф",
    "~": "примерно", "<": "меньше", ">": "больше", "≈": "примерно"}  # fmt: skip
_VULGAR = {"½": "половина", "¼": "четверть", "¾": "три четверти", "⅓": "треть", "⅔": "две трети"}
_YEARS = {"год": "mn", "года": "mg", "году": "mp", "годом": "mi", "годе": "mp", "годы": "pn",
    "годов": "pg", "годах": "pg", "годам": "pd", "годами": "pi"}  # fmt: skip
_IN = frozenset("в во о об на при".split())
_OF = frozenset("с со до от после около из конца начала середины начале конце середине лета осени "
    "весны зимы летом осенью весной зимой".split())  # fmt: skip
_SUFFIX_FORMS = {
    "й": "mn", "ый": "mn", "ой": "mn", "ий": "mn", "я": "fn", "ая": "fn", "ое": "nn", "ые": "pn",
    "го": "mg", "ого": "mg", "му": "md", "ому": "md", "ым": "mi", "ом": "mp", "ых": "pg",
    "ыми": "pi", "ми": "pi", "ю": "fa", "ую": "fa",
}  # fmt: skip
_ORDINARY = {1: "первых", 2: "вторых", 3: "третьих", 4: "четвёртых", 5: "пятых", 10: "десятых"}


def number(items: list[Item], i: int) -> bool:
    """Whatever holds digits, by the first rule that knows its form."""
    core = items[i].core
    if core in _VULGAR:
        items[i].spoken = _VULGAR[core].split()
        return True
    if not any(map(str.isdecimal, core)):
        return False
    _join_thousands(items, i)
    return any(rule(items, i) for rule in _RULES)


def _join_thousands(items: list[Item], i: int) -> None:
    """10 000 000 in three pieces becomes one; the other pieces say nothing."""
    if not re.fullmatch(r"[-−+№$€£₽]?\d{1,3}", items[i].core):
        return
    last = i
    while (
        last + 1 < len(items)
        and items[last].mark == " "
        and not items[last].dotted
        and re.fullmatch(r"\d{3}(?:,\d+)?%?", items[last + 1].core)
    ):
        last += 1
    if last == i or items[i].core.lstrip("-−+№$€£₽")[0] == "0":
        return
    items[i].core += "".join(item.core for item in items[i + 1 : last + 1])
    items[i].mark = items[last].mark
    items[i].dotted = items[last].dotted
    for item in items[i + 1 : last + 1]:
        item.spoken = []


def _around(items: list[Item], i: int) -> tuple[str, list[Item]]:
    """The word before, lower-case, and the items behind up to the next mark."""
    before = items[i - 1].core.lower() if i and items[i - 1].mark == " " else ""
    behind: list[Item] = []
    j = i
    while j + 1 < len(items) and len(behind) < 4 and items[j].mark == " ":
        j += 1
        if items[j].spoken != []:
            behind.append(items[j])
    return before, behind


def _words(items: list[Item]) -> list[str]:
    return [item.core.lower() for item in items]


def _year_form(before: str, behind: list[Item]) -> tuple[str, Item | None, str]:
    """The form of a year's ordinal, the item that says "год", and how that is said."""
    if not behind:
        return "", None, ""
    word = behind[0].core.lower()
    if word in _YEARS:
        form = _YEARS[word]
        if word == "году" and before in ("к", "ко", "по"):
            form = "md"
        return form, behind[0], word
    if word == "г" and (behind[0].dotted or before in _IN | _OF):
        if before in _IN:
            return "mp", behind[0], "году"
        if before in ("к", "ко"):
            return "md", behind[0], "году"
        if before in _OF or before in MONTHS:
            return "mg", behind[0], "года"
        return "mn", behind[0], "год"
    if word == "гг":
        if before in _IN:
            return "mp", behind[0], "годах"
        return ("mg", behind[0], "годов") if before in _OF else ("mn", behind[0], "годы")
    return "", None, ""


def _time(items: list[Item], i: int) -> bool:
    match = _TIME.fullmatch(items[i].core)
    if match is None:
        return False
    hours, minutes = int(match[1]), int(match[2])
    before, _ = _around(items, i)
    case = case_of(before, "")
    spoken = cardinal(hours, case)
    if minutes == 0:
        spoken.append(HOUR.behind(hours, case))
    else:
        spoken += ([*cardinal(0, "nom")] if minutes < 10 else []) + cardinal(minutes, case)
    if match[3]:
        spoken += (["ноль"] if match[3][0] == "0" else []) + cardinal(int(match[3]), case)
    items[i].spoken = spoken
    return True


def _date(items: list[Item], i: int) -> bool:
    match = _DATE.fullmatch(items[i].core)
    if match is None:
        return False
    day, month, year = (int(part) for part in match.groups())
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    if len(match[3]) == 2:
        year += 2000 if year < 50 else 1900
    before, behind = _around(items, i)
    form = _day_form(before)
    items[i].spoken = [*ordinal(day, form), MONTHS[month - 1], *ordinal(year, "mg"), "года"]
    if behind and behind[0].core.lower() in ("г", "года"):
        behind[0].spoken = []
    return True


def _day_form(before: str) -> str:
    if before in ("к", "ко"):
        return "md"
    if before in (
        "сегодня",
        "завтра",
        "вчера",
        "послезавтра",
        "на",
        "по",
        "через",
        "было",
        "это",
        "",
    ):
        return "nn"
    return "mg"


def _day_of_month(items: list[Item], i: int) -> bool:
    match = re.fullmatch(r"(\d{1,2})(?:-?(?:го|е|ое|ого|му))?", items[i].core)
    before, behind = _around(items, i)
    if (
        match is not None
        and len(behind) > 2
        and behind[0].core == "по"
        and behind[2].core.lower() in MONTHS
    ):
        items[i].spoken = ordinal(int(match[1]), "mg")
        return True
    if match is None or not behind or behind[0].core.lower() not in MONTHS:
        return False
    if not 1 <= int(match[1]) <= 31:
        return False
    form = _day_form(before) if before else "mg"
    if items[i].core.endswith(("-е", "-ое")):
        form = "nn"
    items[i].spoken = ordinal(int(match[1]), form)
    if len(behind) > 1 and re.fullmatch(r"\d{4}", behind[1].core):
        year = behind[1]
        year.spoken = ordinal(int(year.core), "mg")
        if len(behind) > 2 and behind[2].core.lower() in ("г", "года"):
            behind[2].spoken = ["года"]
        elif len(behind) == 2 or behind[2].core.lower() != "г":
            year.spoken = [*year.spoken, "года"]
    return True


def _year(items: list[Item], i: int) -> bool:
    match = re.fullmatch(r"(\d{1,4})(?:[-–—](\d{2,4}))?", items[i].core)
    if match is None:
        return False
    before, behind = _around(items, i)
    form, noun, said = _year_form(before, behind)
    if (
        noun is None
        and before in ("с", "со")
        and len(match[1]) == 4
        and len(behind) > 1
        and behind[0].core in ("по", "до")
        and re.fullmatch(r"\d{4}", behind[1].core)
    ):
        items[i].spoken = ordinal(int(match[1]), "mg")
        return True
    if noun is None:
        if (
            before in ("в", "к")
            and match[2] is None
            and 1500 <= int(match[1]) <= 2100
            and not noun_behind(_words(behind))
        ):
            items[i].spoken = ordinal(int(match[1]), "mp" if before == "в" else "md")
            return True
        return False
    # 2 года and 21 год count years.
    if len(match[1]) < 3 and noun.core.lower() not in ("г", "гг", "году"):
        return False
    spoken = ordinal(int(match[1]), form)
    if match[2]:
        spoken += ordinal(int(match[2]), form)
    items[i].spoken = spoken
    noun.spoken = [said]
    return True


def _suffixed(items: list[Item], i: int) -> bool:
    match = _SUFFIXED.fullmatch(items[i].core)
    if match is None:
        return False
    n, suffix = int(match[1]), match[2]
    before, behind = _around(items, i)
    # Of "22-е и 23-е июня" both numbers belong to the noun at the end.
    shared = itertools.dropwhile(
        lambda item: item.core in ("и", "или") or _SUFFIXED.fullmatch(item.core), behind
    )
    noun = noun_behind(_words(list(shared)))
    if suffix in ("ти", "и") or suffix == "х" and n in (2, 3, 4):
        items[i].spoken = cardinal(n, "gen")
    elif suffix in ("м", "ми") and n in (2, 3, 4) and noun.endswith(("ам", "ям", "ами", "ями")):
        items[i].spoken = cardinal(n, "ins" if suffix == "ми" else "dat")
    else:
        items[i].spoken = ordinal(n, _suffix_form(n, suffix, before, noun))
    return True


def _suffix_form(n: int, suffix: str, before: str, noun: str) -> str:
    if suffix == "е" and not noun and n % 10 == 0 and n >= 20:
        return "pn"
    if suffix == "е":
        return "pn" if noun.endswith(("ы", "и", "а")) and noun not in MONTHS else "nn"
    if suffix == "м":
        if noun.endswith(("ам", "ям", "ых", "их")):
            return "pd"
        return "mp" if before in _IN else "mi"
    if suffix == "х":
        return "pg"
    if suffix in ("й", "ой") and noun.endswith(("е", "и", "ы", "ой", "ей", "ти")):
        return "fg"
    return _SUFFIX_FORMS[suffix]


def _compound(items: list[Item], i: int) -> bool:
    """5-летний, 20-процентный."""
    match = _COMPOUND.fullmatch(items[i].core)
    if match is None:
        return False
    items[i].spoken = [joined_count(int(match[1])) + match[2]]
    return True


def _amount(text: str, case: str, gender: str) -> list[str]:
    """A whole or decimal number in words, with its sign."""
    spoken: list[str] = []
    if text[0] in "-−+":
        spoken.append(_BEFORE[text[0]])
        text = text[1:]
    whole, _, rest = text.replace(".", ",").partition(",")
    if not rest:
        return spoken + cardinal(int(whole), case, gender)
    n, parts = int(whole), int(rest)
    spoken += [*cardinal(n, case, "f"), "целая" if n % 10 == 1 and n % 100 != 11 else "целых"]
    if len(rest) > 3:
        return spoken + digits(rest)
    name = ("десят", "сот", "тысячн")[len(rest) - 1]
    one = parts % 10 == 1 and parts % 100 != 11
    return [*spoken, *cardinal(parts, case, "f"), name + ("ая" if one else "ых")]


def _counted(noun: Noun, amount: str, before: str) -> list[str]:
    """A number and its noun, in the case that the word before asks for."""
    digits_only = amount.lstrip("-−+")
    if "," in digits_only or "." in digits_only:
        return [*_amount(amount, "nom", "f"), noun.few]
    n = int(digits_only)
    case = case_of(before, "")
    if before in ("в", "на", "за", "через", "про"):
        case = "acc"
    gender = noun.gender
    return [*_amount(amount, case, gender), *noun.behind(n, case).split()]


def _with_unit(items: list[Item], i: int) -> bool:
    """5 кг, 100 $, 20 °C, 60 км/ч, 5 тыс. руб., 10%."""
    core = items[i].core
    before, behind = _around(items, i)
    rest: list[Item] = behind
    if match := _SIGNED_MONEY.fullmatch(core):
        amount, sign = match[2], match[1]
        if behind and behind[0].core.lower() in POWERS:
            power = POWERS[behind[0].core.lower()]
            items[i].spoken = [*_counted(power, amount, before), MONEY[sign].many]
            behind[0].spoken = []
            return True
    elif match := _ATTACHED.fullmatch(core):
        amount, sign = match[1], match[2]
        if unit_of(sign) is None:
            return False
        items[i].spoken = _measure(sign, amount, before, match[3], match[4])
        return items[i].spoken is not None
    elif re.fullmatch(r"[-−+]?\d+(?:[.,]\d+)?", core) and behind:
        amount, found = core, behind[0]
        low = found.core.lower()
        if low in POWERS:
            spoken = _counted(POWERS[low], amount, before)
            found.spoken = []
            rest = behind[1:]
            if rest and (noun := unit_of(rest[0].core)) is not None and _is_unit(rest[0]):
                spoken.append(noun.many)
                rest[0].spoken = []
            items[i].spoken = spoken
            return True
        base, slash, per = found.core.partition("/")
        power_sign = base[-1:] if base[-1:] in POWER_OF_LENGTH else ""
        base = base.removesuffix(power_sign)
        degree = base[-1:] if base[:1] == "°" and len(base) == 2 else None
        base = "°" if degree else base
        if unit_of(base) is None or not _is_unit(found, base):
            return False
        measured = _measure(base, amount, before, degree, per if slash else None, power_sign)
        if measured is None:
            return False
        items[i].spoken = measured
        found.spoken = []
        return True
    else:
        return False
    items[i].spoken = _counted(MONEY[sign], amount, before)
    return True


def _is_unit(item: Item, base: str | None = None) -> bool:
    """Whether what looks like a unit is none of the prepositions в, с."""
    sign = base or item.core
    if sign in ("с", "в", "р", "г", "т", "А", "В", "гр", "час"):
        return item.dotted or item.mark != " " or "/" in item.core or sign in ("г", "т", "В")
    return True


def _measure(
    sign: str,
    amount: str,
    before: str,
    degree: str | None,
    per: str | None,
    power: str = "",
) -> list[str] | None:
    noun = unit_of(sign)
    if noun is None or (per is not None and per not in PER):
        return None
    spoken = _counted(noun, amount, before)
    if power:
        one, many = POWER_OF_LENGTH[power]
        is_one = spoken[-1] == noun.one
        spoken.insert(len(spoken) - 1, one if is_one else many)
    if degree:
        spoken.append(SCALES[degree])
    if per:
        spoken += PER[per].split()
    return spoken


def _phone(items: list[Item], i: int) -> bool:
    core = items[i].core
    if not _PHONE.fullmatch(core):
        return False
    spoken = ["плюс"] if core.startswith("+") else []
    for group in re.findall(r"\d+", core):
        zeros = len(group) - len(group.lstrip("0"))
        spoken += ["ноль"] * (zeros if zeros < len(group) else len(group))
        if group.strip("0"):
            spoken += cardinal(int(group))
    items[i].spoken = spoken
    return True


def _fraction(items: list[Item], i: int) -> bool:
    match = _FRACTION.fullmatch(items[i].core)
    if match is None or int(match[2]) < 2 or match[1] == "0":
        return False
    n, parts = int(match[1]), int(match[2])
    one = n % 10 == 1 and n % 100 != 11
    items[i].spoken = [*cardinal(n, "nom", "f"), *ordinal(parts, "fn" if one else "pg")]
    return True


def _range(items: list[Item], i: int) -> bool:
    """5–10 кг: both numbers, in the case of the words around them."""
    match = _RANGE.fullmatch(items[i].core)
    if match is None:
        return False
    before, behind = _around(items, i)
    spoken: list[str] = []
    noun = unit_of(behind[0].core) if behind and _is_unit(behind[0]) else None
    gender = (
        noun.gender
        if noun
        else agreed(int(match[2].split(",")[0]), before, noun_behind(_words(behind)))[1]
    )
    case = case_of(before, noun_behind(_words(behind)) if noun is None else "")
    for amount in match.groups():
        spoken += _amount(amount, case, gender if gender in "mfn" else "m")
    if noun is not None:
        last = match[2]
        spoken.append(noun.few if "," in last else noun.behind(int(last), case))
        behind[0].spoken = []
    items[i].spoken = spoken
    return True


def _decimal(items: list[Item], i: int) -> bool:
    if not _DECIMAL.fullmatch(items[i].core):
        return False
    items[i].spoken = _amount(items[i].core, "nom", "f")
    return True


def _pointed(items: list[Item], i: int) -> bool:
    """3.11: parts with "точка" between, as in versions."""
    if not _POINT.fullmatch(items[i].core):
        return False
    spoken: list[str] = []
    for part in items[i].core.split("."):
        spoken += ["точка", *cardinal(int(part))]
    items[i].spoken = spoken[1:]
    return True


def _plain(items: list[Item], i: int) -> bool:
    match = _PLAIN.fullmatch(items[i].core)
    if match is None:
        return False
    n = int(match[2])
    before, behind = _around(items, i)
    spoken = [_BEFORE[sign] for sign in match[1]]
    if match[2][0] == "0" and len(match[2]) > 1:
        items[i].spoken = [*spoken, *digits(match[2])]
        return True
    if match[1] or before in ("№", "номер", "дом", "д", "квартира", "кв", "глава", "страница"):
        items[i].spoken = [*spoken, *cardinal(n)]
        return True
    noun = noun_behind(_words(behind))
    case, gender = agreed(n, before, noun)
    items[i].spoken = [*spoken, *cardinal(n, case, gender)]
    return True


_RULES: tuple[Callable[[list[Item], int], bool], ...] = (
    _time, _date, _day_of_month, _year, _suffixed, _with_unit, _compound, _phone, _fraction,
    _range, _decimal, _pointed, _plain,
)  # fmt: skip
