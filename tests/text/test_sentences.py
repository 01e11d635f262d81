"""Sentences come one at a time; clauses lose and repeat nothing."""

from __future__ import annotations

from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.text.sentences import LONGEST_SENTENCE_CHARACTERS, clauses, sentences


@pytest.mark.parametrize(
    "parts",
    [
        ["Hello there.", "How are you?", "Fine!"],
        ["Dr. Smith met Mr. Jones.", "They left."],
        ["It cost $3.50 at 7.30.", "He paid."],
        ["I know J. R. R. Tolkien.", "He wrote."],
        ["She lives in the U.S. Army base.", "It is big."],
        ["He moved to the U.S.", "It was cold."],
        ["Take fruit, e.g. apples.", "Eat them."],
        ["Apples, pears, etc.", "Then more."],
        ["See Fig. 3 and No. 5 for more.", "No.", "I won't."],
        ['"Stop!" he said.', '"Why?" she asked.'],
        ['He said, "Go."', "She went."],
        ["Wait... what?", "Oh."],
        ["He waited…", "Nothing came."],
        ["We leave at 7 p.m. Monday.", "Be there."],
        ["It is 5 p.m.", "Go home."],
        ["1. Buy milk.", "2. Go home."],
        ["Really?!", "Yes."],
        ["He lives on Main St.", "The house is big."],
        ["I use Yahoo! every day.", "Do you?"],
        ["So do I.", "Vitamin C helps.", "Plan B.", "The end."],
    ],
)
def test_english_sentences(parts: list[str]) -> None:
    assert list(sentences(" ".join(parts))) == parts


def test_blank_lines_end_sentences_and_single_ones_do_not() -> None:
    assert list(sentences("Chapter One\n\nIt was\ndark. \n \n The end")) == [
        "Chapter One",
        "It was dark.",
        "The end",
    ]


def test_other_languages() -> None:
    assert list(sentences("Das ist z.B. gut. Am 3. Mai war es so.", "de")) == [
        "Das ist z.B. gut.",
        "Am 3. Mai war es so.",
    ]
    assert list(sentences("你好。我很好！再见", "cmn")) == ["你好。", "我很好！", "再见"]
    assert list(sentences("Он пришёл в 5 ч. вечера, т.е. поздно. Она ушла.", "ru"))[-1] == (
        "Она ушла."
    )


def test_an_endless_stream_is_cut_as_it_comes() -> None:
    spoken = sentences(chain.from_iterable(repeat(["One two. Th", "ree fo", "ur! "])))
    assert [next(spoken) for _ in range(4)] == ["One two.", "Three four!"] * 2
    unpunctuated = sentences(repeat("word "))
    assert len(next(unpunctuated)) <= LONGEST_SENTENCE_CHARACTERS + 10


@given(st.text(st.sampled_from("ab.A!? \n\"'…5)D"), max_size=200), st.integers(1, 9))
def test_pieces_make_no_difference_and_nothing_is_lost(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    whole = list(sentences(text))
    assert list(sentences(pieces)) == whole
    assert "".join("".join(whole).split()) == "".join(text.split())


@given(st.text(max_size=300), st.integers(1, 60))
def test_clauses_keep_every_character(sentence: str, most: int) -> None:
    parts = clauses(sentence, most)
    assert "".join("".join(parts).split()) == "".join(sentence.split())
    assert all(0 < len(part) <= most for part in parts)


def test_clauses_cut_at_the_strongest_place() -> None:
    text = "He came in the morning, tired and hungry; she left in the evening"
    assert clauses(text, 50) == [
        "He came in the morning, tired and hungry;",
        "she left in the evening",
    ]
    assert clauses("one two three, four five", 18) == ["one two three,", "four five"]
    assert clauses("we ran and they walked away", 20) == ["we ran", "and they walked away"]
    assert clauses("abcdefgh", 3) == ["abc", "def", "gh"]
    assert clauses("short", 100) == ["short"]


@pytest.mark.parametrize("unit", ["a", "a.", "\n", "你好。", "1,", ". "])
def test_odd_texts_are_cut_in_linear_time(unit: str) -> None:
    text = unit * 100_000
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
