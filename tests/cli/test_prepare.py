"""`intone prepare` on a folder of recordings, one of them broken."""

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.cli.prepare import _pace
from intone.core.types import Audio
from intone.data.prepare import PrepareReport


@pytest.fixture
def folder(tmp_path):
    wavs = tmp_path / "corpus" / "wavs"
    wavs.mkdir(parents=True)
    time = np.arange(22_050) / 22_050
    for name in "abc":
        sound = 0.2 * np.sign(np.sin(2 * np.pi * 120 * time)) * (1.2 + np.sin(30 * time)) / 2
        write_audio(wavs / f"{name}.wav", Audio(sound.astype(np.float32), 22_050))
    (wavs / "c.wav").write_bytes(b"RIFF")
    lines = "a|one two|one two\nb|three|three\nc|four|four\n"
    (tmp_path / "corpus" / "metadata.csv").write_text(lines, encoding="utf-8")
    return tmp_path / "corpus"


def test_a_folder_is_prepared_and_told_about(folder, tmp_path, capsys):
    verb = ["prepare", str(folder), "-o", str(tmp_path / "out"), "--frontend", "characters"]
    assert main(verb) == 0
    told = capsys.readouterr().out
    assert "2 utterances" in told and "2 computed, 0 kept" in told
    assert "set aside c" in told
    assert main(verb) == 0
    assert "0 computed, 2 kept" in capsys.readouterr().out


def test_a_folder_without_a_corpus_is_an_error_of_one_line(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["prepare", str(tmp_path / "empty"), "-o", str(tmp_path / "out")]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("kept", "hours", "told"),
    [(0, 2.0, ", 24 s for an hour of speech"), (1, 2.0, ""), (0, 0.0, "")],
)
def test_the_pace_is_told_where_all_was_measured(kept, hours, told):
    assert _pace(PrepareReport(9, 9 - kept, kept, hours, 48.0, ())) == told
