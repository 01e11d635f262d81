"""The case and gender of a number, from the words around it; nouns behind a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intone.text.russian.counting import plural

GENITIVE = frozenset(
    "от до из без около у для после кроме более менее свыше больше меньше против среди возле "
    "вдоль вместо порядка ради из-за из-под старше младше выше ниже течение ото изо безо "
    "вокруг внутри".split()
)
_DATIVE = frozenset("к ко благодаря согласно вопреки навстречу".split())
_INSTRUMENTAL = frozenset("между над перед надо передо".split())
_LOCATIVE = frozenset("о об при обо".split())
_SOFT_MASCULINE = frozenset(
    "рубль день конь гость корабль автомобиль уровень медведь камень уголь путь огонь парень "
    "зверь апрель июль июнь февраль январь сентябрь октябрь ноябрь декабрь словарь секретарь "
    "месяц король царь вождь дождь гвоздь лагерь модуль процент циркуль пароль контроль шампунь "
    "кремль голубь лебедь лось олень голубь лебедь монастырь календарь фонарь сухарь".split()
)
_NOT_DATIVE = frozenset(
    "грамм килограмм миллиграмм программ телеграмм диаграмм дам драм реклам мадам ям".split()
)
_ADJECTIVE = ("ых", "их", "ые", "ие", "ым", "им", "ыми", "ими", "ый", "ая", "ое", "ую", "ого")


def noun_behind(words: Sequence[str]) -> str:
    """The first of the next `words` (lower-case) that is no adjective, or ""."""
    for word in words[:3]:
        if not word.isalpha():
            return ""
        if not word.endswith(_ADJECTIVE):
            return word
    return ""


def case_of(before: str, noun: str, ranged: bool = False) -> str:
    """The case of a number between the word `before` and `noun`; "nom" where none is told."""
    if noun.endswith(("ами", "ями", "ьми")):
        return "ins"
    if noun.endswith(("ах", "ях")) and before in ("в", "во", "на", "о", "об", "при", "по", "обо"):
        return "pre"
    if noun.endswith(("ам", "ям")) and noun not in _NOT_DATIVE:
        return "dat"
    if before in GENITIVE or (before in ("с", "со") and (ranged or not noun)):
        return "gen"
    if before in ("с", "со"):
        return "gen"
    if before in _DATIVE:
        return "dat"
    if before in _INSTRUMENTAL:
        return "ins"
    return "pre" if before in _LOCATIVE else "nom"


def agreed(n: int, before: str, noun: str) -> tuple[str, str]:
    """The case and gender in which `n` is said between `before` and `noun`."""
    case = case_of(before, noun)
    form = plural(n)
    if form == "few":
        feminine = noun.endswith(("ы", "и")) and not noun.endswith("мени") and noun != "пути"
        return case, "f" if feminine else "m"
    if form != "one" or not noun:
        return case, "m"
    if noun.endswith("ью"):
        return "ins", "f"
    if noun.endswith(("у", "ю")):
        return ("dat", "m") if case == "dat" else ("acc", "f")
    if noun.endswith(("ом", "ем", "ём")):
        return "ins", "m"
    if noun.endswith(("ой", "ей")) and before in ("с", "со", "между", "за", "над", "под"):
        return "ins", "f"
    if noun.endswith("е") and before in ("в", "на", "о", "об", "при"):
        return "pre", "m"
    if noun.endswith(("а", "я")):
        if noun.endswith("мя"):
            return case, "n"
        return (case, "m") if case == "gen" else (case, "f")
    if noun.endswith(("о", "е")):
        return case, "n"
    if noun.endswith(("ы", "и")):
        return ("gen", "f") if case == "gen" else (case, "p")
    if noun.endswith("ь"):
        masculine = noun in _SOFT_MASCULINE or noun.endswith(("тель", "арь"))
        return case, "m" if masculine else "f"
    return case, "m"


@dataclass(frozen=True)
class Noun:
    """A noun that numbers stand before: one, two (also after a decimal), five, its gender."""

    one: str
    few: str
    many: str
    gender: str

    def behind(self, n: int, case: str = "nom") -> str:
        """The form behind `n` in a case."""
        form = plural(n)
        if self.one == self.few:
            return self.one
        if case in ("nom", "acc"):
            if form == "one" and case == "acc" and self.gender == "f":
                return self.one[:-1] + ("у" if self.one[-1] == "а" else "ю")
            return {"one": self.one, "few": self.few, "many": self.many}[form]
        if form == "one":
            return self._singular(case)
        if case == "gen":
            return self.many
        stem = self.few[:-1]
        hard = self.few[-1] in "аы" or stem[-1] in "кгхжшчщ"
        return (
            stem
            + {
                "dat": "ам" if hard else "ям",
                "ins": "ами" if hard else "ями",
                "pre": "ах" if hard else "ях",
            }[case]
        )

    def _singular(self, case: str) -> str:
        if case == "gen":
            return self.few
        stem = self.few[:-1]
        if self.gender == "f":
            return (
                stem + {"dat": "е", "ins": "ой" if self.few[-1] == "ы" else "ей", "pre": "е"}[case]
            )
        soft = self.few[-1] == "я"
        return stem + {"dat": "ю" if soft else "у", "ins": "ём" if soft else "ом", "pre": "е"}[case]
