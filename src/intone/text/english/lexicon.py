"""`Lexicon`: how known words are spoken; CMUdict, packed so that one look-up reads little.

`lexicon.bin` is a line of JSON, a compression dictionary and blocks of 400 sorted words,
made by `benchmarks/build_lexicon.py`. A block is unpacked when a word in it is first asked
for, and kept.
"""

from __future__ import annotations

import json
import re
import zlib
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from intone.core.errors import TextError
from intone.text.english.phones import PHONES

Phones = tuple[str, ...]

PACKED = Path(__file__).with_name("lexicon.bin")
_FRONT = re.compile("([\x01-\x1f])([^\x01-\x1f]*)")


class Lexicon:
    """The words of `lexicon.bin`, and a user's own, which go first.

    Knows nothing of context: a word has one pronunciation here.
    """

    def __init__(self, own: dict[str, Phones] | None = None) -> None:
        self.own = dict(own or {})
        self._blocks: dict[int, dict[str, Phones]] = {}

    def phones(self, word: str) -> Phones | None:
        """The phones of a lower-case word; None if it is unknown."""
        if word in self.own:
            return self.own[word]
        packed = _packed()
        number = bisect_right(packed.firsts, word) - 1
        if number < 0:
            return None
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = packed.block(number)
        return block.get(word)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.phones(word) is not None

    def words(self) -> dict[str, Phones]:
        """Every word and its phones, the user's own in place of the built-in ones."""
        packed = _packed()
        found: dict[str, Phones] = {}
        for number in range(len(packed.firsts)):
            found.update(packed.block(number))
        return found | self.own


class _Packed:
    def __init__(self, content: bytes) -> None:
        line, rest = content.split(b"\n", 1)
        head = json.loads(line)
        self.firsts: list[str] = head["firsts"]
        self._phones: list[str] = head["phones"]
        self._shared = rest[: head["shared"]]
        self._blocks: list[bytes] = []
        start = head["shared"]
        for size in head["sizes"]:
            self._blocks.append(rest[start : start + size])
            start += size

    def block(self, number: int) -> dict[str, Phones]:
        unpack = zlib.decompressobj(-15, zdict=self._shared)
        fronts, spoken = unpack.decompress(self._blocks[number]).decode("utf-8").split("\0")
        names = self._phones
        words: list[str] = []
        word = ""
        for shared, rest in _FRONT.findall(fronts):
            word = word[: ord(shared) - 1] + rest
            words.append(word)
        lines = spoken.split("\n")
        return {
            w: tuple([names[ord(c) - 48] for c in line])
            for w, line in zip(words, lines, strict=True)
        }


@lru_cache(maxsize=1)
def _packed() -> _Packed:
    return _Packed(PACKED.read_bytes())


def phones_of(text: str, where: str) -> Phones:
    """The phones written in `text` ("HH AH0 L OW1"); `TextError` names those that are not any."""
    phones = tuple(text.upper().split())
    unknown = [phone for phone in phones if phone not in _KNOWN]
    if unknown:
        unstressed = [phone for phone in unknown if phone + "0" in _KNOWN]
        hint = (
            f"give the vowel {unstressed[0]} a stress, such as {unstressed[0]}1 or {unstressed[0]}0"
            if unstressed
            else "write ARPAbet such as {HH AH0 L OW1}"
        )
        raise TextError(f"{where}: unknown phones {' '.join(unknown)}; {hint}")
    if not phones:
        raise TextError(f"{where}: no phones are given; write ARPAbet such as {{HH AH0 L OW1}}")
    return phones


_KNOWN = frozenset(PHONES)


def read_lexicon(path: Path) -> dict[str, Phones]:
    """The words of a user's lexicon: lines of `word<TAB>PHONES`; `#` begins a comment line.

    Raises `TextError`, naming file and line, if a line is not of that form.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise TextError(f"there is no lexicon {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(f"lexicon {path} cannot be read as UTF-8 text: {error}") from None
    words: dict[str, Phones] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path}, line {number}"
        word, tab, phones = line.partition("\t")
        if not tab or not word.strip():
            raise TextError(f"{where}: expected a word, a tab and phones, not {line[:40]!r}")
        words[word.strip().lower()] = phones_of(phones, where)
    return words


_BUILT_IN = Lexicon()


def known(word: str) -> bool:
    """Whether the built-in lexicon has a lower-case word."""
    return _BUILT_IN.phones(word) is not None
