from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from intone.audio.files import read_audio
from intone.core.errors import CorpusError
from intone.core.types import Audio, Phone
from intone.corpus.make import make_corpus
from intone.corpus.manifest import read_manifest
from intone.corpus.readers import read_corpus
from intone.corpus.teachers import Take, teacher


@dataclass(frozen=True)
class Buzzer:
    """A teacher that buzzes as long as its text, and notes in a file what it was asked."""

    usual: ClassVar[str] = "low"

    log: str

    def voices(self) -> list[str]:
        return ["low", "high"]

    def language(self, voice: str) -> str:
        return "en"

    def speak(self, voice: str, texts: Sequence[str]) -> list[Take]:
        takes = []
        for text in texts:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(text + "\n")
            if text == "KILL":
                raise KeyboardInterrupt
            if text == "Unspeakable":
                takes.append(Take(None, problem="no"))
                continue
            samples = np.full(1_600 * len(text), 0.1, "f4")
            takes.append(Take(Audio(samples, 16_000), (Phone("x", 0.1 * len(text)),)))
        return takes


def asked(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work without other processes: starting them takes longer than the work."""
    from intone.corpus import make

    monkeypatch.setattr(
        make, "_work", lambda teacher, jobs, n: (make._speak(teacher, j) for j in jobs)
    )


def test_espeak_makes_a_corpus_that_can_be_read(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    utterances, rejections = make_corpus(
        tmp_path,
        teacher("espeak"),
        {"en-us+f3": ["Good morning.", ""], "ru": ["Доброе утро."]},
        processes=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert [r.id for r in rejections] == ["en-us+f3_00001"]
    assert [u.id for u in read_manifest(tmp_path)] == [u.id for u in utterances]
    read, _ = read_corpus(tmp_path)
    assert [(u.text, u.speaker, u.language) for u in read] == [
        ("Good morning.", "en-us+f3", "en"),
        ("Доброе утро.", "ru", "ru"),
    ]
    for utterance in read:
        audio = read_audio(utterance.audio_path)
        assert utterance.phones[-1].end_seconds == pytest.approx(audio.seconds, abs=0.01)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.jsonl", "wavs"]


def test_what_is_there_is_kept_and_what_changed_is_spoken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    log = tmp_path / "log"
    out = tmp_path / "out"
    buzzer = Buzzer(str(log))
    make_corpus(out, buzzer, {"low": ["One", "Two", "Three"]})
    (out / "wavs/low/00001.wav").unlink()
    utterances, _ = make_corpus(out, buzzer, {"low": ["One", "Two", "3"], "high": ["Four"]})
    assert asked(log) == ["One", "Two", "Three", "Two", "3", "Four"]
    assert [u.text for u in utterances] == ["One", "Two", "3", "Four"]


def test_a_killed_run_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)
    log = tmp_path / "log"
    out = tmp_path / "out"
    buzzer = Buzzer(str(log))
    texts = [f"Sentence {n}" for n in range(40)]
    with pytest.raises(KeyboardInterrupt):
        make_corpus(out, buzzer, {"low": [*texts[:35], "KILL"]})
    done = len(list((out / "wavs/low").iterdir()))
    assert done == 32
    with open(out / "manifest.part.jsonl", "a", encoding="utf-8") as journal:
        journal.write('{"id": "low_000')  # a torn line
    log.unlink()
    utterances, _ = make_corpus(out, buzzer, {"low": texts})
    assert asked(log) == texts[32:]
    assert [u.text for u in utterances] == texts
    assert not (out / "manifest.part.jsonl").exists()


def test_a_text_that_cannot_be_spoken_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    buzzer = Buzzer(str(tmp_path / "log"))
    utterances, rejections = make_corpus(tmp_path / "a", buzzer, {"low": ["A", "Unspeakable", "B"]})
    assert ([u.text for u in utterances], len(rejections)) == (["A", "B"], 1)
    with pytest.raises(CorpusError, match="none of 1 sentences could be spoken: no"):
        make_corpus(tmp_path / "b", buzzer, {"low": ["Unspeakable"]})
    with pytest.raises(CorpusError, match="'alto'; there are: low, high"):
        make_corpus(tmp_path / "c", buzzer, {"alto": ["A"]})
