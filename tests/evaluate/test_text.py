"""Errors are counted as a proof-reader would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.evaluate.text import (
    character_edits,
    comparable,
    edits,
    pooled_rate,
    word_edits,
)


@pytest.mark.parametrize(
    ("written", "read", "substituted", "skipped", "added"),
    [
        ("one two three", "one two three", 0, 0, 0),
        ("one two three", "one three", 0, 1, 0),
        ("one two three", "one two two three", 0, 0, 1),
        ("one two three", "one too three", 1, 0, 0),
        ("one two three", "", 0, 3, 0),
    ],
)
def test_words(written: str, read: str, substituted: int, skipped: int, added: int) -> None:
    found = word_edits(written, read)
    assert (found.substituted, found.skipped, found.added) == (substituted, skipped, added)


def test_case_and_punctuation_do_not_count() -> None:
    assert character_edits("Don't stop -- now!", "don’t stop now").rate == 0
    assert comparable("“Well,” she said.") == "well she said"


def test_pooling_weighs_by_length() -> None:
    pair = [word_edits("a b c d e f g h i", "a b c d e f g h i"), word_edits("a", "b")]
    assert pooled_rate(pair) == pytest.approx(0.1)


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
def test_edits_are_consistent(written: list[str], read: list[str]) -> None:
    found = edits(written, read)
    total = found.substituted + found.skipped + found.added
    assert (total == 0) == (written == read)
    assert len(read) - len(written) == found.added - found.skipped
    assert total <= max(len(written), len(read))
