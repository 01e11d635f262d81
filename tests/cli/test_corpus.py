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


def test_a_check_loses_nothing_that_can_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the first of two with one id, nor a recording that arrives after the check."""
    from intone.corpus.readers import read_corpus

    made = tmp_path / "made"
    assert main(["corpus", "make", str(made), "-n", "3", "--processes", "1"]) == 0
    corpus = tmp_path / "mine"
    (corpus / "wavs").mkdir(parents=True)
    utterances, _ = read_corpus(made)
    late = utterances[2].audio_path.read_bytes()
    for utterance in utterances[:2]:
        sound = corpus / "wavs" / utterance.audio_path.name
        sound.write_bytes(utterance.audio_path.read_bytes())
    rows = [f"{u.audio_path.stem}|{u.text}" for u in utterances]
    (corpus / "metadata.csv").write_text("\n".join([*rows, rows[0]]) + "\n", encoding="utf-8")

    for _ in range(2):
        assert main(["corpus", "check", str(corpus), "--processes", "1"]) == 0
        assert "2 of 2 utterances are usable" in capsys.readouterr().out
        assert len(read_corpus(corpus)[0]) == 2
    (corpus / "wavs" / utterances[2].audio_path.name).write_bytes(late)
    assert len(read_corpus(corpus)[0]) == 3
