"""`intone speak` and `intone voices` from the shell's side."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from intone.cli.main import main
from intone.core.types import Audio, Speech, WordTime
from intone.speech import Voice

from ..speech.conftest import (  # noqa: F401
    MakeVoice,
    letters_frontend,
    make_voice,
    voices_folder,
)


@pytest.fixture
def tiny(make_voice: MakeVoice) -> str:  # noqa: F811
    make_voice("tiny")
    make_voice("ivan", "ru")
    return "tiny"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_speaks_into_a_file(tiny: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "out.wav"
    code, out, err = run(capsys, "speak", "Hello there.", "-o", str(path), "--voice", tiny)
    assert (code, out) == (0, "")
    assert "of speech" in err
    assert soundfile.info(path).duration > 0.4


def test_words_carry_their_times(tiny: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "words.json"
    code, _, _ = run(
        capsys, "speak", "Hello there.", "--words", str(path), "--no-play", "--voice", tiny
    )
    assert code == 0
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert [row["word"] for row in rows] == ["Hello", "there."]
    assert rows[0]["start_seconds"] < rows[0]["end_seconds"] <= rows[1]["start_seconds"]


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3"])
def test_the_suffix_chooses_the_form(tiny: str, tmp_path: Path, capsys: Any, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    assert run(capsys, "speak", "Hello there.", "-o", str(path), "--voice", tiny)[0] == 0
    assert soundfile.info(path).format == suffix[1:].upper()


def test_reads_a_file_line_by_line(tiny: str, tmp_path: Path, capsys: Any) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("\ufeffOne sentence\nover two lines.\r\n\r\nAnother.".encode())
    words = tmp_path / "words.json"
    command = ["speak", "--file", str(text), "--words", str(words), "--no-play"]
    assert run(capsys, *command, "--voice", tiny)[0] == 0
    rows = json.loads(words.read_text(encoding="utf-8"))
    assert [row["word"] for row in rows] == "One sentence over two lines. Another.".split()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Puts bytes on stdin."""

    def put(content: bytes) -> None:
        path = tmp_path / "stdin"
        path.write_bytes(content)
        monkeypatch.setattr(sys, "stdin", path.open(encoding="utf-8"))

    return put


def test_reads_stdin(tiny: str, tmp_path: Path, capsys: Any, typed: Any) -> None:
    typed("Привет, мир.".encode())
    path = tmp_path / "out.wav"
    assert run(capsys, "speak", "-", "-o", str(path), "--voice", tiny)[0] == 0
    assert path.exists()


def test_text_in_another_encoding_is_told(tiny: str, tmp_path: Path, capsys: Any) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("Привет".encode("cp1251"))
    code, _, err = run(
        capsys, "speak", "--file", str(text), "-o", str(tmp_path / "o.wav"), "--voice", tiny
    )
    assert code == 1
    assert "UTF-8" in err
    assert not (tmp_path / "o.wav").exists()


def test_stdout_is_a_wav_and_nothing_else(
    tiny: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["speak", "Hello there.", "--stdout", "--voice", tiny]) == 0
    samples, rate = soundfile.read(io.BytesIO(stream.buffer.getvalue()))  # type: ignore[attr-defined]
    assert rate == 22_050
    assert np.abs(samples).max() > 0


