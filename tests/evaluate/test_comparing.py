"""A comparison speaks what is missing, keeps what is done, and goes on after a break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.errors import CorpusError, IntoneError, SettingsError, TextError
from intone.core.types import Audio
from intone.evaluate.comparing import compare
from intone.evaluate.comparison import Comparison
from intone.evaluate.sources import language_of, open_sources

TEXTS = ["One.", "Two.", "Three."]


def tone(hz: float, seconds: float = 0.5) -> Audio:
    time = np.arange(int(16_000 * seconds)) / 16_000
    return Audio((0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32), 16_000)


class Hummer:
    """Hums a tone for every sentence, and can be told to stop before one."""

    language: str | None = "en"

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
    (source,) = open_sources([f"Ann={tmp_path / 'teacher'}"], {})
    assert source.name == "Ann"
    found = compare([source], TEXTS[:2], language="en", kept=tmp_path / "kept")
    assert found.contenders[0].takes[1].work_seconds is None
    heard = found.contenders[0].takes[1].audio.samples
    assert np.allclose(heard, tone(200).samples, atol=1e-4)
    spoken = Hummer("a")
    with pytest.raises(CorpusError, match=r"no recording of sentence 3; call it 003.wav"):
        compare([spoken, source], TEXTS, language="en", kept=tmp_path / "kept")
    assert not spoken.said


def test_voices_of_two_languages_are_an_error() -> None:
    sources = [Hummer("ours"), Hummer("theirs")]
    sources[1].language = "ru"
    with pytest.raises(SettingsError, match="theirs speaks 'ru' and not 'en'"):
        language_of(sources)
    assert language_of(sources[1:]) == "ru"


@pytest.mark.parametrize(
    ("arguments", "speakers", "message"),
    [
        (["ours=englisch"], {}, "did you mean 'english'"),
        (["ours=english"], {"ours": "slu"}, "no speaker 'slu'; did you mean 'slt'"),
        (["english"], {"ours": "slt"}, "no voice 'ours' to give a speaker"),
        (["english", "english"], {}, "two voices are called 'english'"),
        (["=english"], {}, "NAME=VOICE"),
        (["../up=english"], {}, "NAME=VOICE"),
    ],
)
def test_mistakes_are_told_before_anything_is_spoken(
    arguments: list[str], speakers: dict[str, str], message: str
) -> None:
    with pytest.raises(IntoneError, match=message):
        open_sources(arguments, speakers)


def test_speakers_of_a_voice_differ(tmp_path: Path) -> None:
    he, she = open_sources(["he=english", "she=english"], {"": "rms", "she": "slt"})
    assert he.key(1, "Yes.") != she.key(1, "Yes.")
    found = compare([he, she], ["Yes."], language="en", kept=tmp_path)
    one, other = (contender.takes[0] for contender in found.contenders)
    assert not np.array_equal(one.audio.samples, other.audio.samples)
    assert one.work_seconds is not None
    assert 0 < one.work_seconds < 60
