"""A written text as items: words as they stand on paper, with the mark after each."""

from __future__ import annotations

import re
from functools import lru_cache

from intone.text.english.abbreviations import ALSO_WORDS, abbreviates
from intone.text.english.folding import fold
from intone.text.layout import SPACE, stronger
from intone.text.sentences import ends_sentence


class Item:
    """One written word: `text` as written, `core` folded to ASCII, the `mark` that follows.

    `dotted` says that a full stop stood right after `core`; whether it ends a sentence is
    in `mark`. Rules fill in `spoken`, the words it is spoken as; None until one has.
    """

    __slots__ = ("core", "dotted", "mark", "opened", "spoken", "text")

    def __init__(self, text: str, core: str, mark: str, dotted: bool, opened: bool) -> None:
        self.text = text
        self.core = core
        self.mark = mark
        self.dotted = dotted
        self.opened = opened
        self.spoken: list[str] | None = None


# Braces hold phones where they look like some; otherwise they are the braces of other people.
_CHUNK = re.compile(r"\{\s*[A-Z]{1,2}\d?(?:\s+[A-Z]{1,2}\d?)*\s*\}|\n[^\S\n]*\n|[^\s{}—…]+|[—…]")
_OPERATORS = {"==": "=", "===": "=", "!=": "≠", "<=": "≤", ">=": "≥", "+/-": "±"}
_INCHES = re.compile(r'\(?\d+(?:\.\d+|½|¼|¾)?"[.,;:!?)]*')


def items_of(text: str) -> list[Item]:
    """The items of a text, in order; punctuation and pictures alone make none."""
    text = text.replace("\r\n", "\n").replace("―", "—")
    if "--" in text:
        text = re.sub("--+", "—", text)
    if ".." in text or ". ." in text:
        text = re.sub(r"\.(?:\s?\.)+", "…", text)
    chunks = _CHUNK.findall(text)
    items: list[Item] = []
    last = len(chunks) - 1
    closing = ""
    quotes = 0
    for i, chunk in enumerate(chunks):
        chunk = _OPERATORS.get(chunk, chunk)
        inches = False
        if '"' in chunk:
            # A mark of inches, where no quotation is open.
            inches = quotes % 2 == 0 and _INCHES.fullmatch(chunk) is not None
            quotes += 0 if inches else chunk.count('"')
        if (
            chunk in ("-", "–", "−")
            and 0 < i < last
            and (chunks[i - 1][-1].isdecimal() and chunks[i + 1][0].isdecimal())
        ):
            items.append(Item(chunk, "-", SPACE, False, False))
            continue
        if chunk in ("—", "…"):
            mark = "-" if chunk == "—" else "…"
        elif chunk[0] == "\n":
            mark = "."
        elif chunk[0] == "{":
            items.append(Item(chunk, chunk, SPACE, False, False))
            continue
        else:
            before, written, core, dotted, mark = _peel(
                chunk.replace('"', "in") if inches else chunk
            )
            if inches:
                written = written.removesuffix("in") + '"'
            if items and before != SPACE:
                items[-1].mark = stronger(items[-1].mark, before)
            if core:
                if dotted:
                    following = chunks[i + 1] if i < last else None
                    short = abbreviates(core)
                    if not short or _closes(chunk, following):
                        mark = stronger(mark, ".")
                    if short and (mark != "." or core.lower() not in ALSO_WORDS):
                        written += "."
                items.append(Item(written, core, mark, dotted, before == ","))
                closing = chunk
                continue
        if items:
            items[-1].mark = stronger(items[-1].mark, mark)
    # A bracket makes a pause between words; at the end of a text it makes none.
    if items and chunks[-1] == closing and closing[-1] in ")]" and "," not in closing:
        items[-1].mark = SPACE if items[-1].mark == "," else items[-1].mark
    return items


def _closes(chunk: str, following: str | None) -> bool:
    """Whether the full stop of the abbreviation `chunk` ends its sentence, too."""
    if following is None or following[0] in "\n…":
        return True
    return following != "—" and ends_sentence(chunk, following)


