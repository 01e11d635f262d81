"""Little corpora of hums, written anew for each test or shared by a module."""

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.types import Audio, Phone, Utterance
from intone.data.durations import Aligned, write_durations
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus
from intone.text.characters import CharactersFrontend

RATE = 22_050


def hum(seconds, hertz=120.0, seed=0):
    """A buzz with noise, silent for a fifth of a second before and after."""
    time = np.arange(int(RATE * seconds)) / RATE
    buzz = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 9))
    noise = np.random.default_rng(seed).normal(size=len(time))
    sound = 0.15 * (0.7 + 0.3 * np.sin(20 * time)) * (buzz + 0.05 * noise)
    quiet = np.zeros(RATE // 5)
    return np.concatenate([quiet, sound, quiet]).astype(np.float32)


def _record(folder, number, seconds=None):
    """The utterance of a new file in `folder`; the speakers a and b take turns."""
    seconds = seconds or 0.4 + 0.07 * (number * 5 % 11)
    path = folder / f"{number:03}.wav"
    write_audio(path, Audio(hum(seconds, 110 + 70 * (number % 2), number), RATE))
    phones = (Phone("pau", 0.2), Phone("aa", 0.3 + seconds / 2), Phone("pau", seconds + 0.4))
    text = "abc de"[: 4 + number % 3]
    return Utterance(f"u{number:03}", text, path, "ab"[number % 2], "en", phones)


@pytest.fixture(scope="session")
def frontend():
    return CharactersFrontend("en", "abcde")


@pytest.fixture
def few(tmp_path):
    """Twenty utterances."""
    folder = tmp_path / "wavs"
    folder.mkdir()
    return [_record(folder, n) for n in range(20)]


def _align_evenly(folder):
    """Give every symbol of every utterance the same share of its frames."""
    entries = PreparedCorpus(folder).entries.values()

    def even(entry):
        ends = np.linspace(0, entry.frames, entry.symbols + 1).astype(np.int64)
        return Aligned(entry.id, np.diff(ends), 0.0, entry.fingerprint)

    write_durations(folder, [even(entry) for entry in entries])


@pytest.fixture(scope="session")
def record():
    """Writes a new file and gives its utterance."""
    return _record


@pytest.fixture(scope="session")
def align_evenly():
    """Aligns a prepared folder somehow."""
    return _align_evenly


@pytest.fixture(scope="module")
def folder(tmp_path_factory, frontend):
    """Twenty utterances of two speakers, prepared and aligned."""
    wavs = tmp_path_factory.mktemp("wavs")
    out = wavs / "prepared"
    prepare([_record(wavs, n) for n in range(20)], out, frontend, workers=1)
    _align_evenly(out)
    return out
