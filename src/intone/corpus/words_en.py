"""The word lists of `words_en.txt` and the forms of their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PLURALS = {
    "calf": "calves",
    "child": "children",
    "deer": "deer",
    "fisherman": "fishermen",
    "firefighter": "firefighters",
    "foot": "feet",
    "goose": "geese",
    "knife": "knives",
    "man": "men",
    "mouse": "mice",
    "ox": "oxen",
    "salmon": "salmon",
    "scarf": "scarves",
    "sheep": "sheep",
    "shelf": "shelves",
    "shrimp": "shrimp",
    "squid": "squid",
    "thief": "thieves",
    "tooth": "teeth",
    "trout": "trout",
    "wolf": "wolves",
    "woman": "women",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "hero": "heroes",
    "mosquito": "mosquitoes",
    "buffalo": "buffaloes",
    "mango": "mangoes",
    "tornado": "tornadoes",
    "trousers": "trousers",
    "crossroads": "crossroads",
    "bison": "bison",
    "moose": "moose",
    "crisis": "crises",
    "oasis": "oases",
    "stomach": "stomachs",
}
# Of more than one syllable, yet stressed on the last, so that the consonant doubles.
_DOUBLING = frozenset({"admit", "begin", "forget", "prefer", "regret", "unwrap"})
_VOWELS = "aeiou"


@dataclass(frozen=True)
class Verb:
    """A verb and its forms."""

    base: str
    past: str
    participle: str

    @property
    def present(self) -> str:
        """The third person: "carries"."""
        return "goes" if self.base == "go" else plural(self.base, regular=True)

    @property
    def ongoing(self) -> str:
        """The form in -ing: "carrying"."""
        base = self.base
        if base.endswith("ic"):
            return base + "king"
        if base.endswith("ie"):
            return base[:-2] + "ying"
        if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
            return base[:-1] + "ing"
        return _doubled(base) + "ing"


@cache
def words() -> Mapping[str, tuple[str, ...]]:
    """The entries of each list by its name, as they stand in the file."""
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    path = Path(__file__).with_name("words_en.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = lists.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            current += line.split()
    return {name: tuple(dict.fromkeys(entries)) for name, entries in lists.items()}


def verb(entry: str) -> Verb:
    """The verb of an entry: "carry", or "take/took/taken"."""
    base, *irregular = entry.split("/")
    if irregular:
        return Verb(base, irregular[0], irregular[1])
    if base.endswith("e"):
        past = base + "d"
    elif _ends_in_consonant_y(base):
        past = base[:-1] + "ied"
    else:
        past = _doubled(base) + "ed"
    return Verb(base, past, past)


def plural(noun: str, *, regular: bool = False) -> str:
    """The plural of a noun; by rule alone where it is `regular`."""
    if not regular and noun in _PLURALS:
        return _PLURALS[noun]
    if _ends_in_consonant_y(noun):
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    return noun + "s"


def with_article(phrase: str) -> str:
    """A phrase behind "a" or "an", as its first sound asks."""
    vowel = phrase[0].lower() in _VOWELS
    if phrase.lower().startswith(("uni", "use", "usu", "euro", "one", "ewe")):
        vowel = phrase.lower().startswith(("unim", "unin", "unus"))
    if phrase.lower().startswith(("hour", "honest", "honour")):
        vowel = True
    return f"{'an' if vowel else 'a'} {phrase}"


def _ends_in_consonant_y(word: str) -> bool:
    return len(word) > 1 and word.endswith("y") and word[-2] not in _VOWELS


def _doubled(base: str) -> str:
    """The base with its last consonant doubled, where one short stressed vowel stands before it."""
    if len(base) < 3 or base[-1] in "aeiouwxy" or base[-2] not in _VOWELS:
        return base
    if base[-3] in _VOWELS and base[-3:-1] != "ui":
        return base
    syllables = sum(
        letter in _VOWELS and (i == 0 or base[i - 1] not in _VOWELS)
        for i, letter in enumerate(base)
    )
    if syllables > 1 and base not in _DOUBLING and not base.endswith("vel"):
        return base
    return base + base[-1]
