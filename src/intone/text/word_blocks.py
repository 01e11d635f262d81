"""`WordBlocks`: many words and a short string for each, packed so that one look-up reads little.

The file is a line of JSON, a compression dictionary and blocks of sorted words. A block is
unpacked when a word in it is first asked for, and kept.
"""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

BLOCK_WORDS = 400
_FRONT = re.compile("([\x01-\x1f])([^\x01-\x1f]*)")


class WordBlocks:
    """What `pack` made: `words` gives each word's string, `about` what was packed beside them."""

    def __init__(self, content: bytes) -> None:
        line, rest = content.split(b"\n", 1)
        self.about: dict[str, Any] = json.loads(line)
        self._firsts: list[str] = self.about["firsts"]
        self._shared = rest[: self.about["shared"]]
        self._packed: list[bytes] = []
        start = self.about["shared"]
        for size in self.about["sizes"]:
            self._packed.append(rest[start : start + size])
            start += size
        self._blocks: dict[int, dict[str, str]] = {}

    def get(self, word: str) -> str | None:
        """The string of `word`, or None."""
        number = bisect_right(self._firsts, word) - 1
        return self._block(number).get(word) if number >= 0 else None

    def all(self) -> dict[str, str]:
        """Every word and its string."""
        found: dict[str, str] = {}
        for number in range(len(self._firsts)):
            found.update(self._block(number))
        return found

    def _block(self, number: int) -> dict[str, str]:
        known = self._blocks.get(number)
        if known is None:
            unpack = zlib.decompressobj(-15, zdict=self._shared)
            fronts, lines = unpack.decompress(self._packed[number]).decode("utf-8").split("\0")
            words: list[str] = []
            word = ""
            for shared, rest in _FRONT.findall(fronts):
                word = word[: ord(shared) - 1] + rest
                words.append(word)
            known = dict(zip(words, lines.split("\n"), strict=True))
            self._blocks[number] = known
        return known


def pack(entries: Mapping[str, str], about: Mapping[str, Any]) -> bytes:
    """A file for `WordBlocks`: words sorted, each block compressed on its own.

    All blocks share one dictionary. Neither words nor strings hold control characters.
    """
    words = sorted(entries)
    raw, firsts = [], []
    for start in range(0, len(words), BLOCK_WORDS):
        block = words[start : start + BLOCK_WORDS]
        firsts.append(block[0])
        fronts, previous = [], ""
        for word in block:
            shared = 0
            while shared < min(len(word), len(previous), 25) and word[shared] == previous[shared]:
                shared += 1
            fronts.append(chr(1 + shared) + word[shared:])
            previous = word
        lines = "\n".join(entries[word] for word in block)
        raw.append(("".join(fronts) + "\0" + lines).encode("utf-8"))
    step = max(1, len(raw) // 100)
    shared_text = b"".join(
        block[:160] + block[block.index(b"\0") + 1 :][:160] for block in raw[::step]
    )[-32_000:]
    packed = []
    for block_bytes in raw:
        squeeze = zlib.compressobj(
            9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, zdict=shared_text
        )
        packed.append(squeeze.compress(block_bytes) + squeeze.flush())
    head = {
        **about,
        "words": len(words),
        "shared": len(shared_text),
        "sizes": [len(p) for p in packed],
        "firsts": firsts,
    }
    line = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    return line + b"\n" + shared_text + b"".join(packed)
