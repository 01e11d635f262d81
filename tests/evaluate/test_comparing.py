"""A comparison speaks what is missing, keeps what is done, and goes on after a break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.errors import CorpusError, SettingsError, TextError, VoiceError
from intone.core.types import Audio
from intone.evaluate.comparing import compare
from intone.evaluate.comparison import Comparison
from intone.evaluate.sources import RecordedSource, SpokenSource, open_source

TEXTS = ["One.", "Two.", "Three."]


def tone(hz: float, seconds: float = 0.5) -> Audio:
    time = np.arange(int(16_000 * seconds)) / 16_000
    return Audio((0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32), 16_000)


class Hummer:
    """Hums a tone for every sentence, and can be told to stop before one."""

    language = "en"

    def __init__(self, name: str, stop_at: int = 0, version: str = "1") -> None:
        self.name, self.version, self._stop_at = name, version, stop_at
        self.said: list[int] = []

    def key(self, number: int, text: str) -> str:
        return self.version + text

    def say(self, number: int, text: str) -> tuple[Audio, float | None]:
        if number == self._stop_at:
            raise KeyboardInterrupt
        if "?" in text:
            raise TextError("nothing to say")
        self.said.append(number)
        return tone(100 * number), 0.1


class Counting:
    """A recogniser that hears "one", and counts how often it was asked."""

    language = "en"

    def __init__(self) -> None:
        self.asked = 0

    def hear(self, audio: Audio) -> str:
        self.asked += 1
        return "one"

    def as_heard(self, text: str) -> str:
        return text


def comparison(sources: list[Hummer], folder: Path, recogniser: Counting | None) -> Comparison:
    return compare(sources, TEXTS, language="en", kept=folder, recogniser=recogniser)


def test_an_interrupted_comparison_goes_on(tmp_path: Path) -> None:
    ears = Counting()
    with pytest.raises(KeyboardInterrupt):
        comparison([Hummer("a"), Hummer("b", stop_at=2)], tmp_path, ears)
    assert ears.asked == 3
    a, b = Hummer("a"), Hummer("b")
    found = comparison([a, b], tmp_path, ears)
    assert (a.said, b.said) == ([3], [2, 3])
    assert ears.asked == 6
    again = comparison([a, b], tmp_path, ears)
    assert ears.asked == 6
    assert (a.said, b.said) == ([3], [2, 3])
    for one, other in zip(found.contenders, again.contenders, strict=True):
        for before, after in zip(one.takes, other.takes, strict=True):
            assert np.array_equal(before.audio.samples, after.audio.samples)
            assert before.reading == after.reading
            assert before.work_seconds == after.work_seconds == 0.1


def test_a_voice_that_changed_speaks_again(tmp_path: Path) -> None:
    ears = Counting()
    comparison([Hummer("a")], tmp_path, ears)
    changed = Hummer("a", version="2")
    comparison([changed], tmp_path, ears)
    assert changed.said == [1, 2, 3]
    assert ears.asked == 6


def test_progress_counts_only_what_is_left(tmp_path: Path) -> None:
    comparison([Hummer("a")], tmp_path, None)
    told: list[tuple[int, int]] = []
    compare(
        [Hummer("a"), Hummer("b")],
        TEXTS,
        language="en",
        kept=tmp_path,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_sentence_that_cannot_be_said_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="a cannot say sentence 2: nothing to say"):
        compare([Hummer("a")], ["Yes.", "??"], language="en", kept=tmp_path)


def test_recordings_are_told_by_their_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        write_audio(tmp_path / "teacher" / f"{number:03d}.wav", tone(100 * number))
    source = open_source(f"Ann={tmp_path / 'teacher'}", 2)
    assert isinstance(source, RecordedSource)
    assert source.name == "Ann"
    found = compare([source], TEXTS[:2], language="en", kept=tmp_path / "kept")
    assert found.contenders[0].takes[1].work_seconds is None
    heard = found.contenders[0].takes[1].audio.samples
    assert np.allclose(heard, tone(200).samples, atol=1e-4)
    with pytest.raises(CorpusError, match="no recording of sentence 3 of 3; call it 003.wav"):
        open_source(str(tmp_path / "teacher"), 3)


def test_a_voice_of_another_language_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="russian speaks 'ru'"):
        compare([SpokenSource("", "russian")], TEXTS, language="en", kept=tmp_path)


def test_unknown_voices_and_speakers_are_told_before_anything_is_spoken() -> None:
    with pytest.raises(VoiceError, match="did you mean 'english'"):
        open_source("ours=englisch", 3)
    with pytest.raises(VoiceError, match="no speaker 'slu'; did you mean 'slt'"):
        open_source("ours=english", 3, {"ours": "slu"})
    for wrong in ("=english", "../up=english", "a/b=english"):
        with pytest.raises(SettingsError, match="NAME=VOICE"):
            open_source(wrong, 3)


def test_speakers_of_a_voice_differ(tmp_path: Path) -> None:
    who = {"he": "rms", "she": "slt"}
    sources = [open_source("he=english", 1, who), open_source("she=english", 1, who)]
    assert sources[0].key(1, "Yes.") != sources[1].key(1, "Yes.")
    found = compare(sources, ["Yes."], language="en", kept=tmp_path)
    he, she = (contender.takes[0] for contender in found.contenders)
    assert not np.array_equal(he.audio.samples, she.audio.samples)
    assert he.work_seconds is not None
    assert 0 < he.work_seconds < 60
