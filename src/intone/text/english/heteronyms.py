"""Words that are written alike and spoken differently, told apart by their neighbours.

`heteronyms.tsv` lists pairs of a noun or adjective and a verb; `heteronyms.json` has words
with rules of their own. Knows words, not meanings: it looks four words around at most.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from intone.text.english.morphology import Phones, plural

_DETERMINERS = frozenset(
    "a an the this that these those my your his her its our their no some any each every another "
    "whose both all one two three four five six ten".split()
)
_MODALS = frozenset(
    "to will would can could shall should may might must cannot can't won't wouldn't couldn't "
    "shouldn't don't doesn't didn't did do i'll you'll he'll she'll we'll they'll it'll let's "
    "please i'd you'd we'd they'd".split()
)
_SUBJECTS = frozenset("i you we they who never always often usually also people".split())
_SINGULAR_SUBJECTS = frozenset("he she it who which that nobody everyone someone".split())
_PREPOSITIONS = frozenset("of in on at for with from by about into under per without as".split())
_OBJECTS = frozenset(
    "the a an my your his her our their its it them him me us this that these those every all "
    "whether how yourself himself herself themselves what".split()
)
_AFTER_NOUNS = frozenset("of is was are were has had will which who can could".split())
_BEFORE_PARTICIPLES = frozenset(
    "have has had having i've you've we've they've haven't hasn't hadn't was were is are be been "
    "being it's he's she's wasn't weren't isn't aren't".split()
)
_ADVERBS = frozenset(
    "not never always also just only already ever even still quickly slowly often probably really "
    "actually then now recently finally carefully".split()
)
_BE = frozenset(
    "is are was were be been being am it's that's seems looks very so too more most".split()
)
_MACROS = {"@determiner": _DETERMINERS, "@modal": _MODALS}


@lru_cache(maxsize=1)
def _pairs() -> dict[str, tuple[str, Phones, Phones]]:
    table = Path(__file__).with_name("heteronyms.tsv").read_text(encoding="utf-8")
    pairs: dict[str, tuple[str, Phones, Phones]] = {}
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        word, default, noun, verb = line.split("\t")
        as_noun, as_verb = tuple(noun.split()), tuple(verb.split())
        pairs[word] = (default, as_noun, as_verb)
        many = (
            word[:-1] + "ies"
            if word.endswith("y") and word != "survey"
            else (word + ("es" if word.endswith(("s", "x")) else "s"))
        )
        pairs[many] = (default, plural(as_noun), plural(as_verb))
    return pairs


@lru_cache(maxsize=1)
def _special() -> dict[str, Any]:
    content = Path(__file__).with_name("heteronyms.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(content)
    return table


@lru_cache(maxsize=1)
def heteronyms() -> frozenset[str]:
    """Every word whose pronunciation depends on context."""
    return frozenset(_pairs()) | frozenset(_special())


def resolve(words: Sequence[str], i: int, opens: bool, capital: bool) -> Phones:
    """The phones of `words[i]`, which is one of `heteronyms()`.

    `words` are lower-case words of the text, "" where a clause ends; `opens` says that the
    word begins a clause, `capital` that it is written with a capital inside a sentence.
    """
    word = words[i]
    special = _special().get(word)
    if special is not None:
        return _by_rules(special, words, i, opens, capital)
    default, noun, verb = _pairs()[word]
    part = part_of_speech(words, i, opens) or default
    # After a form of "to be" it is an adjective: they are separate.
    is_adjective = i > 0 and words[i - 1] in _BE
    return verb if part in ("verb", "participle") and not is_adjective else noun


def part_of_speech(words: Sequence[str], i: int, opens: bool) -> str | None:
    """Whether `words[i]` looks like a "noun", a "verb" or a "participle"; None if unclear."""
    word = words[i]
    back = i - 1
    while back >= 0 and words[back] in _ADVERBS:
        back -= 1
    previous = words[back] if back >= 0 and not opens else ""
    following = words[i + 1] if i + 1 < len(words) else ""
    inflected = word.endswith("s") and not word.endswith("ss") and word not in ("does",)
    if previous in _BEFORE_PARTICIPLES:
        return "participle"
    if inflected:
        if previous in _SINGULAR_SUBJECTS:
            return "verb"
        if previous in _DETERMINERS or previous in _PREPOSITIONS:
            return "noun"
        return "verb" if following in _OBJECTS and previous else None
    if previous in _MODALS:
        return "verb"
    if previous in _DETERMINERS or previous.endswith("'s"):
        return "noun"
    if previous in _SUBJECTS:
        return "verb"
    if previous in _PREPOSITIONS:
        return "noun"
    if following in _OBJECTS:
        return "verb"
    if following in _AFTER_NOUNS:
        return "noun"
    # At the end of a clause, after what looks like an adjective: good conduct.
    if previous and not following and not previous.endswith(("s", "ly")):
        return "noun"
    return None


def _by_rules(
    special: dict[str, Any], words: Sequence[str], i: int, opens: bool, capital: bool
) -> Phones:
    previous = words[i - 1] if i and not opens else ""
    following = words[i + 1] if i + 1 < len(words) else ""
    for rule in special["rules"]:
        if "previous" in rule and not _listed(previous, rule["previous"]):
            continue
        if "next" in rule and not _listed(following, rule["next"]):
            continue
        if _listed(previous, rule.get("not_previous", ())):
            continue
        if _listed(following, rule.get("not_next", ())):
            continue
        if rule.get("near") and not any(
            w in rule["near"] for w in (*words[max(0, i - 4) : i], *words[i + 1 : i + 5])
        ):
            continue
        if "part" in rule and part_of_speech(words, i, opens) != rule["part"]:
            continue
        if rule.get("capital") and not capital:
            continue
        return tuple(rule["say"].split())
    return tuple(special["default"].split())


def _listed(word: str, listed: Sequence[str]) -> bool:
    return word in listed or any(word in _MACROS[name] for name in listed if name.startswith("@"))
