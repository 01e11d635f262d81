"""The symbols of English text: their layout, their words, golden pronunciations."""

from __future__ import annotations

import gc
import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intone.core.errors import TextError
from intone.core.types import Symbols
from intone.text import frontend as frontends
from intone.text.english import EnglishFrontend
from intone.text.english.phones import INVENTORY, MARKS, PHONES

ENGLISH = EnglishFrontend()


def said(text: str) -> str:
    """Tokens of `text` with " " shown as "_"."""
    return " ".join("_" if token == " " else token for token in ENGLISH.symbols(text).tokens)


def word_phones(symbols: Symbols) -> dict[str, str]:
    return {w.text: " ".join(symbols.tokens[w.start : w.end]) for w in symbols.words}


def check_layout(symbols: Symbols) -> None:
    tokens = symbols.tokens
    assert tokens[0] == "^"
    assert "^" not in tokens[1:]
    assert tokens[-1] in MARKS
    separators = {" ", *MARKS}
    for before, after in zip(tokens, tokens[1:], strict=False):
        assert not (before in separators | {"^"} and after in separators)
    assert list(symbols.ids) == [INVENTORY.index[token] for token in tokens]
    assert 0 not in symbols.ids
    at = 1
    for word in symbols.words:
        assert at <= word.start < word.end <= len(tokens) - 1
        assert tokens[word.start] in PHONES
        assert tokens[word.end - 1] in PHONES
        # Between two words there is nothing but one separator.
        assert word.start - at <= 1
        at = word.end
    assert at == len(tokens) - 1
    assert all(word.text.strip() for word in symbols.words)


@pytest.mark.parametrize("text", ["\N{FULLWIDTH LATIN CAPITAL LETTER H}i", "\U0001d4d7\U0001d4ee"])
def test_letters_in_disguise_are_read(text: str) -> None:
    assert ENGLISH.symbols(text).words


@given(st.text(max_size=80))
@example("A.M. 7:45 ... {HH AH0}?! (x) 5'5 1/0 $ 0:61")
@example("1/0 -1/1 $-5 ²²² 3²")
@example("\u0663\u0664 \u00bd\u00bd")
def test_any_text_has_the_layout_or_a_text_error(text: str) -> None:
    try:
        symbols = ENGLISH.symbols(text)
    except TextError as error:
        assert "\n" not in str(error)
        return
    check_layout(symbols)


@given(
    st.lists(
        st.sampled_from(
            'the Dr. St. $5 million 7:45 p.m. 1/2 5 km April 5th VIII II Henry — … (so) "well" '
            "e.g. A I U.S. don't well-known {AH0} 10% № & + = - 2024 '90s read , . ?! x²".split()
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_order_of_hard_words_has_the_layout(words: list[str]) -> None:
    try:
        symbols = ENGLISH.symbols(" ".join(words))
    except TextError:
        assert not any(any(map(str.isalnum, word)) for word in words)
        return
    check_layout(symbols)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello world", "^ HH AH0 L OW1 _ W ER1 L D ."),
        ("Hello, world!", "^ HH AH0 L OW1 , W ER1 L D !"),
        ("Yes? No.", "^ Y EH1 S ? N OW1 ."),
        ("Well — so…", "^ W EH1 L - S OW1 …"),
        ("Well (so) no", "^ W EH1 L , S OW1 , N OW1 ."),
        ('"Yes," no', "^ Y EH1 S , N OW1 ."),
        ("Yes\n\nNo", "^ Y EH1 S . N OW1 ."),
        ("Yes\nNo", "^ Y EH1 S _ N OW1 ."),
        ("Yes?!", "^ Y EH1 S ?"),
        ("yes;", "^ Y EH1 S ;"),
        ("one,two", "^ W AH1 N , T UW1 ."),
        ("say {B AA1 R}!", "^ S EY1 _ B AA1 R !"),
        ("the apple, the pear", "^ DH IY0 _ AE1 P AH0 L , DH AH0 _ P EH1 R ."),
        ("an hour to a to", "^ AH0 N _ AW1 ER0 _ T UW0 _ AH0 _ T UW1 ."),
        ("Grade A", "^ G R EY1 D _ EY1 ."),
    ],
)
def test_layout_of_marks(text: str, tokens: str) -> None:
    assert said(text) == tokens


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("through", "TH R UW1"),
        ("psychology", "S AY0 K AA1 L AH0 JH IY0"),
        ("NASA", "N AE1 S AH0"),
        ("café", "K AH0 F EY1"),
        ("Smith's", "S M IH1 TH S"),
        ("selfies", "S EH1 L F IY2 Z"),
        ("retweeted", "R IY0 T W IY1 T IH0 D"),
        ("smartwatch", "S M AA1 R T W AA2 CH"),
        ("intone", "IH2 N T OW1 N"),
        ("résumé", "R EH1 Z AH0 M EY2"),
        ("OK", "OW1   K EY1"),
        ("p.m.", "P IY1   EH1 M"),
    ],
)
def test_golden_words(word: str, phones: str) -> None:
    (spoken,) = (word_phones(ENGLISH.symbols(f"{word} so")).items().__iter__().__next__(),)
    assert spoken == (word, phones)


