from __future__ import annotations

from pathlib import Path

import pytest

from intone.cli.main import main


def test_a_corpus_is_made_described_and_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    lines = tmp_path / "lines.txt"
    lines.write_text("Good morning, everybody.\nWhere is the other one?\n", encoding="utf-8")
    made = ["corpus", "make", str(corpus), "-v", "en-us", "-v", "en-gb+f2", "--processes", "1"]
    assert main([*made, "--sentences", str(lines), "--same"]) == 0
    assert "4 utterances by en-us, en-gb+f2" in capsys.readouterr().out

    (corpus / "wavs" / "en-us" / "00001.wav").write_bytes(b"no sound")
    assert main(["corpus", "info", str(corpus)]) == 0
    out = capsys.readouterr().out
    assert "3 utterances" in out
    assert "en-gb+f2: 2 utterances" in out
    assert "1 cannot be used" in out
    assert "en-us_00001" in out

    report = tmp_path / "report"
    checked = ["corpus", "check", str(corpus), "-o", str(report), "--processes", "1"]
    assert main([*checked, "--frontend", "english"]) == 0
    out = capsys.readouterr().out
    assert "3 of 4 utterances are usable" in out
    assert "1 unreadable" in out
    names = sorted(path.name for path in report.iterdir())
    assert names == ["report.html", "report.json", "set_aside.txt"]


def test_our_own_sentences_are_dealt_to_the_voices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    assert (
        main(["corpus", "make", str(corpus), "-n", "2", "--salads", "1", "--processes", "1"]) == 0
    )
    assert "2 utterances by en-us" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["make", "OUT", "-t", "flote"], 2, "did you mean 'flite'"),
        (["make", "OUT", "-v", "en-mars"], 1, "no voice 'en-mars'"),
        (["make", "OUT", "-v", "ru"], 2, "--sentences FILE"),
        (["make", "OUT", "--rate", "9999"], 2, "must lie from"),
        (["download", "ljspeach"], 2, "did you mean 'ljspeech'"),
        (["check", "OUT"], 1, "there is no corpus"),
        (["info", "OUT"], 1, "there is no corpus"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str],
    code: int,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [argument.replace("OUT", str(tmp_path / "nothing")) for argument in arguments]
    assert main(["corpus", *filled]) == code
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
