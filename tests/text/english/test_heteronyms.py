"""Words written alike are told apart by their neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from intone.text.english import EnglishFrontend
from intone.text.english.heteronyms import heteronyms, resolve
from intone.text.english.phones import PHONES

ENGLISH = EnglishFrontend()
GOLDEN = [
    line.split("\t")
    for line in Path(__file__).with_name("heteronyms.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("word", "text", "phones"), GOLDEN, ids=[f"{r[1]}" for r in GOLDEN])
def test_golden_phrases(word: str, text: str, phones: str) -> None:
    symbols = ENGLISH.symbols(text)
    (*_, last) = [w for w in symbols.words if w.text.lower() == word]
    assert " ".join(symbols.tokens[last.start : last.end]) == phones


def test_every_heteronym_has_known_phones_alone() -> None:
    for word in heteronyms():
        assert set(resolve([word], 0, True, False)) <= set(PHONES)
