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


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the benchmark."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("peers")


def test_all_sentences_of_all_sets_are_the_default(peers: Any) -> None:
    from intone.evaluate.sentences import sentence_sets, sentences

    assert sorted(peers.SETS) == sentence_sets()
    assert all(len(sentences(name)) == 100 for name in peers.SETS)


def test_what_was_measured_is_not_measured_again(
    peers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = dict.fromkeys(peers.STARTING, 0)
    counts = {"started": 0, "judged": 0}

    def started(peer: Any, repeats: int) -> dict[str, Any]:
        counts["started"] += 1
        return found

    def judge(peer: Any) -> dict[str, Any]:
        counts["judged"] += 1
        if counts["judged"] == 3:
            raise KeyboardInterrupt
        return {"cer": counts["judged"]}

    def peer(name: str) -> Any:
        return peers.Peer(name, f"{name}'s", "en", None, None, None, "")

    def go_on(rows: Any) -> None:
        for name in ("english_plain", "english_hard"):
            for _ in peers.measured(rows, name, [peer("one"), peer("two")], judge, 1):
                report = {"sentences": 100, "rows": rows}
                (tmp_path / "peers.json").write_text(json.dumps(report), encoding="utf-8")

    monkeypatch.setattr(peers, "started", started)
    with pytest.raises(KeyboardInterrupt):
        go_on(peers.kept(tmp_path / "peers.json", 100))
    rows = peers.kept(tmp_path / "peers.json", 100)
    assert list(rows["english_plain"]) == ["one", "two"] and "english_hard" not in rows
    go_on(rows)
    assert counts == {"started": 2, "judged": 5}
    whole = peers.kept(tmp_path / "peers.json", 100)
    assert [row["cer"] for of_set in whole.values() for row in of_set.values()] == [1, 2, 4, 5]
    assert whole["english_hard"]["two"] == {"voice": "two's", "cer": 5, **found}
    assert peers.kept(tmp_path / "peers.json", 40) == {}
    again = peers.kept(tmp_path / "peers.json", 100, ["one"])
    assert [list(of_set) for of_set in again.values()] == [["two"], ["two"]]
