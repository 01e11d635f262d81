"""`intone compare`: a page from one command, which goes on after a break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.core.types import Audio
from intone.evaluate import recogniser

SENTENCES = "The cat sat down.\nNo.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two sentences, and recordings of them by `high` and `low`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.txt").write_text(SENTENCES, encoding="utf-8")
    for name, hz in (("high", 400), ("low", 100)):
        for number in (1, 2):
            tone = 0.3 * np.sin(2 * np.pi * hz * np.arange(8_000) / 16_000)
            write_audio(tmp_path / name / f"{number:03d}.wav", Audio(tone.astype("f4"), 16_000))
    return tmp_path


def test_a_voice_beside_recordings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compare", "ours=english", "low", "--sentences", "two.txt", "-o", "page.html"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    # What is read of a hum is no speech, so the voice is first.
    assert printed.splitlines()[0].startswith("ours")
    assert "real-time factor" in printed.splitlines()[0]
    assert "real-time factor" not in printed.splitlines()[1]
    made = (folder / "page.html").read_text(encoding="utf-8")
    assert made.count("<audio controls") == 4
    assert "<b>ours</b> is better than <b>low</b>" in made
    spoken = folder / "page-sounds" / "ours" / "001.wav"
    before = spoken.stat().st_mtime_ns
    assert main(command) == 0
    assert spoken.stat().st_mtime_ns == before
    assert (folder / "page.html").read_text(encoding="utf-8") == made


def test_without_a_recogniser_a_page_is_made_with_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recogniser, "recogniser_of", lambda language: None)
    assert main(["compare", "high", "low", "--sentences", "two.txt"]) == 0
    assert "no recogniser of 'en' is installed" in capsys.readouterr().err
    assert "No recogniser read" in (folder / "compare.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["englisch"], 1, "did you mean 'english'"),
        (["english", "russian"], 2, "russian speaks 'ru' and not 'en'"),
        (["high", "low", "--language", "xx"], 2, "give some: --sentences FILE"),
        (["high", "low"], 1, "has no recording of sentence 3; call it 003.wav"),
        (["high", "--sentences", "none"], 2, "there is no sentence set 'none'"),
        (["high", "-o", "page.pdf"], 2, "must be a file that ends in .html"),
        (["english", "--speaker", "other=slt"], 2, "no voice 'other' to give a speaker"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path,
    arguments: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["compare", *arguments]) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (folder / "compare.html").exists()
