"""A training beside other programs says what would make it faster."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from train_toys import Toy, ToyBatches, settings

from intone.train import crowding
from intone.train.loop import train
from intone.train.run_folder import RunFolder


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def logged(folder: Path, threads: int) -> str:
    train(
        Toy(),
        settings=settings(steps=1, threads=threads),
        batches=ToyBatches(),
        run=RunFolder(folder),
    )
    return (folder / "train.log").read_text(encoding="utf-8")


def test_others_on_every_core_are_told(tmp_path: Path) -> None:
    count = len(crowding.own_cores())
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        said = logged(tmp_path / "two", threads=2)
        assert f"of {count} cores busy" in said
        assert "go on with train.threads=1" in said
        assert "cores busy" not in logged(tmp_path / "one", threads=1)
    finally:
        for one in busy:
            one.kill()
            one.wait()


def test_a_machine_with_room_is_not_talked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowding, "cores_of_others", lambda: 0.3)
    monkeypatch.setattr(crowding, "own_cores", lambda: [0, 1, 2, 3])
    assert "cores busy" not in logged(tmp_path / "four", threads=4)
    assert "train.threads=3" not in logged(tmp_path / "three", threads=3)


def test_threads_that_find_no_core_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowding, "cores_of_others", lambda: 1.1)
    monkeypatch.setattr(crowding, "own_cores", lambda: [0, 1, 2, 3])
    assert "go on with train.threads=3" in logged(tmp_path / "four", threads=4)
