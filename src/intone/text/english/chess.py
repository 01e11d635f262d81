"""Moves of chess in algebraic notation: Nf3, Qxd5+, exd5."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import digits

if TYPE_CHECKING:
    from intone.text.english.written import Item

_PIECES = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
_MOVE = re.compile(r"([KQRBN]?)([a-h]?[1-8]?)(x?)([a-h])([1-8])(?:=([QRBN]))?([+#]?)")


def move(items: list[Item], i: int) -> bool:
    """A move of a piece, or a pawn's that takes; a bare square such as e4 is read anyhow."""
    match = _MOVE.fullmatch(items[i].core)
    if match is None or not (match[1] or match[3]):
        return False
    piece, origin, takes, file, rank, promoted, check = match.groups()
    words = [_PIECES[piece]] if piece else []
    for sign in origin:
        words += digits(sign) if sign.isdecimal() else [sign + "."]
    words += ["takes"] if takes else []
    words += [file + ".", *digits(rank)]
    words += ["becomes", _PIECES[promoted]] if promoted else []
    words += {"+": ["check"], "#": ["mate"], "": []}[check]
    items[i].spoken = words
    return True
