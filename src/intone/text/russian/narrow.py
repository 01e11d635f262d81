"""Broad phonemes → the linguist's narrow transcription of the same word."""

from __future__ import annotations

from collections.abc import Sequence

from intone.text.russian.phonemes import IS_VOWEL

_CONSONANTS = {
    "g": "ɡ", "gʲ": "ɡʲ", "l": "ɫ", "ʃ": "ʂ", "ʒ": "ʐ", "ts": "t͡s", "tɕ": "t͡ɕ",
}  # fmt: skip
_BETWEEN_SOFT = {"a": "æ", "o": "ɵ", "u": "ʉ"}


def narrow(phonemes: Sequence[str], stressed: int) -> list[str]:
    """The narrow form of broad `phonemes`, of which number `stressed` has the stress (-1: none).

    As many as there were: ɐ in the first syllable before the stress and at the start of a
    word, æ ɵ ʉ between soft consonants, ɛ between hard ones, ʂ ʐ ɫ ɡ, ʊ and ɪ unstressed.
    """
    pretonic = -1
    for i in range(stressed - 1, -1, -1):
        if phonemes[i] in IS_VOWEL:
            pretonic = i
            break
    made: list[str] = []
    last = len(phonemes) - 1
    for i, phoneme in enumerate(phonemes):
        if phoneme not in IS_VOWEL:
            made.append(_CONSONANTS.get(phoneme, phoneme))
            continue
        after_soft = i > 0 and _soft(phonemes[i - 1])
        before_soft = i < last and _soft(phonemes[i + 1])
        if i == stressed:
            if phoneme == "e":
                made.append("e" if after_soft or before_soft else "ɛ")
            elif after_soft and before_soft:
                made.append(_BETWEEN_SOFT.get(phoneme, phoneme))
            else:
                made.append(phoneme)
        elif phoneme == "ə":
            opens = i == 0 or (i < last and phonemes[i + 1] in IS_VOWEL)
            first = i == pretonic or (opens and i < stressed)
            made.append("ɐ" if first and not after_soft else "ə")
        elif phoneme == "i":
            made.append("ɪ")
        elif phoneme == "u":
            made.append("ʉ" if after_soft and before_soft else "ʊ")
        else:
            made.append("ɛ" if phoneme == "e" else phoneme)
    return made


def _soft(phoneme: str) -> bool:
    return phoneme[-1] == "ʲ" or phoneme in ("tɕ", "ɕː", "j")
