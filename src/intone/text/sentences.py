"""Cutting texts into sentences as they arrive, and overlong sentences into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

LONGEST_SENTENCE_CHARACTERS = 2_000
"""A run of words without an end is handed on after this many characters."""

# A token without its closing quotes and brackets ends in one of these.
_END = re.compile(r"""[.!?…؟।。！？]["'”’»)\]›*_]*$""")
_CLOSERS = "\"'”’»)]›*_"
_OPENERS = "\"'“‘«([‹*_¿¡-–—„"
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+$")
_LIST_NUMBER = re.compile(r"(?:\d{1,3}|[A-Za-z])[.)]$")
_EAST_ASIAN_END = re.compile(r"(?<=[。！？])(?![。！？」』”])")

# Abbreviations that are followed by more of their sentence, whatever comes next.
_NEVER_LAST = {
    "en": "mr mrs ms messrs dr prof rev gen sen rep gov capt cpt lt col sgt maj cmdr hon pres "
    "fr st mt ft e.g i.e cf vs viz approx ca",
    "de": "dr prof hr fr z.b d.h u.a bzw ca nr str vgl evtl ggf sog st",
    "fr": "m mm mme mlle dr pr st ste cf p.ex env",
    "es": "sr sra srta dr dra d.ª prof ej p.ej ud uds av",
    "it": "sig dott prof ing avv es p.es ecc",
    "pt": "sr sra dr dra prof ex p.ex av",
    "ru": "г гг т.е т.к т.д т.п др им ул д стр рис см",
}
# Abbreviations that are, when a number follows.
_BEFORE_NUMBERS = {
    "en": "no nos fig figs vol vols p pp ch sec eq art apt rm ste jan feb mar apr jun jul aug sep "
    "sept oct nov dec op ver v",
    "de": "nr abb bd s kap art",
    "fr": "no n art chap fig p vol",
    "es": "núm n art cap fig p pág vol",
}
# Abbreviations that may end a sentence, and do when a word that opens sentences follows.
_SOMETIMES_LAST = {
    "en": "inc ltd co corp jr sr ave blvd rd ln dept est u.s u.k u.s.a ph.d m.d b.a m.a d.c "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "no fig vol ft in lb lbs oz min max tel ext al"
}
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday est edt pst pdt gmt cet utc "
    "january february march april may june july august september october november december".split()
)
_OPENING_WORDS = frozenset(
    "the he she it they we i you this that these those there here but and so in on at if when "
    "while what why who how where a an his her my our their its your then now as after before "
    "however no yes for with once one some many most all let do did does is are was were not "
    "only even never perhaps maybe nobody everyone nothing something both each every from to "
    "since although because although by of or yet still until".split()
)