_SIGNS_BEFORE = "$£€¥₹#@&+-.°%'±×÷=/§¶<>≈≠≤≥~*"
_AFTER = frozenset("%°'+#$£€¥₹¢&=×÷±≈≠≤≥/§<>*@")


@lru_cache(maxsize=65_536)
def _peel(chunk: str) -> tuple[str, str, str, bool, str]:
    """Mark before a word, the word as written, its folded core, a full stop?, mark after."""
    start, end = 0, len(chunk)
    before = SPACE
    while start < end and not (chunk[start].isalnum() or _begins(chunk, start)):
        if chunk[start] in "([":
            before = ","
        elif chunk[start] in ",;:!?–":
            before = stronger(before, "-" if chunk[start] == "–" else chunk[start])
        start += 1
    if start == end:
        # Nothing but marks: they belong to the word before.
        mark = SPACE
        for character in fold(chunk):
            mark = stronger(mark, _AS_MARK.get(character, SPACE))
        if chunk in ("-", "–", "−"):
            mark = "-"
        return SPACE, "", "", False, mark
    while end > start and not (chunk[end - 1].isalnum() or _ends(chunk, end - 1)):
        end -= 1
    if end == start:
        return before, "", "", False, SPACE
    tail = fold(chunk[end:])
    dotted = tail.startswith(".")
    mark = SPACE
    for character in tail[1:] if dotted else tail:
        mark = stronger(mark, _AS_MARK.get(character, SPACE))
    written = chunk[start:end]
    core = fold(written)
    if not any(map(str.isalnum, core)) and core not in _SPOKEN_SIGNS:
        return before, "", "", False, stronger(mark, "." if dotted else SPACE)
    return before, written, core, dotted, mark


_AS_MARK = {
    ",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "?": "?", "…": "…", ")": ",", "]": ",",
    "—": "-", "–": "-",
}  # fmt: skip
_SPOKEN_SIGNS = frozenset("&+=%°@#×÷±≈≠≤≥§¶<>/*$£€¥₹-–")


def _begins(chunk: str, at: int) -> bool:
    """Whether the sign at `at` belongs to the word that it opens."""
    sign, rest = chunk[at], chunk[at + 1 :]
    if sign not in _SIGNS_BEFORE and sign not in "’−":
        return False
    if sign in "'’":
        return rest[:1].isdecimal() or _ELIDED.match(rest) is not None
    if sign in "%°" and not rest.strip(_CLOSING):
        return True
    if sign == "°":
        return rest[:1] in ("C", "F", "K")
    if sign in "-−.+±":
        return (
            rest[:1].isdecimal()
            or (sign != "." and rest[:1] in tuple("$£€¥."))
            or (sign in "+±" and not rest)
        )
    if sign in "<>≈≤≥~":
        return (
            _AMOUNT.match(rest) is not None
            or (sign == "~" and rest[:1] == "/")
            or (not rest and sign != "~")
        )
    if sign == "/":
        return not rest or (rest[0].isalpha() and "/" in rest)
    if sign in "#@$£€¥₹§¶":
        return bool(rest[:1]) and (rest[0].isalnum() or rest[0] in "._-") or not rest
    return not rest or sign == "&"


_CLOSING = ".,;:!?…)]}'\"’”»"
_AMOUNT = re.compile(r"[$£€¥₹]?\d")
_ELIDED = re.compile(
    r"(?:tis|twas|em|til|cause|bout|round|n|twere|twill|tween|neath)(?![A-Za-z])", re.I
)


def _ends(chunk: str, at: int) -> bool:
    """Whether the sign at `at` belongs to the word that it closes."""
    sign, word = chunk[at], chunk[:at]
    if sign in "'’":
        return word[-1:] in ("s", "S", "n") and word[:1].isalpha() and "'" not in word[:1]
    if sign not in _AFTER:
        return False
    if sign in "%°$£€¥₹¢×":
        return word[-1:].isdecimal() or not word
    if sign == "/":
        return word.lower() in ("w", "")
    if sign in "+#":
        return word[-1:].isalnum() or (sign == "+" and word.endswith("+")) or not word
    return not word
