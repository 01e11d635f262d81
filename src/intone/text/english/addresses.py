"""E-mail and web addresses and file names: john@example.com, https://example.org/a, notes.txt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import cardinal, digits
from intone.text.english.lexicon import known

if TYPE_CHECKING:
    from intone.text.english.written import Item

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ENDINGS = (
    "com org net edu gov mil io co uk de fr it es nl eu ai app dev info me tv us ca au in jp cn ru "
    "ch at be se no fi dk pl br biz xyz gov int local html htm php"
).split()
_FILES = (
    "txt pdf doc docx xls xlsx ppt csv tsv json yaml yml toml xml html js ts py cpp java rs go sh "
    "md png jpg jpeg gif svg mp3 mp4 wav flac ogg zip gz tar exe dll so cfg ini log sql onnx"
).split()
_WEB = re.compile(
    r"(?:https?://|ftp://)\S+|www\.\S+"
    rf"|(?:[A-Za-z0-9][\w-]*\.)+(?:{'|'.join(_ENDINGS)})(?::\d+)?(?:/\S*)?"
)
_FILE = re.compile(rf"[\w./\\-]*[\w-]\.(?:{'|'.join(_FILES)})")
_PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w.+-]+(?:/[\w.+-]+)+/?|~/[\w.+-]+/?|[A-Za-z]:\\[\w.+-]+(?:\\[\w.+-]+)*\\?"
)
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^A-Za-z\d]")
_NAMES = {
    ".": "dot", "/": "slash", "\\": "backslash", "-": "dash", "_": "underscore", "@": "at",
    ":": "colon", "?": "question mark", "=": "equals", "&": "and", "#": "hash", "+": "plus",
    "~": "tilde", "%": "percent",
}  # fmt: skip
_PLAIN = frozenset("com org net info app dev biz gov".split())


def address(items: list[Item], i: int) -> bool:
    """An e-mail or web address or a file name, its signs named."""
    core = items[i].core
    if _PATH.fullmatch(core):
        items[i].spoken = spell(core)
        return True
    if "." not in core and "://" not in core:
        return False
    if _MAIL.fullmatch(core) or _WEB.fullmatch(core) or _FILE.fullmatch(core):
        if core.count(".") == len(core.replace(".", "")):
            return False
        items[i].spoken = spell(re.sub(r"^(?:https?|ftp)://", "", core).rstrip("/"))
        return bool(items[i].spoken)
    return False


def spell(text: str) -> list[str]:
    """The words and named signs of an address or an identifier."""
    words: list[str] = []
    for piece in _PIECE.findall(text):
        low = piece.lower()
        if piece.isdecimal():
            words += cardinal(int(piece)) if len(piece) < 3 and piece[0] != "0" else digits(piece)
        elif not piece.isalpha():
            words += _NAMES.get(piece, "").split()
        elif low in _PLAIN or (len(piece) > 2 and known(low)) or _can_be_said(low):
            words.append(low)
        else:
            words += [letter + "." for letter in low]
    return words


def _can_be_said(word: str) -> bool:
    if len(word) == 2:
        return word in (
            "my",
            "me",
            "go",
            "we",
            "to",
            "in",
            "on",
            "at",
            "by",
            "is",
            "an",
            "no",
            "do",
            "up",
        )
    return len(word) > 3 and re.search("[aeiouy]", word) is not None
