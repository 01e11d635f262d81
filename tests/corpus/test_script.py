from __future__ import annotations

from pathlib import Path

import pytest

from intone.core.errors import CorpusError
from intone.corpus.script import deal, english_sentences, sentences_from, shared


def test_a_file_gives_each_of_its_lines_once(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\ufeffПривет.\n\n  Как   дела? \r\nПривет.\n", encoding="utf-8")
    assert sentences_from(path) == ["Привет.", "Как дела?"]
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no sentences"):
        sentences_from(path)
    with pytest.raises(CorpusError, match="no file"):
        sentences_from(tmp_path / "missing.txt")
    path.write_bytes(b"one\n\xe9\n")
    with pytest.raises(CorpusError, match="line 2 is not UTF-8"):
        sentences_from(path)


def test_salads_are_mixed_in() -> None:
    made = english_sentences(50, salads=10, seed=1)
    assert len(set(made)) == 50
    assert made == english_sentences(50, salads=10, seed=1)
    assert set(english_sentences(40, seed=1)) < set(made)
    with pytest.raises(CorpusError):
        english_sentences(3, salads=4)


def test_sentences_are_dealt_without_repetition_or_shared() -> None:
    assert deal(list("abcdef"), ["x", "y"], 2) == {"x": ["a", "b"], "y": ["c", "d"]}
    assert shared(list("abc"), ["x", "y"], 2) == {"x": ["a", "b"], "y": ["a", "b"]}
    with pytest.raises(CorpusError, match="need 8 sentences, but there are 6"):
        deal(list("abcdef"), ["x", "y"], 4)
    with pytest.raises(CorpusError, match="7 sentences are wanted"):
        shared(list("abcdef"), ["x"], 7)
