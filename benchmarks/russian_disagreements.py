"""Where the frontend `russian`, espeak-ng and festival's Russian voice read a text differently.

    python benchmarks/russian_disagreements.py CORPUS/manifest.jsonl

The manifest is that of `intone corpus make russian -t festival`: its lines carry the text and
festival's phones. The first sentences that make 2,000 words are read by all three; each reading
is aligned with ours, a sentence at a time, and differences are counted by kind, with words that
show them. Notations that mean the same sound are no difference.
Writes `benchmarks/results/russian_disagreements.json`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from report import write_report

from intone.text import frontend
from intone.text.russian.phonemes import CONSONANTS, STRESSED, UNSTRESSED

WORDS = 2_000
_SHOWN = 12
_VOICED = dict(zip("bvgdzʒ", "pfktsʃ", strict=True))
_OPEN, _FRONT = ("ə", "a", "o"), ("ɪ", "i", "e")

FESTIVAL: dict[str, tuple[str, ...]] = {
    **{c: (c,) for c in "bvgdzklmnprstfj"},
    **{2 * c: (c + "ʲ",) for c in "bvgdzklmnprstf"},
    "h": ("x",),
    "hh": ("xʲ",),
    "c": ("ts",),
    "ch": ("tɕ",),
    "sch": ("ɕː",),
    "sh": ("ʃ",),
    "zh": ("ʒ",),
    "aa": ("a1",),
    "ee": ("e1",),
    "e": (*_FRONT, "ɨ", "ə", "e1"),
    "ii": ("i1",),
    "oo": ("o1",),
    "uu": ("u1",),
    "yy": ("ɨ1",),
    "a": _OPEN,
    "ay": (*_OPEN, "ɨ"),
    "ae": (*_FRONT, "ə"),
    "i": _FRONT,
    "u": ("u",),
    "ur": ("u",),
    "y": ("ɨ",),
}
"""What festival's phones are among ours; its reduced vowels are several of ours."""

_ESPEAK_VOWELS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("aɑʌəoɐɔɵ", _OPEN),
    **dict.fromkeys("eɛiɪ", _FRONT),
    "u": ("u",),
    "ʊ": ("u",),
    "y": ("ɨ",),
    "ɨ": ("ɨ",),
}
_ESPEAK_STRESSED = {
    **dict.fromkeys("aɑʌəɐæ", "a1"),
    **dict.fromkeys("oɔɵ", "o1"),
    "e": "e1",
    "ɛ": "e1",
    "i": "i1",
    "ɪ": "i1",
    "u": "u1",
    "ʊ": "u1",
    "y": "ɨ1",
    "ɨ": "ɨ1",
}
_ESPEAK_CONSONANTS = {"ɭ": "l", "ɡ": "g", "ɕ": "ɕː", "ʑ": "zʲ", "ɫ": "l"}


