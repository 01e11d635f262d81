"""What the README tells people to type works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from intone.cli import main as root

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```bash\n(.*?)```", README, re.DOTALL)).splitlines()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TEXT = "The next train leaves at seven. Nobody was late."


def commands() -> list[list[str]]:
    """Every `intone ...` in the shell blocks, split as a shell would; without its comment."""
    found = []
    for line in SHELL:
        for part in re.split(r"\s&&\s|\s\|\s", line):
            if part.strip().startswith("intone "):
                found.append(shlex.split(part, comments=True))
    return found


def help_of(*verbs: str) -> str:
    code = f"from intone.cli.main import main; main({[*verbs, '--help']!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    return done.stdout


@pytest.mark.parametrize("verb", sorted({command[1] for command in commands()}))
def test_every_verb_and_option_exists(verb: str) -> None:
    assert verb in root.available()
    for command in commands():
        if command[1] != verb:
            continue
        verbs = command[1:3] if verb == "corpus" else command[1:2]
        known = help_of(*verbs)
        for word in command[2:]:
            if word.startswith("-") and word != "-":
                assert re.search(rf"(^|[\s,/]){re.escape(word)}\b", known), (command, word)


def test_the_table_of_old_commands_names_what_exists() -> None:
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|$", README, re.MULTILINE)
    for verb in re.findall(r"`intone (\w+)", " ".join(rows)):
        assert verb in root.available()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "chapter.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        command
        for command in commands()
        # A voice of one's own must be trained first.
        if command[1] == "speak" and "-o" in command and "--voice" not in command
    ],
    ids=" ".join,
)
def test_speaking_as_written(place: Path, command: list[str]) -> None:
    assert root.main(command[1:]) == 0
    assert (place / command[command.index("-o") + 1]).stat().st_size > 1_000


def test_python_as_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in PYTHON:
        exec(compile(block, "README.md", "exec"), {})
    assert "WordTime(text='next'" in capsys.readouterr().out


def test_ci_runs_the_command_of_the_readme() -> None:
    """Line by line there, joined by && here."""
    told = next(line for line in SHELL if "pytest" in line)
    run = (
        (REPOSITORY / ".ci" / "run")
        .read_text(encoding="utf-8")
        .replace("pip install -q", "pip install")
    )
    for step in told.split(" && "):
        assert f"\n{step}\n" in run
