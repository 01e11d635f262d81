"""Which syllable of a known word is stressed, and which е of it is ё.

`lexicon.bin` is made by `benchmarks/build_russian_lexicon.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from intone.core.errors import TextError
from intone.text.russian.graphemes import VOWEL_LETTERS, vowel_count
from intone.text.word_blocks import WordBlocks

PACKED = Path(__file__).with_name("lexicon.bin")


@lru_cache(maxsize=1)
def _packed() -> WordBlocks:
    return WordBlocks(PACKED.read_bytes())


def known(word: str) -> tuple[str, int] | None:
    """A lower-case word of several syllables, or with ё, as it is said: its spelling and stress.

    In the spelling, the stressed е is ё where it should be; the stress is a syllable from 0.
    None for a word that is not in the lexicon.
    """
    line = _packed().get(word.replace("ё", "е"))
    if line is None:
        return None
    syllable = int(line.rstrip("ё"))
    if "ё" in word or line[-1] != "ё":
        return word, vowel_count(word[: word.rindex("ё")]) if "ё" in word else syllable
    at = [i for i, letter in enumerate(word) if letter in VOWEL_LETTERS][syllable]
    return word[:at] + "ё" + word[at + 1 :], syllable


def read_stress_dictionary(path: Path) -> dict[str, int]:
    """The stresses of a file of lines `word<TAB>syllable from 0`; `#` begins a comment.

    Raises `TextError`, naming the line, for what cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(f"stress dictionary {path} cannot be read: {error}") from None
    stresses: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        fields = line.split("#", 1)[0].split()
        if not fields:
            continue
        if len(fields) != 2 or not fields[1].isdecimal():
            raise TextError(
                f"{path}, line {number}: {line.strip()[:60]!r} is not a word, a tab and the "
                "number of its stressed syllable from 0"
            )
        stresses[fields[0].lower()] = int(fields[1])
    check_stresses(stresses, f"stress dictionary {path}")
    return stresses


def check_stresses(stresses: Mapping[str, int], where: str) -> None:
    """Raise `TextError` if a word of `stresses` has no such syllable."""
    for word, syllable in stresses.items():
        count = vowel_count(word)
        if not 0 <= syllable < count:
            raise TextError(
                f"{where}: word {word!r} has {count} syllables, so its stress cannot be on "
                f"number {syllable}; they count from 0"
            )
