from __future__ import annotations

import re

import pytest

from intone.corpus.sentences_en import sentences, word_salad
from intone.corpus.spelled_numbers import cardinal, clock_time, ordinal, year
from intone.corpus.words_en import plural, verb, with_article
from intone.text.english.lexicon import Lexicon


def test_sentences_are_many_distinct_and_of_a_broad_vocabulary() -> None:
    made = sentences(4_000, seed=1)
    assert len(set(made)) == 4_000
    vocabulary = set(re.findall(r"[a-z']+", " ".join(made).lower()))
    assert len(vocabulary) > 2_500
    lexicon = Lexicon()
    known = sum(word in lexicon for word in vocabulary)
    assert known / len(vocabulary) > 0.95  # words that are hardly words would be unknown


def test_sentences_can_be_spoken_as_they_stand() -> None:
    for sentence in sentences(1_500, seed=2):
        assert re.fullmatch(r"[A-Z][A-Za-z',; -]*[.?!]", sentence), sentence
        assert "  " not in sentence
        assert 3 <= len(sentence.split()) <= 25
        assert not re.search(r"\ba [aeio]", sentence.lower().replace("a one", "")), sentence


def test_a_seed_gives_the_same_sentences_and_another_seed_others() -> None:
    assert sentences(50, seed=3) == sentences(80, seed=3)[:50]
    assert not set(sentences(50, seed=3)) & set(sentences(50, seed=4))


def test_a_salad_covers_more_pairs_of_phones_than_sentences_do() -> None:
    lexicon = Lexicon()

    def pairs(lines: list[str]) -> set[tuple[str, str]]:
        found = set()
        for word in re.findall(r"[a-z]+", " ".join(lines).lower()):
            phones = [phone.rstrip("012") for phone in lexicon.phones(word) or ()]
            found |= set(zip(phones, phones[1:], strict=False))
        return found

    salad, plain = pairs(word_salad(120, seed=1)), pairs(sentences(120, seed=1))
    assert len(salad) > 1.3 * len(plain)
    assert word_salad(5, seed=7) == word_salad(5, seed=7)


@pytest.mark.parametrize(
    ("number", "spelled"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety-nine"),
        (305, "three hundred and five"),
        (1_000, "one thousand"),
        (20_010, "twenty thousand and ten"),
        (999_999, "nine hundred and ninety-nine thousand nine hundred and ninety-nine"),
    ],
)
def test_cardinals(number: int, spelled: str) -> None:
    assert cardinal(number) == spelled


def test_ordinals_years_and_times() -> None:
    assert [ordinal(n) for n in (1, 2, 12, 20, 23, 100)] == [
        "first",
        "second",
        "twelfth",
        "twentieth",
        "twenty-third",
        "one hundredth",
    ]
    assert [year(n) for n in (1905, 1900, 2000, 2006, 2024)] == [
        "nineteen oh five",
        "nineteen hundred",
        "two thousand",
        "two thousand and six",
        "twenty twenty-four",
    ]
    assert [clock_time(m) for m in (0, 30, 12 * 60 + 45, 605, 19 * 60 + 25)] == [
        "twelve o'clock",
        "half past twelve",
        "a quarter to one",
        "ten oh five",
        "seven twenty-five",
    ]


def test_forms_of_words() -> None:
    stop, carry, begin = verb("stop"), verb("carry"), verb("begin/began/begun")
    assert (stop.past, stop.ongoing, stop.present) == ("stopped", "stopping", "stops")
    assert (carry.past, carry.ongoing, carry.present) == ("carried", "carrying", "carries")
    assert (begin.past, begin.ongoing) == ("began", "beginning")
    assert [
        verb(v).ongoing for v in ("visit", "cook", "tie", "agree", "quit", "take/took/taken")
    ] == [
        "visiting",
        "cooking",
        "tying",
        "agreeing",
        "quitting",
        "taking",
    ]
    assert [plural(n) for n in ("city", "box", "day", "knife", "tomato")] == [
        "cities",
        "boxes",
        "days",
        "knives",
        "tomatoes",
    ]
    assert [with_article(n) for n in ("apple", "uniform", "hour", "unusual cat", "useful cat")] == [
        "an apple",
        "a uniform",
        "an hour",
        "an unusual cat",
        "a useful cat",
    ]
