"""E-mail and web addresses in Russian text."""

from __future__ import annotations

import re

from intone.text.russian import latin
from intone.text.russian.counting import cardinal, digits
from intone.text.russian.written import Item

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)+(?:ru|рф|com|org|net|info|su|io|ua|by|kz|edu|gov|de|eu|me|tv)"
    r"(?:/[\w./?=&%#-]*)?|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_SIGNS = {"@": "собака", ".": "точка", "/": "слэш", "-": "дефис", "_": "подчёркивание",
    "?": "вопрос", "=": "равно", "&": "амперсанд", "%": "процент", "#": "решётка",
    "+": "плюс"}  # fmt: skip


def address(items: list[Item], i: int) -> bool:
    """name@mail.ru, www.site.com/page: words, and the names of the signs between them."""
    core = items[i].core
    if "." not in core or not _ADDRESS.fullmatch(core):
        return False
    spoken: list[str] = []
    bare = re.sub("^https?://", "", core).rstrip("/")
    for run in re.findall(r"[a-z]+|[а-яё]+|\d+|[@./_?=&%#+-]", bare, re.IGNORECASE):
        if run in _SIGNS:
            spoken.append(_SIGNS[run])
        elif run.isdecimal():
            spoken += cardinal(int(run)) if len(run) < 5 and run[0] != "0" else digits(run)
        elif run.isascii():
            spoken += latin.said(run.lower())
        else:
            spoken += ["эр", "эф"] if run.lower() == "рф" else [run.lower()]
    items[i].spoken = spoken
    return True
