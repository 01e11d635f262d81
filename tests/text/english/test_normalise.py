"""Written text is said as an English reader would say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from intone.text.english.counting import cardinal, ordinal, year
from intone.text.english.normalise import normalise, spoken_text

TABLE = [
    line.split("\t")
    for line in Path(__file__)
    .with_name("normalisation.tsv")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
]


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 160


@pytest.mark.parametrize(("written", "spoken"), TABLE, ids=[written for written, _ in TABLE])
def test_written_is_spoken(written: str, spoken: str) -> None:
    assert spoken_text(written) == spoken


def test_each_written_word_keeps_its_own_spoken_words() -> None:
    items = normalise("Dr. Smith paid $5 million on 5 April.")
    assert [(item.text, " ".join(item.spoken or [])) for item in items] == [
        ("Dr.", "doctor"),
        ("Smith", "smith"),
        ("paid", "paid"),
        ("$5", "five"),
        ("million", "million dollars"),
        ("on", "on"),
        ("5", "the fifth of"),
        ("April", "april"),
    ]


def test_a_word_of_the_users_is_left_alone() -> None:
    assert normalise("SQL", own={"sql"})[0].spoken == ["sql"]
    assert normalise("SQL")[0].spoken == ["s.", "q.", "l."]


@pytest.mark.parametrize("number", [*range(0, 2_000, 7), 10**6, 10**9 + 1, 10**26])
def test_cardinals_count_up(number: int) -> None:
    words = cardinal(number)
    assert words
    assert words != cardinal(number + 1)


def test_numbers_too_large_for_names_are_digits() -> None:
    assert cardinal(10**30)[:3] == ["one", "zero", "zero"]
    assert len(spoken_text("9" * 5_000).split()) == 5_000


def test_ordinals_and_years() -> None:
    assert ordinal(112) == ["one", "hundred", "twelfth"]
    assert year(1100) == ["eleven", "hundred"]
    assert year(2000) == ["two", "thousand"]
    assert year(987) == cardinal(987)


@pytest.mark.parametrize("form", ["{}-1/2", "{}½", "{}¢", "${}.50", "{}th", "#{}", "{}:30", "{}km"])
def test_endless_numbers_do_not_stop_it(form: str) -> None:
    assert "nine" in spoken_text(form.format("9" * 5_000))
