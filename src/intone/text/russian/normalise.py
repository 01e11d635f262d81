"""Written Russian → spoken words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from intone.text.layout import stronger
from intone.text.russian.abbreviations import WITHOUT_DOT
from intone.text.russian.written import Item, items_of

if TYPE_CHECKING:
    from intone.text.russian.rules import Rule

_PLAIN = re.compile("[А-ЯЁа-яё][а-яё]+")
_ONE_LETTER = frozenset("авикосуя")
_COUSINS = str.maketrans("іїєґўІЇЄҐЎѣѢ", "ииегуИИЕГУеЕ")
_SHORT = frozenset(
    "г гг в вв ул пер пл пр др им св см ср т ч с м р л д кв руб коп тыс млн млрд трлн обл проф "
    "акад стр рис кг км мм мин сек шт чел тел нач зам".split()
)


def normalise(text: str) -> list[Item]:
    """The items of `text`, each with its `spoken` words, lower-case Cyrillic.

    A word may keep a stress mark, or a + before its vowel. What cannot be said has no words.
    """
    items = items_of(text.translate(_COUSINS))
    for i, item in enumerate(items):
        if item.spoken is not None:
            continue
        if _PLAIN.fullmatch(item.core):
            low = item.core.lower()
            if low not in _SHORT and not (item.dotted and low in WITHOUT_DOT):
                item.spoken = [low]
                continue
        if item.core in _ONE_LETTER and not item.dotted:
            item.spoken = [item.core]
            continue
        for rule in _rules():
            if rule(items, i):
                break
        if item.spoken is None:
            item.spoken = []
    _hand_on_marks(items)
    return items


def _hand_on_marks(items: list[Item]) -> None:
    """Give the marks behind items that say nothing to the last one that says something."""
    last: Item | None = None
    for item in items:
        if item.spoken:
            last = item
        elif last is not None:
            last.mark = stronger(last.mark, item.mark)


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    """Loaded on first need: plain words need none of them."""
    from intone.text.russian.rules import RULES

    return RULES


def spoken_text(text: str) -> str:
    """`text` as it will be said, words and marks with spaces between."""
    shown: list[str] = []
    for item in normalise(text):
        shown += item.spoken or []
        if item.spoken and item.mark != " ":
            shown.append(item.mark)
    return " ".join(shown)
