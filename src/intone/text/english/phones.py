"""The phones and marks of the `english` frontend: ARPAbet, as CMUdict writes it."""

from __future__ import annotations

from intone.text.inventory import Inventory
from intone.text.layout import MARKS, SPACE, START

VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
CONSONANTS = tuple("B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split())
PHONES = tuple(sorted([v + stress for v in VOWELS for stress in "012"] + list(CONSONANTS)))

INVENTORY = Inventory.of(optional=(START, SPACE, *MARKS), lasting=PHONES)
"""The pad, `^`, the separators, 24 consonants, and 15 vowels with three stresses each."""


def is_vowel(phone: str) -> bool:
    """Whether a phone of `PHONES` is a vowel."""
    return phone[-1] in "012"
