"""The root command: quick, light, and short about errors."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from intone.cli import main as root
from intone.core.errors import SettingsError, TextError

HEAVY = ("torch", "accelerate", "onnxruntime", "transformers", "typer", "numpy")


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., None]], str]:
    """Installs a function as the body of `intone speak`."""

    def install(body: Callable[..., None]) -> str:
        module = types.ModuleType("intone.cli.speak")
        module.speak = body  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "intone.cli.speak", module)
        monkeypatch.setattr(root, "available", lambda: {"speak": "says"})
        return "speak"

    return install


def raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(
    "statement",
    [
        "import intone",
        "import intone.speech",
        "from intone.cli.main import main; main(['--help'])",
        "from intone.cli.main import main; main(['--version'])",
    ],
)
def test_starts_light(statement: str) -> None:
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_help_answers_at_once() -> None:
    """The best of three: a busy machine may delay one."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        out = subprocess.run(
            [sys.executable, "-m", "intone", "--help"], capture_output=True, text=True, check=True
        )
        times.append(time.perf_counter() - start)
    assert "speak" in out.stdout
    assert min(times) < 0.5


def test_lists_only_verbs_that_exist() -> None:
    listed = root.available()
    assert "speak" in listed
    for name in listed:
        assert name in root.overview()


def test_no_arguments_show_the_overview(capsys: pytest.CaptureFixture[str]) -> None:
    assert root.main([]) == 2
    assert "Usage" in capsys.readouterr().out


def test_unknown_verb_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert root.main(["speka"]) == 2
    assert capsys.readouterr().err == "intone: there is no verb 'speka'; did you mean 'speak'?\n"


def test_unknown_option_of_a_verb_is_one_line(verb, capsys) -> None:  # type: ignore[no-untyped-def]
    assert root.main([verb(lambda: None), "--loud"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "--loud" in err
    assert "intone speak --help" in err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (TextError("there is nothing\n to say"), 1, "there is nothing to say"),
        (SettingsError("speed is 9"), 2, "speed is 9"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "x.wav"), 1, "x.wav"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 1, "intone[train]"),
        (ModuleNotFoundError("No module", name="librosa.core"), 1, "intone[eval]"),
        (ModuleNotFoundError("No module named 'soxr'", name="soxr"), 1, "install intone again"),
        (ZeroDivisionError("division by zero"), 70, "--debug"),
        (ModuleNotFoundError("No module", name="intone.lost"), 70, "--debug"),
    ],
)
def test_errors_are_one_line(verb, capsys, error, code, words) -> None:  # type: ignore[no-untyped-def]
    assert root.main([verb(raising(error))]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("intone: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err


@pytest.mark.parametrize("arguments", [["--debug", "speak"], ["speak", "--debug"]])
def test_debug_shows_where(verb, capsys, arguments) -> None:  # type: ignore[no-untyped-def]
    verb(raising(ZeroDivisionError("division by zero")))
    assert root.main(arguments) == 70
    assert "Traceback" in capsys.readouterr().err


def test_debug_after_two_dashes_is_a_word() -> None:
    assert root._take_debug(["speak", "--", "--debug"]) == (["speak", "--", "--debug"], False)


@pytest.mark.parametrize("arguments", [["--help"], ["speak"]])
def test_a_reader_that_leaves_is_no_error(arguments: list[str]) -> None:
    code = (
        "import sys, types; from intone.cli import main as m\n"
        "m.overview = lambda: 'x' * 10_000_000\n"
        "module = sys.modules['intone.cli.speak'] = types.ModuleType('speak')\n"
        "module.speak = lambda: print('x' * 10_000_000)\n"
        f"sys.exit(m.main({arguments!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way to close a stream")
@pytest.mark.parametrize(
    ("closing", "arguments", "code", "said"),
    [
        ("<&-", "phonemize -", 1, "intone: there is nothing to speak in the text"),
        ("<&-", "speak - -o out.wav", 1, "intone: there is nothing to say"),
        (">&-", "--help", 0, ""),
        (">&-", "voices", 0, ""),
        ("2>&-", "--nonsense", 2, ""),
    ],
)
def test_a_closed_stream_is_an_empty_one(
    tmp_path: Path, closing: str, arguments: str, code: int, said: str
) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m intone {arguments} {closing}',
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == bool(said)
