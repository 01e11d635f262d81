"""`intone phonemize` prints a line of symbols for each sentence."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from intone.cli.phonemize import phonemize
from intone.core.errors import SettingsError, TextError


def test_a_line_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    phonemize("Hello world. … Go!", language="en")
    assert capsys.readouterr().out.splitlines() == [
        "^ HH AH0 L OW1 | W ER1 L D .",
        "^ G OW1 !",
    ]


def test_standard_input_and_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Go\nhome.\n\nNow"))
    phonemize("-", language="en")
    expected = ["^ G OW1 | HH OW1 M .", "^ N AW1 ."]
    assert capsys.readouterr().out.splitlines() == expected
    path = tmp_path / "text.txt"
    path.write_text("Go\nhome.\n\nNow", encoding="utf-8")
    phonemize(file=path, language="en")
    assert capsys.readouterr().out.splitlines() == expected


def test_own_lexicon_and_other_frontend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("intone\tIH0 N T OW1 N\n", encoding="utf-8")
    phonemize("Intone", language="en", lexicon=path)
    phonemize("Über", language="de", frontend="characters")
    assert capsys.readouterr().out.splitlines() == ["^ IH0 N T OW1 N .", "^ ü b e r ."]


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--file"):
        phonemize()
    with pytest.raises(SettingsError, match="no option 'lexicon'"):
        phonemize("a", language="de", frontend="characters", lexicon=tmp_path / "x")
    with pytest.raises(TextError, match="write some words"):
        phonemize("…")
    with pytest.raises(TextError, match=r"no\.txt"):
        phonemize(file=tmp_path / "no.txt")
