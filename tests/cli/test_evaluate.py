"""`intone evaluate` judges a voice by the judges that it is told to ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intone.cli.main import main


def test_two_runs_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for name in ("one.json", "two.json"):
        assert main(["evaluate", "english", "-n", "2", "-o", str(tmp_path / name)]) == 0
        figures = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        figures.pop("real_time_factor")
        found.append(figures)
    assert found[0] == found[1]
    assert found[0]["recogniser"] == "pocketsphinx"
    assert found[0]["character_error"] < 0.5
    assert "2 sentences" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("wisper:small", 2, "there is no recogniser 'wisper:small'"),
        ("whisper", 2, "whisper:MODEL"),
        ("ctc", 2, "no recogniser for 'en'"),
        ("ctc:/nowhere/at/all", 1, "cannot be had"),
    ],
)
def test_a_recogniser_that_is_not_there_is_one_line(
    name: str, code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "english", "-n", "1", "--recogniser", name]) == code
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
