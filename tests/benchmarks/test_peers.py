"""Piper's sounds are put to the sentences that they say, and sizes count what speaks."""

from __future__ import annotations

import importlib
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

PIPER = f"""#!{sys.executable} -S
import sys, time, wave

def write(path, text):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\\1\\0" * 100 * len(text))

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
for line in sys.stdin:
    name = options["-f"] if "-f" in options else f"{{options['-d']}}/{{time.monotonic_ns()}}.wav"
    write(name, line.strip())
    time.sleep(0.02)
"""


@pytest.fixture
def adapters(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the adapters."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("peer_adapters")


@pytest.fixture
def voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Piper's voices, and a program that speaks 100 samples a letter."""
    program = tmp_path / "bin" / "piper"
    program.parent.mkdir()
    program.write_text(PIPER, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    folder = tmp_path / "voices"
    folder.mkdir()
    for name, language in (("amy", "en-us"), ("irina", "ru")):
        (folder / f"{name}.onnx").write_bytes(b"0" * 2_000_000)
        settings = json.dumps({"espeak": {"voice": language}})
        (folder / f"{name}.onnx.json").write_text(settings, encoding="utf-8")
    (folder / "stray.onnx").write_bytes(b"")
    return folder


def test_piper_speaks_each_sentence_in_its_place(adapters: Any, voices: Path) -> None:
    (amy,) = adapters.piper("en", voices)
    texts = ["One two\nthree.", "Four.", "Five, six, seven."]
    assert [len(audio.samples) for audio in amy.speak(texts)] == [1_400, 500, 1_700]
    assert (amy.name, amy.disk_megabytes) == ("piper amy", 2.0)
    (irina,) = adapters.piper("ru", voices)
    assert irina.voice == "irina"


def test_a_cold_start_of_piper_makes_a_sound(adapters: Any, voices: Path, tmp_path: Path) -> None:
    from intone.evaluate.cost import as_process

    (amy,) = adapters.piper("en", voices)
    found = as_process(amy.command("Hello.", tmp_path / "out.wav"), 1)
    assert found["cold_start_seconds"] > 0
    assert (tmp_path / "out.wav").stat().st_size == 44 + 2 * 600


def test_without_a_folder_there_is_no_piper(adapters: Any, voices: Path) -> None:
    assert list(adapters.piper("en", None)) == []
