"""A written Russian text as items: words as they stand on paper, with the mark after each."""

from __future__ import annotations

import re
from functools import lru_cache

from intone.text.layout import SPACE, stronger


class Item:
    """One written word: `text` as written, `core` without punctuation, the `mark` behind it.

    `dotted` says that a full stop stood right behind `core`. Rules fill in `spoken`, the
    words it is spoken as; None until one has.
    """

    __slots__ = ("core", "dotted", "mark", "spoken", "text")

    def __init__(self, text: str, core: str, mark: str, dotted: bool) -> None:
        self.text = text
        self.core = core
        self.mark = mark
        self.dotted = dotted
        self.spoken: list[str] | None = None


_CHUNK = re.compile(r"\n[^\S\n]*\n|[^\s—…]+|[—…]")
_AS_MARK = {
    ".": ".", "!": "!", "?": "?", "…": "…", ",": ",", ";": ";", ":": ":", "—": "-", "–": "-",
    ")": ",", "]": ",", "(": ",", "[": ",",
}  # fmt: skip
_BEFORE = frozenset("№$€£₽#@§+-−°~%&=<>")
_BEHIND = frozenset("%‰$€£₽°+\u0301\u0300\u0341&=@/")
_SIGNS = frozenset("%№&+=§°$€₽£@<>/-–×≈")
_ABBREVIATED = re.compile(
    r"(?:[а-яё]|гг|вв|ул|пер|пл|пр|просп|наб|руб|коп|тыс|млн|млрд|трлн|др|пр|им|проф|акад|доц|"
    r"обл|стр|рис|табл|гл|ст|см|ср|напр|тел|мин|сек|кв|корп|эт|род|ум|экз|изд|шт|чел|гос|зам|"
    r"зав|нач|ред|илл|прим|янв|февр|авг|сент|окт|нояб|дек|т\.\s?[едкпнч]|н\.э|до\sн\.э|"
    r"и\.о|с\.ш|ю\.ш|в\.д|з\.д|р\.х|т\.ч|долл|св|р-н|прп|г-н|им)$"
)
_INITIALS = re.compile("[А-ЯЁ](?:\\.[А-ЯЁ])*")
_CLOSING = '.,;:!?…)»”"'
_MAY_BE_LAST = frozenset(
    "г гг в вв руб коп тыс млн млрд др пр тел мин сек шт чел экз т.д т.п с см м км ч долл н.э "
    "обл кв д э п".split()
)


def items_of(text: str) -> list[Item]:
    """The items of a text, in order; punctuation alone makes none."""
    if ".." in text:
        text = re.sub(r"\.(?:\s?\.)+", "…", text)
    if "--" in text:
        text = text.replace("--", "—")
    chunks = _CHUNK.findall(text.replace("\r\n", "\n"))
    items: list[Item] = []
    last = len(chunks) - 1
    for i, chunk in enumerate(chunks):
        if chunk in ("—", "…") or chunk[0] == "\n":
            if items:
                mark = {"—": "-", "…": "…"}.get(chunk, ".")
                items[-1].mark = stronger(items[-1].mark, mark)
            continue
        before, written, core, dotted, mark = _peel(chunk)
        if items and before != SPACE:
            items[-1].mark = stronger(items[-1].mark, before)
        if not core:
            if items:
                items[-1].mark = stronger(items[-1].mark, mark)
            continue
        if dotted:
            following = chunks[i + 1] if i < last else None
            if _ends(core, following):
                mark = stronger(mark, ".")
            else:
                written += "."
        items.append(Item(written, core, mark, dotted))
    return items


def _ends(core: str, following: str | None) -> bool:
    """Whether the full stop behind `core` ends a sentence."""
    if following is None or following[0] == "\n":
        return True
    if _INITIALS.fullmatch(core):
        return False
    low = core.lower()
    if not _ABBREVIATED.match(low):
        return True
    start = following.lstrip('«"„“(—-')[:1]
    return (
        low in _MAY_BE_LAST
        and start.isupper()
        and low not in ("г", "д", "п", "с", "м", "в", "ч", "э", "см", "тел", "пр")
    )


@lru_cache(maxsize=65_536)
def _peel(chunk: str) -> tuple[str, str, str, bool, str]:
    """Mark before a word, the word as written, its core, a full stop?, the mark behind."""
    if chunk.isalpha():
        return SPACE, chunk, chunk, False, SPACE
    start, end = 0, len(chunk)
    before = SPACE
    while start < end and not chunk[start].isalnum():
        sign = chunk[start]
        if (
            sign in _BEFORE
            and start + 1 < end
            and (chunk[start + 1].isalnum() or chunk[start + 1] in _BEFORE)
        ):
            if sign in "-−" and not chunk[start + 1].isdecimal():
                start += 1
                continue
            break
        if sign in _SIGNS and not chunk[start + 1 :].strip(_CLOSING):
            break
        before = stronger(before, _AS_MARK.get(sign, SPACE))
        start += 1
    if start == end:
        return SPACE, "", "", False, before if chunk not in ("-", "–") else "-"
    while end > start + 1 and not (chunk[end - 1].isalnum() or chunk[end - 1] in _BEHIND):
        end -= 1
    tail = chunk[end:]
    dotted = tail.startswith(".")
    mark = SPACE
    for sign in tail[1:] if dotted else tail:
        mark = stronger(mark, _AS_MARK.get(sign, SPACE))
    core = chunk[start:end]
    if core in ("-", "–"):
        return SPACE, "", "", False, "-"
    if not any(map(str.isalnum, core)) and core not in _SIGNS:
        return before, "", "", False, stronger(mark, "." if dotted else SPACE)
    return before, core, core, dotted, mark