def from_espeak(tokens: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """espeak-ng's symbols as (what it wrote, what that may be among our phonemes)."""
    found: list[tuple[str, tuple[str, ...]]] = []
    stressed = False
    main = joined = False
    for token in tokens:
        if token == " ":
            main = joined = False
            continue
        if token == "ˈ" or (token == "ˌ" and not main):
            main = True
            stressed = True
        elif token in _ESPEAK_VOWELS:
            same = (_ESPEAK_STRESSED[token],) if stressed else _ESPEAK_VOWELS[token]
            found.append(("ˈ" * stressed + token, same))
            stressed = False
        elif token == "ʲ" and found:
            wrote, same = found[-1]
            found[-1] = (wrote + "ʲ", same if same[0] in ("tɕ", "ɕː") else (same[0] + "ʲ",))
        elif token in ("ʃ", "s") and joined and found[-1][0] == "t":
            found[-1] = ("t" + token, ("tɕ",) if token == "ʃ" else ("ts",))
        elif token.isalpha() and token not in "ʲːˌ":
            found.append((token, (_ESPEAK_CONSONANTS.get(token, token),)))
        joined = bool(found)
    return found


def from_festival(phones: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Festival's phones as (what it wrote, what that may be among our phonemes)."""
    return [(p, FESTIVAL[p]) for p in phones if p != "pau"]


_VOWELS = frozenset((*(v + "1" for v in STRESSED), *UNSTRESSED))


def kind(ours: str | None, theirs: tuple[str, ...] | None) -> str:
    """The kind of difference between one of our phonemes and another reading of it."""
    if ours is None or theirs is None:
        at = ours or (theirs or ("",))[0]
        sort = "vowel" if at in _VOWELS else "consonant"
        return f"{sort} only {'here' if ours else 'there'}"
    vowels = [p in _VOWELS for p in (ours, theirs[0])]
    if all(vowels):
        marked = [p.endswith("1") for p in (ours, theirs[0])]
        if all(marked):
            return "stressed vowel, quality"
        return "stress" if any(marked) else "unstressed vowel, quality"
    if any(vowels):
        return "vowel against consonant"
    one, other = (p.removesuffix("ʲ") for p in (ours, theirs[0]))
    if one == other:
        return "softness"
    if _VOICED.get(one, one) == _VOICED.get(other, other):
        return "voicing"
    return "another consonant"


def align(
    ours: Sequence[str], theirs: Sequence[tuple[str, tuple[str, ...]]]
) -> list[tuple[int | None, int | None]]:
    """Pairs of places in both, None where one has nothing; the cheapest alignment."""
    a, b = len(ours), len(theirs)
    cost = np.zeros((a + 1, b + 1))
    cost[:, 0] = 0.7 * np.arange(a + 1)
    cost[0] = 0.7 * np.arange(b + 1)
    pair = np.array([[_distance(o, t[1]) for t in theirs] for o in ours])
    for i in range(a):
        for j in range(b):
            cost[i + 1, j + 1] = min(
                cost[i, j] + pair[i, j], cost[i, j + 1] + 0.7, cost[i + 1, j] + 0.7
            )
    pairs: list[tuple[int | None, int | None]] = []
    while a or b:
        if a and b and np.isclose(cost[a, b], cost[a - 1, b - 1] + pair[a - 1, b - 1]):
            a, b = a - 1, b - 1
            pairs.append((a, b))
        elif a and np.isclose(cost[a, b], cost[a - 1, b] + 0.7):
            a -= 1
            pairs.append((a, None))
        else:
            b -= 1
            pairs.append((None, b))
    return pairs[::-1]


def _distance(ours: str, theirs: tuple[str, ...]) -> float:
    if ours in theirs:
        return 0.0
    found = kind(ours, theirs)
    if found in ("softness", "voicing"):
        return 0.3
    return {"vowel against consonant": 2.0, "another consonant": 0.9}.get(found, 0.5)


def main() -> None:
    """Read the text three times; print and write the differences."""
    russian, espeak = frontend.build("russian", "ru"), frontend.build("espeak", "ru")
    counted: dict[str, Counter[str]] = {"espeak-ng": Counter(), "festival": Counter()}
    shown: dict[str, dict[str, Counter[str]]] = {n: defaultdict(Counter) for n in counted}
    words = phonemes = 0
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if words >= WORDS:
            break
        if any(c.isdigit() or c.isascii() and c.isalpha() for c in entry["text"]):
            continue
        symbols = russian.symbols(entry["text"])
        word_at = [""] * len(symbols)
        one_vowel = [False] * len(symbols)
        for word in symbols.words:
            span = symbols.tokens[word.start : word.end]
            for n in range(word.start, word.end):
                word_at[n] = word.text
                one_vowel[n] = sum(t in _VOWELS for t in span) == 1
        places = [n for n, t in enumerate(symbols.tokens) if t in _VOWELS or t in CONSONANTS]
        ours = [symbols.tokens[n] for n in places]
        words, phonemes = words + len(symbols.words), phonemes + len(ours)
        readings = {
            "espeak-ng": from_espeak(espeak.symbols(entry["text"]).tokens),
            "festival": from_festival([phone for phone, _ in entry["phones"]]),
        }
        for name, theirs in readings.items():
            last = 0
            for i, j in align(ours, theirs):
                last = last if i is None else i
                mine, yours = None if i is None else ours[i], None if j is None else theirs[j]
                if mine and yours and mine in yours[1]:
                    continue
                found = kind(mine, yours and yours[1])
                if found == "stress" and one_vowel[places[last]]:
                    found = "stress of words of one syllable"
                counted[name][found] += 1
                change = f"{mine or '-'}:{yours[0] if yours else '-'} {word_at[places[last]]}"
                shown[name][found][change] += 1
    figures = {
        name: {
            found: {"count": n, "examples": [c for c, _ in shown[name][found].most_common(_SHOWN)]}
            for found, n in counts.most_common()
        }
        for name, counts in counted.items()
    }
    for name, kinds in figures.items():
        print(name, f"{sum(counted[name].values()) / phonemes:.1%} of {phonemes} phonemes")
        for found, about in kinds.items():
            print(f"  {about['count']:5d} {found}: {', '.join(about['examples'])}")
    write_report("russian_disagreements", {"words": words, "phonemes": phonemes, **figures})


if __name__ == "__main__":
    main()
