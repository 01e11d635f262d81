"""The gate finds what got worse beyond noise, lets noise pass, and names what is gone."""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def row(error: float, *, margin: float = 0.02, **others: float) -> dict[str, Any]:
    """A row whose error is known to within `margin`."""
    interval = [error - margin, error + margin]
    return {"character_error": error, "character_error_interval": interval, **others}


BEFORE = {
    "date": "2026-01-01",
    "rows": {"slt": {"voice": row(0.1, dnsmos=3.0, similarity=0.9), "teacher": row(0.08)}},
}


@pytest.fixture
def gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[dict[str, Any] | None], tuple[int, list[str]]]:
    """Runs the gate on figures against `BEFORE`, which is committed: its code and its lines."""
    results = tmp_path / "results"
    results.mkdir()
    file = results / "voice.json"
    file.write_text(json.dumps(BEFORE), encoding="utf-8")
    who = ["-c", "user.name=Anna", "-c", "user.email=anna@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "figures"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("gate")
    monkeypatch.setattr(module, "RESULTS", results)
    monkeypatch.setattr("sys.argv", ["gate.py"])

    def run(figures: dict[str, Any] | None) -> tuple[int, list[str]]:
        if figures is None:
            file.unlink()
        else:
            file.write_text(json.dumps(figures), encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            module.main()
        return int(str(ended.value.code)), capsys.readouterr().out.splitlines()

    return run


def changed(**rows: dict[str, Any]) -> dict[str, Any]:
    """`BEFORE` with other rows of slt."""
    return {**BEFORE, "rows": {"slt": {**BEFORE["rows"]["slt"], **rows}}}  # type: ignore[index]


def test_the_same_figures_pass(gate: Any) -> None:
    assert gate(BEFORE) == (0, ["2 rows compared with HEAD, 0 complaints"])


def test_a_change_inside_the_interval_passes(gate: Any) -> None:
    code, lines = gate(changed(voice=row(0.13, dnsmos=2.95, similarity=0.88)))
    assert (code, len(lines)) == (0, 1)


def test_an_error_beyond_noise_is_found(gate: Any) -> None:
    code, lines = gate(changed(voice=row(0.15, dnsmos=3.0, similarity=0.9)))
    assert code == 1
    assert lines[0] == "voice/rows/slt/voice: character error 0.1 -> 0.15"
    assert lines[-1] == "2 rows compared with HEAD, 1 complaints"


def test_a_better_figure_is_no_complaint(gate: Any) -> None:
    assert gate(changed(voice=row(0.02, dnsmos=3.5, similarity=0.95)))[0] == 0


def test_opinions_and_likeness_that_fell_are_found(gate: Any) -> None:
    code, lines = gate(changed(voice=row(0.1, dnsmos=2.8, similarity=0.8)))
    assert code == 1
    assert [line.split(": ")[1] for line in lines[:2]] == [
        "dnsmos 3.0 -> 2.8",
        "similarity 0.9 -> 0.8",
    ]


def test_rows_that_are_gone_are_named(gate: Any) -> None:
    figures = {**BEFORE, "rows": {"slt": {"voice": BEFORE["rows"]["slt"]["voice"]}}}  # type: ignore[index]
    code, lines = gate(figures)
    assert code == 1
    assert lines[0] == "voice/rows/slt/teacher: is gone"


def test_a_file_that_is_gone_is_named_row_by_row(gate: Any) -> None:
    code, lines = gate(None)
    assert code == 1
    assert [line for line in lines if line.endswith("is gone")] == [
        "voice/rows/slt/teacher: is gone",
        "voice/rows/slt/voice: is gone",
    ]


def test_a_phoneme_error_beyond_noise_is_found(gate: Any) -> None:
    module = importlib.import_module("gate")
    before = row(0.1) | {"phoneme_error": 0.05, "phoneme_error_interval": [0.04, 0.06]}
    now = row(0.1) | {"phoneme_error": 0.09, "phoneme_error_interval": [0.07, 0.11]}
    assert module.worse(before, now) == ["phoneme error 0.05 -> 0.09"]
    # Figures from before phonemes were counted can still be compared.
    assert module.worse(row(0.1), now) == []