@lru_cache(maxsize=16)
def _abbreviations(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    base = language.lower().split("-")[0]
    never, numbers, sometimes = (
        frozenset(table.get(base, "").split())
        for table in (_NEVER_LAST, _BEFORE_NUMBERS, _SOMETIMES_LAST)
    )
    return never, numbers, sometimes


def ends_sentence(token: str, following: str | None, language: str = "en") -> bool:
    """Whether a sentence ends after `token`, when `following` is the token after it."""
    if not _END.search(token):
        return False
    if following is None:
        return True
    bare = token.strip(_CLOSERS + _OPENERS)
    start = following.lstrip(_OPENERS)[:1]
    if not bare.endswith(".") or bare.endswith(".."):
        return not start.islower()
    word = bare[:-1].lower()
    after = following.strip(_CLOSERS + _OPENERS + ".,;:!?…").lower()
    never, numbers, sometimes = _abbreviations(language)
    if word in never:
        return word in ("st", "ft", "mt") and after in _OPENING_WORDS and following[:1].isupper()
    if word in numbers and start.isdigit():
        return False
    if start.islower():
        return False
    if word in ("a.m", "p.m", "etc"):
        return after not in _DAYS
    if word in ("no", "in", "est", "al", "co", "min", "max") and not start.isdigit():
        return True
    if word in sometimes or (_DOTTED.match(bare) and bare != "I."):
        return after in _OPENING_WORDS and following[:1].isupper()
    return not (word.isdigit() and language.lower().startswith("de"))


def sentences(text: str | Iterable[str], language: str = "en") -> Iterator[str]:
    """The sentences of a text, one at a time, with single spaces between their words.

    `text` may arrive in pieces of any size; no more than one sentence is kept. A blank
    line ends a sentence. A sentence of more than `LONGEST_SENTENCE_CHARACTERS` is cut.
    """
    held: list[str] = []
    characters = 0
    token: str | None = None
    for following in _tokens(_pieces(text)):
        if token is not None:
            held.append(token)
            characters += len(token) + 1
            numbered = len(held) == 1 and bool(_LIST_NUMBER.match(token))
            if (
                following == ""
                or characters > LONGEST_SENTENCE_CHARACTERS
                or (not numbered and ends_sentence(token, following, language))
            ):
                yield " ".join(held)
                held, characters = [], 0
        token = following or None
    if token is not None:
        held.append(token)
    if held:
        yield " ".join(held)


def _pieces(text: str | Iterable[str]) -> Iterator[str]:
    if isinstance(text, str):
        for start in range(0, len(text), 4_096):
            yield text[start : start + 4_096]
    else:
        yield from text


_RUN = re.compile(r"(\S+)|\s+")


def _tokens(pieces: Iterable[str]) -> Iterator[str]:
    """Tokens between spaces as they arrive; "" stands for a blank line."""
    rest = ""
    for piece in pieces:
        rest += piece
        # The last run of spaces, and a token that may go on, wait for what follows.
        word = "" if rest[-1:].isspace() else rest.rsplit(maxsplit=1)[-1] if rest else ""
        end = len(rest[: len(rest) - len(word)].rstrip())
        yield from _cut_tokens(rest[:end])
        rest = rest[end:]
        while len(word) > LONGEST_SENTENCE_CHARACTERS:
            # A script without spaces, or no word at all: hand on what is whole.
            *whole, word = _EAST_ASIAN_END.split(word)
            if not whole:
                whole, word = (
                    [word[:LONGEST_SENTENCE_CHARACTERS]],
                    word[LONGEST_SENTENCE_CHARACTERS:],
                )
            yield from _cut_tokens(rest[: len(rest) - len(rest.lstrip())])
            yield from (part for part in whole if part)
            rest = word
    yield from _cut_tokens(rest.rstrip())


def _cut_tokens(text: str) -> Iterator[str]:
    for match in _RUN.finditer(text):
        if match[1]:
            yield from (part for part in _EAST_ASIAN_END.split(match[1]) if part)
        elif match[0].count("\n") > 1:
            yield ""


_CUTS = (
    re.compile(r"(?<=[;:；：])\s+"),
    re.compile(r"(?<=[,、，)\]])\s+|\s+(?=[–—(\[])|(?<=[–—])\s*|(?<=[、，])"),
    re.compile(
        r"\s+(?=(?:and|or|but|because|which|that|while|when|who|so|und|oder|et|ou|y|e|и)\s)"
    ),
    re.compile(r"\s+"),
)


def clauses(sentence: str, max_characters: int) -> list[str]:
    """`sentence` in parts of at most `max_characters`, cut at the strongest places there are.

    Tried in turn: semicolons and colons; commas, brackets and dashes; conjunctions; spaces;
    anywhere. No character other than space at a cut is lost or repeated.
    """
    if max_characters < 1:
        raise ValueError(f"max_characters is {max_characters}, but must be at least 1")
    return _cut(sentence.strip(), max_characters, 0)


def _cut(text: str, most: int, level: int) -> list[str]:
    if len(text) <= most:
        return [text] if text else []
    if level == len(_CUTS):
        return [part for i in range(0, len(text), most) if (part := text[i : i + most].strip())]
    parts = [part for part in _CUTS[level].split(text) if part.strip()]
    made: list[str] = []
    start = end = 0
    for part in parts:
        at = text.index(part, end)
        if end > start and at + len(part) - start > most:
            made.extend(_cut(text[start:end].strip(), most, level + 1))
            start = at
        end = at + len(part)
    made.extend(_cut(text[start:end].strip(), most, level + 1))
    return made
