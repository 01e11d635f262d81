"""Learned units of spelling: exact both ways, and a row of them to speak."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.core.errors import SettingsError, TextError
from intone.text.frontend import build, from_state, learn
from intone.text.nucleotide import NucleotideFrontend, normalised

POLISH = [
    "W Szczebrzeszynie chrząszcz brzmi w trzcinie, i Szczebrzeszyn z tego słynie.",
    "Dzień dobry! Dżem, dźwięk i dziura – „czas” na rzecz.",
]
ENGLISH = ["The other brother gathers feathers.", "Don't the mother and father bother?"]
LEARNED = NucleotideFrontend.learn([*ENGLISH * 3, *POLISH], vocab_size=140)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=8),
            st.text(st.characters(), max_size=4),
            st.sampled_from(
                ["<pause>", "<Breath>", "<emphasis>", "szcz", "the ", "^", "<0>", "don't"]
            ),
        ),
        max_size=8,
    ).map("".join)
)
def test_every_text_comes_back_as_it_was_normalised(text: str) -> None:
    plain = normalised(text)
    assert normalised(plain) == plain
    assert LEARNED.decode(LEARNED.encode(text)) == plain


def test_normalising_folds_width_quotes_dashes_and_case() -> None:
    assert normalised("\tＨello — “it’s” „ﬁne”…\n") == 'hello - "it\'s" "fine"...'


def test_polish_digraphs_are_units_from_the_first() -> None:
    digraphs = {"sz", "cz", "dz", "dź", "dż", "ch", "rz"}
    full = NucleotideFrontend.learn(POLISH, "pl", vocab_size=120)
    assert {"".join(pair) for pair in full.merges[:7]} == digraphs
    least = NucleotideFrontend("pl", full.alphabet, full.signs, full.merges[:7])
    assert least.units("szczebrzeszyn") == ["sz", "cz", "e", "b", "rz", "e", "sz", "y", "n"]


def test_common_words_grow_into_units_up_to_the_size_asked_for() -> None:
    small, large = (NucleotideFrontend.learn(ENGLISH * 3, vocab_size=size) for size in (54, 62))
    assert len(small) == 54 and len(large) == 62
    assert len(large.encode("the feathers")) < len(small.encode("the feathers")) < 12
    assert "the" in large.inventory


def test_a_row_to_speak_has_one_mark_between_words() -> None:
    spoken = LEARNED.symbols('"The mother," she <emphasis>gathers! <pause> Don\'t bother')
    assert spoken.tokens[0] == "^" and spoken.tokens[-1] == "."
    assert [w.text for w in spoken.words] == ["The", "mother", "she", "gathers", "Don't", "bother"]
    starts = [spoken.tokens[w.start - 1] for w in spoken.words]
    assert starts == ["^", " ", ",", "<emphasis>", "<pause>", " "]
    said = ["".join(spoken.tokens[w.start : w.end]) for w in spoken.words]
    assert said == ["the", "mother", "she", "gathers", "don't", "bother"]


def test_what_the_corpus_never_had_is_left_unspoken() -> None:
    assert "".join(LEARNED.symbols("the жmother").tokens) == "^the mother."
    for nothing in ("", "жж", "<pause>", "?!"):
        with pytest.raises(TextError):
            LEARNED.symbols(nothing)


def test_a_state_makes_the_same_frontend() -> None:
    again = from_state(json.loads(json.dumps(LEARNED.state())))
    text = "The mother, <breath> rzecz 'x' — 12"
    assert isinstance(again, NucleotideFrontend)
    assert again.inventory == LEARNED.inventory
    assert again.encode(text) == LEARNED.encode(text)
    assert again.symbols(text).tokens == LEARNED.symbols(text).tokens


def test_a_corpus_teaches_by_name_and_too_small_a_size_is_refused() -> None:
    assert learn("nucleotide", ENGLISH, "en", vocab_size=70).state()["frontend"] == "nucleotide"
    with pytest.raises(SettingsError, match="give at least"):
        learn("nucleotide", ENGLISH, "en", vocab_size=20)
    with pytest.raises(SettingsError, match="no words"):
        learn("nucleotide", ["?!"], "en")
    with pytest.raises(SettingsError, match="--frontend nucleotide"):
        build("nucleotide")
    with pytest.raises(SettingsError, match="not learned"):
        learn("english", ENGLISH, "en")


def test_ids_of_no_text_are_refused() -> None:
    nibble = LEARNED.inventory.index["<f>"]
    for wrong in ([0], [len(LEARNED)], [nibble, nibble], [nibble]):
        with pytest.raises(TextError):
            LEARNED.decode(wrong)
