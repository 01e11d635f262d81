"""The demo: one command from nothing to a page that stands alone."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from intone.cli.main import main
from intone.evaluate import judge


def test_one_command_leaves_a_page_with_sounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("espeakng_loader")
    monkeypatch.setattr("intone.cli.demo.JUDGED", 2)
    monkeypatch.setattr("intone.train.align.STEPS_FROM_SHIPPED", 2)
    monkeypatch.setattr(judge, "judge_of", lambda language: None)
    out = tmp_path / "made"
    small = ["demo", "-o", str(out), "--minutes", "0.01", "--utterances", "20", "--preset", "tiny"]
    assert main(small) == 0
    printed = capsys.readouterr().out
    assert f"listen: open {out / 'index.html'}" in printed
    page = (out / "index.html").read_text(encoding="utf-8")
    sounds = re.findall(r'<audio[^>]* src="data:audio/wav;base64,([^"]+)"', page)
    assert len(sounds) == 4  # two sentences, by the voice and by its teacher
    for encoded in sounds:
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(encoded)))
        assert rate == 22_050
        assert np.abs(samples).max() > 0.01
    assert "within 50 ms" in page
    assert "20, " in page
    # Nothing is fetched when it is opened.
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert (out / "runs" / "espeak-en-us" / "voice" / "voice.json").is_file()
