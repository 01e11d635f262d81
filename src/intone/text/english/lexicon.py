"""`Lexicon`: how known words are spoken; CMUdict, packed so that one look-up reads little.

`lexicon.bin` is made by `benchmarks/build_lexicon.py`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from intone.core.errors import TextError
from intone.text.english.phones import PHONES
from intone.text.word_blocks import WordBlocks

Phones = tuple[str, ...]

PACKED = Path(__file__).with_name("lexicon.bin")


class Lexicon:
    """The words of `lexicon.bin`, and a user's own, which go first.

    Knows nothing of context: a word has one pronunciation here.
    """

    def __init__(self, own: dict[str, Phones] | None = None) -> None:
        self.own = dict(own or {})

    def phones(self, word: str) -> Phones | None:
        """The phones of a lower-case word; None if it is unknown."""
        if word in self.own:
            return self.own[word]
        spoken = _packed().get(word)
        return None if spoken is None else _unpacked(spoken)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.phones(word) is not None

    def words(self) -> dict[str, Phones]:
        """Every word and its phones, the user's own in place of the built-in ones."""
        return {word: _unpacked(line) for word, line in _packed().all().items()} | self.own


@lru_cache(maxsize=1)
def _packed() -> WordBlocks:
    return WordBlocks(PACKED.read_bytes())


def _unpacked(spoken: str) -> Phones:
    """Phones, each a letter in the file, by name."""
    names = _packed().about["phones"]
    return tuple([names[ord(letter) - 48] for letter in spoken])


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
