"""Tiny codecs, a buzzing voice, and a prepared corpus of it."""

import numpy as np
import pytest
import torch

from intone.audio.files import write_audio
from intone.core.registry import family
from intone.core.settings import check
from intone.core.types import Audio, Utterance
from intone.data.prepare import prepare
from intone.text.characters import CharactersFrontend

RATE = 22_050


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def _buzz(seconds, hertz=120.0, seed=0, rate=RATE):
    time = np.arange(int(rate * seconds)) / rate
    tones = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 10))
    noise = np.random.default_rng(seed).normal(size=len(time))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)
    return (0.15 * swell * (tones + 0.1 * noise)).astype(np.float32)


@pytest.fixture(scope="session")
def buzz():
    """Makes voice-like samples."""
    return _buzz


@pytest.fixture(scope="session")
def build():
    """Builds a codec of preset tiny, untrained, the same each time."""

    def made(name, **settings):
        torch.manual_seed(0)
        found = family("codec", name)
        return found.model(
            check(found.settings, {**found.presets["tiny"], **settings}, where=name)
        ).eval()

    return made


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Ten buzzes of two speakers, prepared."""
    folder = tmp_path_factory.mktemp("corpus")
    utterances = []
    for number in range(10):
        path = folder / f"{number}.wav"
        sound = _buzz(0.8 + 0.05 * number, 110 + 60 * (number % 2), number)
        write_audio(path, Audio(sound, RATE))
        utterances.append(Utterance(f"u{number}", "abc", path, "ab"[number % 2]))
    prepare(utterances, folder / "prepared", CharactersFrontend.learn(["abc"]), workers=1)
    return folder / "prepared"
