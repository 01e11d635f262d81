"""Pieces of words: as `tokenizers` cuts them, from a corpus or from published merges."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.core.errors import SettingsError, TextError
from intone.text.bpe import BPEFrontend, _as_bytes, byte_letters
from intone.text.frontend import build, from_state

tokenizers = pytest.importorskip("tokenizers")

TEXTS = ["The other brother gathers feathers.", "Their mother, the weather, and then the rest!"]


def test_a_corpus_teaches_pieces_that_words_are_written_in() -> None:
    frontend = BPEFrontend.learn(TEXTS * 3, pieces=280)
    found = frontend.symbols("the weather, then")
    assert found.tokens[0] == "^" and found.tokens[-1] == "."
    assert "=the" in found.tokens and "," in found.tokens
    assert [word.text for word in found.words] == ["the", "weather", "then"]
    assert from_state(frontend.state()).symbols("the weather").tokens[:2] == ("^", "=the")


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=12))
def test_pieces_are_those_of_tokenizers(word: str) -> None:
    frontend = BPEFrontend.learn(TEXTS * 3, pieces=290)
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.BPE(
            vocab={
                piece: number
                for number, piece in enumerate(
                    dict.fromkeys([*byte_letters(), *map("".join, frontend.merges)])
                )
            },
            merges=frontend.merges,
        )
    )
    assert frontend.pieces(word) == tokenizer.encode(_as_bytes(word)).tokens


def test_published_merges_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text('{"model": {"merges": ["t h", ["th", "e"]]}}', encoding="utf-8")
    frontend = build("bpe", "en", published=str(path))
    assert frontend.symbols("the").tokens == ("^", "=the", ".")


def test_merges_that_are_nowhere_or_nothing_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "tokenizer.json"
    empty.write_text("{}", encoding="utf-8")
    with pytest.raises(TextError, match="no merges"):
        build("bpe", "en", published=str(empty))
    with pytest.raises(SettingsError, match="--frontend bpe"):
        build("bpe")
    with pytest.raises(SettingsError, match="fewer than"):
        BPEFrontend.learn(TEXTS, pieces=10)


def test_signs_alone_are_nothing_to_speak() -> None:
    with pytest.raises(TextError, match="nothing to speak"):
        BPEFrontend("en", []).symbols("&&& %")
