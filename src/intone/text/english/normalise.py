"""Written words → spoken words: every rule in the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from functools import lru_cache

from intone.text.english.pronounce import ACCENTED
from intone.text.english.units import named
from intone.text.english.written import Item, items_of

Rule = Callable[[list[Item], int], bool]

_PLAIN = re.compile(r"[A-Za-z]?[a-z]+(?:'[a-z]{1,2})?")


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Rules for words with letters only, and for those with digits or signs.

    Loaded on first need: "Hello." needs none of them.
    """
    from intone.text.english import (
        abbreviations,
        addresses,
        chess,
        money,
        numbers,
        postal,
        roman,
        signs,
        times_and_dates,
        units,
        words,
    )

    worded = (
        postal.state_and_code,
        roman.roman_numeral,
        times_and_dates.half_of_day,
        times_and_dates.day_and_month,
        times_and_dates.day_of_week,
        units.after_number,
        money.with_code,
        signs.lone_sign,
        abbreviations.abbreviation,
        abbreviations.initials,
        addresses.address,
        words.acronym,
    )
    return (
        (*worded, signs.tagged, signs.joined, words.letters_only),
        (
            units.after_number,
            money.with_code,
            signs.lone_sign,
            chess.move,
            signs.love,
            _compared,
            times_and_dates.written_date,
            times_and_dates.time_of_day,
            times_and_dates.years,
            money.with_sign,
            numbers.telephone,
            numbers.fraction,
            numbers.ordinal_number,
            numbers.plain,
            units.attached,
            numbers.number_range,
            numbers.network_address,
            numbers.version,
            numbers.ratio,
            addresses.address,
            abbreviations.abbreviation,
            signs.tagged,
            _per,
            numbers.mixture,
            signs.joined,
            words.letters_only,
        ),
    )


def normalise(text: str, own: Container[str] = ()) -> list[Item]:
    """The items of `text`, each with its `spoken` words.

    A spoken word is a lower-case word, "b." for the name of a letter, a mark, or "{...}" with
    phones. Words in `own` (lower-case) are left to the user's lexicon.
    """
    items = items_of(text)
    for i, item in enumerate(items):
        core = item.core
        if item.spoken is None and own and (low := core.lower()) in own:
            item.spoken = [low]
        if item.spoken is not None:
            continue
        if core[0] == "{":
            item.spoken = [core]
        elif not item.text.isascii() and (accented := item.text.lower()) in ACCENTED:
            item.spoken = [accented]
        elif core.isalpha() and core.islower() and not item.dotted and core not in _SHORT:
            item.spoken = [core] if i == 0 or not items[i - 1].core[-1:].isnumeric() else None
            if item.spoken is None:
                _apply(items, i)
        else:
            _apply(items, i)
    return items


_SHORT = frozenset(
    "vs etc ltd approx dept aka jr sr mr mrs dr prof asap govt phd hm hmm mm shh".split()
)


def _apply(items: list[Item], i: int) -> None:
    core = items[i].core
    if (
        _PLAIN.fullmatch(core)
        and not items[i].dotted
        and core.lower() not in _CAPITALISED
        and (i == 0 or not items[i - 1].core[-1:].isnumeric())
    ):
        items[i].spoken = _plain_word(core)
        return
    worded, signed = _rules()
    for rule in (
        worded
        if core[0].isalpha() and core.isalpha()
        else (signed if any(c.isdecimal() for c in core) or not core[0].isalpha() else worded)
    ):
        if rule(items, i):
            break
    if items[i].spoken is None:
        items[i].spoken = []


_CAPITALISED = frozenset(
    "a st dr ft mr mrs ms prof vs etc ltd inc corp approx dept ave blvd sgt lt capt jr sr govt "
    "assn bros hwy cmdr cpl aka asap phd messrs no nos fig figs vol vols pp jan feb mar apr jun "
    "jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun january february "
    "march april may june july august september october november december hm hmm mm "
    "shh i v x".split()
)


def _plain_word(core: str) -> list[str]:
    from intone.text.english.words import compound, letters_only

    if "'" not in core:
        return compound(core)
    item = Item(core, core, " ", False, False)
    letters_only([item], 0)
    return item.spoken or []


def _per(items: list[Item], i: int) -> bool:
    """$20/month, 60km/hour: an amount, per, a word."""
    amount, slash, unit = items[i].core.partition("/")
    if not slash or not unit.isalpha() or not amount[-1:].isdecimal():
        return False
    part = Item(amount, amount, " ", False, False)
    _apply([part], 0)
    items[i].spoken = [*(part.spoken or []), "per", *(named(unit, "1") or [unit.lower()])]
    return True


def _compared(items: list[Item], i: int) -> bool:
    """<5, ≥$10, ~20: the comparison, then the amount as if it stood alone."""
    sign, amount = items[i].core[0], items[i].core[1:]
    if (
        sign not in _COMPARED
        or not amount[:1].strip("$£€¥₹").isdecimal()
        and (amount[:1] not in tuple("$£€¥₹"))
    ):
        return False
    # The amount's own rules look at what stands around it.
    alone = Item(items[i].text, amount, items[i].mark, items[i].dotted, items[i].opened)
    around = [*items[:i], alone, *items[i + 1 :]]
    _apply(around, i)
    items[i].spoken = [*_COMPARED[sign].split(), *(alone.spoken or [])]
    return True


_COMPARED = {
    "<": "less than", ">": "more than", "≤": "at most", "≥": "at least", "≈": "about",
    "~": "about",
}  # fmt: skip


def spoken_text(text: str) -> str:
    """`text` as it will be said, words and marks with spaces between; letters in capitals."""
    shown: list[str] = []
    for item in normalise(text):
        for word in item.spoken or []:
            is_letter = len(word) > 1 and word[1] == "." and word[0].isalpha()
            shown.append(word[0].upper() + word[2:] if is_letter else word)
        if item.spoken and item.mark != " ":
            shown.append(item.mark)
    return " ".join(shown)
