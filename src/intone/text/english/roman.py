"""Roman numerals: Henry VIII (the eighth), World War II (two), Chapter IV (four)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import cardinal, ordinal

if TYPE_CHECKING:
    from intone.text.english.written import Item

_NUMERAL = re.compile(r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_COUNTED = frozenset(
    "chapter part act scene volume vol book war section article appendix phase type class level "
    "stage bowl title episode season figure fig table page canto psalm division group grade tier "
    "mark apollo rocky fantasy symphony sonata no number olympiad corps factor".split()
)
_RULERS = frozenset(
    "henry edward george elizabeth louis charles william james richard mary john paul pius "
    "benedict philip ferdinand frederick alexander nicholas catherine peter napoleon francis "
    "gregory leo innocent clement urban christian gustav gustavus haakon harald olaf otto ivan "
    "ramesses ramses thutmose ptolemy cleopatra darius xerxes leopold albert alfonso juan "
    "carlos umberto emmanuel wilhelm baldwin robert david malcolm stephen selim mehmed suleiman "
    "murad theodosius constantine justinian boniface celestine adrian sixtus julius margaret "
    "christina amenhotep seti artaxerxes cyrus antiochus seleucus valentinian michael basil "
    "leopold maximilian joseph rudolf rudolph sigismund felipe pedro manuel afonso elisabeth "
    "wladyslaw casimir sebastian eric erik magnus valdemar hussein abdullah faisal mohammed "
    "hassan rama".split()
)
_AFTER_PRONOUN = frozenset(
    "am have think know can could do did will would shall should must may might said love want "
    "need believe saw told asked see hope wish feel mean".split()
)


def roman_numeral(items: list[Item], i: int) -> bool:
    """A numeral in capitals after a name or after a word for something numbered."""
    core = items[i].core
    if not _NUMERAL.fullmatch(core):
        return False
    if i == 0 or items[i - 1].mark != " ":
        # A heading: a numeral before anything else.
        if len(core) > 1 and set(core) <= set("IVX"):
            items[i].spoken = cardinal(value_of(core))
            return True
        return False
    before = items[i - 1].core
    low = before.lower()
    value = value_of(core)
    follows = items[i + 1].core.lower() if i + 1 < len(items) and items[i].mark == " " else ""
    if low in _RULERS and before[0].isupper() and value < 40:
        if core == "I" and follows in _AFTER_PRONOUN:
            return False
        items[i].spoken = ["the", *ordinal(value)]
        return True
    if low in _COUNTED or low.rstrip("s") in _COUNTED:
        items[i].spoken = cardinal(value)
        return True
    if len(core) > 1 and value < 40 and before[0].isupper() and set(core) <= set("IVX"):
        items[i].spoken = cardinal(value)
        return True
    return False


def value_of(numeral: str) -> int:
    """The number that a Roman numeral in capitals stands for."""
    total = 0
    for sign, after in zip(numeral, [*numeral[1:], "I"], strict=True):
        value = _VALUES[sign]
        total += -value if value < _VALUES[after] else value
    return total