def test_words_map_to_all_that_speaks_them() -> None:
    spoken = word_phones(ENGLISH.symbols("At 7:45, Dr. Lee paid $5."))
    assert list(spoken) == ["At", "7:45", "Dr.", "Lee", "paid", "$5"]
    assert spoken["7:45"] == "S EH1 V AH0 N   F AO1 R T IY0   F AY1 V"
    assert spoken["Dr."] == "D AA1 K T ER0"


def test_ten_times_the_text_takes_ten_times_as_long() -> None:
    """In a ratio and not in seconds, which would tell how fast the machine is."""
    sentence = "Alice had read 25 books by 7:45 p.m. on the bank; Dr. Smith had not. "

    def seconds(times: int) -> float:
        began = time.process_time()
        symbols = ENGLISH.symbols(sentence * times)
        assert len(symbols.words) == times * 15
        return time.process_time() - began

    assert len(sentence) * 1_500 > 100_000
    seconds(1)
    # What the collector takes depends on all that other tests have left behind.
    gc.freeze()
    few = min(seconds(150) for _ in range(3))
    many = min(seconds(1_500) for _ in range(3))
    gc.unfreeze()
    assert many < 10 * 2.5 * few


@pytest.mark.parametrize("text", ["", "  \n ", "…!?", "😀🎉", "()", "—"])
def test_nothing_to_speak_is_an_error(text: str) -> None:
    with pytest.raises(TextError, match="write some words"):
        ENGLISH.symbols(text)


@pytest.mark.parametrize(
    ("text", "script"), [("Привет, мир!", "Cyrillic"), ("你好。", "Chinese"), ("שלום", "Hebrew")]
)
def test_a_foreign_script_is_named(text: str, script: str) -> None:
    with pytest.raises(TextError, match=f"{script}.*(espeak|language 'ru')"):
        ENGLISH.symbols(text)


def test_foreign_letters_inside_english_do_not_stop_it() -> None:
    spoken = word_phones(ENGLISH.symbols("The word Привет and the sign 好 mean π."))
    assert "好" not in spoken
    assert spoken["Привет"].startswith("P R")
    assert spoken["π"] == "P AY1"


def test_unknown_inline_phones_are_named() -> None:
    with pytest.raises(TextError, match="unknown phones QQ"):
        ENGLISH.symbols("say {HH QQ}")
    with pytest.raises(TextError, match="AH1 or AH0"):
        ENGLISH.symbols("say {AH}")


def test_a_users_lexicon_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(
        "# mine\nSQL\tS IY1 K W AH0 L\nread\tR EH1 D\nC++\tS IY1 P L AH1 S\n", encoding="utf-8"
    )
    mine = frontends.build("english", lexicon=path)
    spoken = word_phones(mine.symbols("I will read SQL and C++"))
    assert spoken["SQL"] == "S IY1 K W AH0 L"
    assert spoken["read"] == "R EH1 D"
    assert spoken["C++"] == "S IY1 P L AH1 S"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ok\tOW1\nbad line\n", "line 2.*expected a word"),
        ("ok\tOW1\n\nodd\tXX1\n", "line 3.*unknown phones XX1"),
        ("odd\t\n", "line 1.*no phones"),
    ],
)
def test_a_bad_lexicon_names_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TextError, match=message):
        frontends.build("english", lexicon=path)


def test_a_saved_frontend_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("intone\tIH0 N T OW1 N IY0\n", encoding="utf-8")
    made = frontends.build("english", lexicon=path)
    again = frontends.from_state(json.loads(json.dumps(made.state())))
    text = "The intone read at 7:45."
    assert again.symbols(text).tokens == made.symbols(text).tokens
    assert again.inventory == made.inventory


def test_another_language_is_refused() -> None:
    with pytest.raises(TextError, match="espeak"):
        frontends.build("english", language="de")
