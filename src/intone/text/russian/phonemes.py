"""The phonemes of Russian, broad and narrow, and the inventories of the frontend."""

from __future__ import annotations

from intone.text.inventory import Inventory
from intone.text.layout import MARKS, SPACE, START

PAIRED = tuple("b v g d z k l m n p r s t f x".split())
"""Consonants that are hard, or soft with an ʲ behind."""
UNPAIRED = ("ʃ", "ʒ", "ts", "tɕ", "ɕː", "j")
CONSONANTS = (*PAIRED, *(c + "ʲ" for c in PAIRED), *UNPAIRED)
STRESSED = ("a", "e", "i", "o", "u", "ɨ")
UNSTRESSED = ("ə", "ɪ", "i", "u", "ɨ", "a", "e", "o")
"""The last three only in parts of words that keep a full vowel without the main stress."""
VOWELS = (*STRESSED, "ə", "ɪ")
PHONEMES = (*VOWELS, *CONSONANTS)

_NARROW_STRESSED = ("a", "æ", "e", "ɛ", "i", "o", "ɵ", "u", "ʉ", "ɨ")
_NARROW_UNSTRESSED = ("ɐ", "ə", "ɪ", "ɨ", "ʊ", "ʉ", "a", "ɛ", "o")
_NARROW_CONSONANTS = tuple(
    {"g": "ɡ", "gʲ": "ɡʲ", "l": "ɫ", "ʃ": "ʂ", "ʒ": "ʐ", "ts": "t͡s", "tɕ": "t͡ɕ"}.get(c, c)
    for c in CONSONANTS
)
NARROW_PHONEMES = (
    *dict.fromkeys((*_NARROW_STRESSED, *_NARROW_UNSTRESSED)),
    *_NARROW_CONSONANTS,
)

INVENTORY = Inventory.of(
    optional=(START, SPACE, *MARKS),
    lasting=(*(v + "1" for v in STRESSED), *UNSTRESSED, *CONSONANTS),
)
"""Marks, then stressed vowels with a 1 behind, then the other vowels, then consonants."""

NARROW_INVENTORY = Inventory.of(
    optional=(START, SPACE, *MARKS),
    lasting=(*(v + "1" for v in _NARROW_STRESSED), *_NARROW_UNSTRESSED, *_NARROW_CONSONANTS),
)
"""The same for narrow transcriptions."""

IS_VOWEL = frozenset((*VOWELS, *_NARROW_STRESSED, *_NARROW_UNSTRESSED))
