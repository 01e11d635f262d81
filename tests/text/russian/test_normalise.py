"""Written Russian is said as a Russian reader would say it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from intone.text.russian.counting import cardinal, ordinal
from intone.text.russian.normalise import normalise, spoken_text

TABLE = [
    line.split("\t")
    for line in Path(__file__)
    .with_name("normalisation.tsv")
    .read_text(encoding="utf-8")
    .splitlines()
]


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 200


@pytest.mark.parametrize(("written", "spoken"), TABLE, ids=[written for written, _ in TABLE])
def test_written_is_spoken(written: str, spoken: str) -> None:
    assert spoken_text(written) == spoken


def test_each_written_word_keeps_its_own_spoken_words() -> None:
    items = [item for item in normalise("В 1945 г. он купил 3 кг.") if item.spoken]
    assert [(item.text, " ".join(item.spoken or [])) for item in items] == [
        ("В", "в"),
        ("1945", "тысяча девятьсот сорок пятом"),
        ("г.", "году"),
        ("он", "он"),
        ("купил", "купил"),
        ("3", "три килограмма"),
    ]


@pytest.mark.parametrize(
    ("number", "case", "gender", "words"),
    [
        (2, "gen", "m", "двух"),
        (21, "acc", "f", "двадцать одну"),
        (1_000, "nom", "m", "тысяча"),
        (2_001, "nom", "f", "две тысячи одна"),
        (40, "ins", "m", "сорока"),
        (1_234_567, "nom", "m", "миллион двести тридцать четыре тысячи пятьсот шестьдесят семь"),
    ],
)
def test_numbers_stand_in_their_case(number: int, case: str, gender: str, words: str) -> None:
    assert " ".join(cardinal(number, case, gender)) == words


@pytest.mark.parametrize(
    ("number", "form", "words"),
    [
        (2000, "mp", "двухтысячном"),
        (1945, "mg", "тысяча девятьсот сорок пятого"),
        (3, "fg", "третьей"),
    ],
)
def test_ordinals_decline(number: int, form: str, words: str) -> None:
    assert " ".join(ordinal(number, form)) == words


@given(some.text(max_size=60))
def test_any_text_becomes_cyrillic_words(text: str) -> None:
    for item in normalise(text):
        for word in item.spoken or []:
            assert word.strip("+-")
            assert all("а" <= c <= "я" or c in "ё-+\u0300\u0301\u0341" for c in word), word
