"""Plain sentences from the texts of Debian's `fortunes` packages, for a teacher to read.

    python recipes/fortune_sentences.py > sentences.txt
    python recipes/fortune_sentences.py russian > sentences.txt

Only sentences of words and simple punctuation are taken, so that what a teacher makes of
figures and abbreviations cannot differ from what our frontend makes of them.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

FOLDER = Path("/usr/share/games/fortunes")
WHOLE = re.compile(r"[A-Z][A-Za-z' ,;:.?!-]*[.?!]")
UNWANTED = re.compile(
    r"[A-Z]{2,}|\.\.|--|[.?!].+|\b[B-HJ-Z]\b|-\s|\s-|(^|\s)'|'(\s|$)"
    r"|\b(Mr|Mrs|Dr|St|etc|vs|Jr|Prof|Rev|Gen|Sen)\b"
)
WHOLE_RUSSIAN = re.compile(r"[А-ЯЁ][А-Яа-яё ,;:.?!-]*[.?!]")


def sentences(folder: Path, whole: re.Pattern[str]) -> list[str]:
    """Distinct sentences of 3 to 24 words, shuffled the same way every time."""
    found: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.suffix or path.name == "ascii-art":
            continue
        for entry in path.read_text(encoding="utf-8", errors="ignore").split("\n%\n"):
            text = re.sub(r"\n\s*--.*", "", entry, flags=re.DOTALL).replace('"', "")
            for sentence in re.split(r"(?<=[.?!])\s+", " ".join(text.split())):
                plain = whole.fullmatch(sentence) and not UNWANTED.search(sentence[:-1])
                if plain and 3 <= len(sentence.split()) <= 24:
                    found.setdefault(sentence.lower(), sentence)
    shuffled = list(found.values())
    random.Random(1).shuffle(shuffled)
    return shuffled


if __name__ == "__main__":
    russian = "russian" in sys.argv[1:]
    chosen = (FOLDER / "ru", WHOLE_RUSSIAN) if russian else (FOLDER, WHOLE)
    print("\n".join(sentences(*chosen)))