def test_the_script_chooses_the_voice(
    tiny: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    inner = Voice.load

    def load(folder: Any, **options: Any) -> Voice:
        loaded.append(Path(folder).name)
        return inner(folder, **options)

    monkeypatch.setattr(Voice, "load", load)
    for text in ("Доброе утро.", "Good morning."):
        assert run(capsys, "speak", text, "-o", str(tmp_path / "out.wav"))[0] == 0
    assert loaded == ["ivan", "tiny"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Hello."], 1, "player"),
        (["Hello.", "-o", "missing/out.wav"], 1, "no folder missing"),
        (["Hello.", "-o", "out.txt"], 1, "suffix"),
        (["Hello.", "-o", "out.wav", "--voice", "tinny"], 1, "did you mean 'tiny'"),
        (["Hello.", "-o", "out.wav", "--speaker", "bem"], 1, "did you mean 'ben'"),
        (["Hello.", "-o", "out.wav", "--language", "qq"], 1, "'qq'"),
        (["Hello.", "-o", "out.wav", "--voice", "tiny", "--language", "ru"], 1, "'ru'"),
        (["Hello.", "-o", "out.wav", "--speed", "0"], 2, "speed"),
        (["Hello.", "-o", "out.wav", "--threads", "0"], 2, "threads"),
        (["Hello.", "--no-play"], 2, "nowhere"),
        (["Hello.", "--file", "x.txt", "-o", "out.wav"], 2, "one text"),
        (["-o", "out.wav"], 2, "one text"),
        (["--file", "x.txt", "-o", "out.wav"], 1, "no file x.txt"),
        (["🙂", "-o", "out.wav"], 1, "no word"),
        (["", "-o", "out.wav"], 1, "nothing to say"),
    ],
)
def test_errors_are_one_line_and_leave_no_file(
    tiny: str,
    tmp_path: Path,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    from intone.speech import play

    monkeypatch.setattr(play.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(play.shutil, "which", lambda name: None)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    found, out, err = run(capsys, "speak", *arguments)
    assert (found, out) == (code, "")
    assert words in err
    assert err.splitlines()[-1].startswith("intone: ")
    assert sorted(tmp_path.iterdir()) == before


def test_ctrl_c_keeps_what_was_said(
    tiny: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any) -> Iterator[Speech]:
        samples = np.zeros(22_050, dtype=np.float32)
        yield Speech(Audio(samples, 22_050), (WordTime("Hello", 0.1, 0.5),))
        raise KeyboardInterrupt

    monkeypatch.setattr(Voice, "stream", interrupted)
    path, words = tmp_path / "out.wav", tmp_path / "words.json"
    code, _, err = run(
        capsys, "speak", "Hello there.", "-o", str(path), "--words", str(words), "--voice", tiny
    )
    assert code == 130
    assert err == f"intone: interrupted; {path} holds the first 1.0 s\n"
    assert soundfile.info(path).frames == 22_050
    assert json.loads(words.read_text(encoding="utf-8"))[0]["word"] == "Hello"


def test_lists_voices(tiny: str, capsys: Any) -> None:
    code, out, _ = run(capsys, "voices")
    assert code == 0
    row = next(line for line in out.splitlines() if line.startswith("tiny "))
    assert "en" in row.split()
    assert "ada, ben" in row
    assert "cer 0.5" in row


def test_shows_a_voices_card(tiny: str, capsys: Any) -> None:
    code, out, _ = run(capsys, "voices", tiny)
    assert code == 0
    assert "licence: CC0" in out
    assert "trained on: nobody" in out
    code, out, _ = run(capsys, "voices", tiny, "--json")
    assert json.loads(out)["speakers"] == ["ada", "ben"]


def test_speaking_needs_neither_torch_nor_soundfile(tiny: str, tmp_path: Path) -> None:
    """A subprocess, with the letters frontend put in its place first."""
    code = (
        "import sys, types\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'soundfile', 'soxr', 'scipy', 'yaml'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import numpy as np\n"
        "from intone.core.types import Symbols, Word\n"
        "class Letters:\n"
        "    def symbols(self, text):\n"
        "        return Symbols(np.arange(1, 9), tuple('abcdefgh'), (Word(text, 0, 8),))\n"
        "module = types.ModuleType('intone.text.letters')\n"
        "module.from_state = lambda state: Letters()\n"
        "sys.modules['intone.text.letters'] = module\n"
        "from intone.cli.main import main\n"
        f"sys.exit(main(['speak', 'Hello.', '-o', {str(tmp_path / 'out.wav')!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert soundfile.info(tmp_path / "out.wav").frames > 0


def test_what_is_left_out_is_told(tiny: str, tmp_path: Path) -> None:
    """In a process of its own, since pytest takes over logging."""
    command = [sys.executable, "-m", "intone", "speak", "Hello.\n\n🙂\n\nBye."]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "out.wav"), "--voice", "english"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr.startswith("intone: left out ")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such request on Windows")
@pytest.mark.parametrize("request_to_stop", ["SIGTERM", "SIGHUP"])
def test_a_request_to_stop_keeps_what_was_said(
    tiny: str,
    tmp_path: Path,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
    request_to_stop: str,
) -> None:
    def stopped(*arguments: Any) -> Iterator[Speech]:
        yield Speech(Audio(np.zeros(22_050, dtype=np.float32), 22_050), ())
        signal.raise_signal(getattr(signal, request_to_stop))

    monkeypatch.setattr(Voice, "stream", stopped)
    path = tmp_path / "out.wav"
    # Under nohup, the tests are born with SIGHUP ignored.
    before = signal.signal(getattr(signal, request_to_stop), signal.SIG_DFL)
    try:
        code, _, err = run(capsys, "speak", "Hello.", "-o", str(path), "--voice", tiny)
    finally:
        signal.signal(getattr(signal, request_to_stop), before)
    assert (code, err) == (130, f"intone: interrupted; {path} holds the first 1.0 s\n")
    assert [file.name for file in tmp_path.glob("*out*")] == ["out.wav"]
    assert soundfile.info(path).frames == 22_050


def test_a_text_that_says_nothing_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "intone", "speak", "🙂\n\n🙂", "-o", str(tmp_path / "o.wav")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stderr == "intone: there is nothing to speak in '🙂'; write some words\n"


def test_more_threads_than_cores_do_not_stop_it(tiny: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "out.wav"
    arguments = ["Hello.", "-o", str(path), "--voice", tiny, "--threads", "99999"]
    assert run(capsys, "speak", *arguments)[0] == 0


def test_letters_in_disguise_choose_the_voice_of_what_they_look_like(
    tiny: str, tmp_path: Path, capsys: Any
) -> None:
    for text in ("𝓗𝓮𝓵𝓵𝓸", "ＨＥＬＬＯ"):
        assert run(capsys, "speak", text, "-o", str(tmp_path / "out.wav"))[0] == 0


def test_a_run_without_a_voice_says_how_to_make_one(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "mine" / "checkpoints").mkdir(parents=True)
    code, _, err = run(capsys, "speak", "Hello.", "-o", "o.wav", "--voice", str(tmp_path / "mine"))
    assert code == 1
    assert f"intone export {tmp_path / 'mine'}" in err
