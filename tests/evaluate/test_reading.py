"""Words that were skipped, repeated or added are named, and told apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intone.evaluate.reading import ReadingErrors, reading_errors

TEXT = "The grey cat sat down by the door."


def test_a_faultless_reading_has_no_errors() -> None:
    assert reading_errors(TEXT, "the grey cat sat down by the door") == ReadingErrors((), (), ())


def test_a_word_cut_out_is_skipped() -> None:
    assert reading_errors(TEXT, "the grey cat down by the door").skipped == ("sat",)


def test_a_phrase_said_twice_is_repeated() -> None:
    found = reading_errors(TEXT, "the grey cat sat down sat down by the door")
    assert found == ReadingErrors((), ("sat", "down"), ())


def test_a_word_of_its_own_accord_is_added() -> None:
    assert reading_errors(TEXT, "the grey cat sat quietly down by the door").added == ("quietly",)


def test_a_word_heard_as_another_is_neither_skipped_nor_added() -> None:
    assert reading_errors(TEXT, "the grey hat sat down by the door") == ReadingErrors((), (), ())


def test_repeats_that_are_written_are_no_errors() -> None:
    text = "one one one two"
    assert reading_errors(text, text) == ReadingErrors((), (), ())
    assert reading_errors(text, "one one two").skipped == ("one",)
    assert reading_errors(text, "one one one one two").repeated == ("one",)


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_the_books_balance(written: list[str], read: list[str]) -> None:
    found = reading_errors(" ".join(written), " ".join(read))
    won = len(found.repeated) + len(found.added)
    assert len(written) - len(found.skipped) + won == len(read)
