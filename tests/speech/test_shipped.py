"""The voices in the package open, speak, and say where they come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import intone
from intone.core.types import Conditions, Controls
from intone.speech import Voice
from intone.speech.manifest import read_voice
from intone.speech.rendering import in_pieces

FOLDERS = sorted(
    path.parent for path in (Path(intone.__file__).parent / "voices").glob("[!_]*/voice.json")
)
TEXTS = {"en": "Mr. Lane paid $3.50 for the 1st train.", "ru": "Поезд отходит в семь часов."}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def shipped(request: pytest.FixtureRequest) -> Voice:
    return Voice.load(request.param, threads=1)


def test_the_package_stays_small() -> None:
    folder = Path(intone.__file__).parent
    files = [path for path in folder.rglob("*") if path.suffix not in (".py", ".pyc")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 34e6
    voices = sum(path.stat().st_size for path in (folder / "voices").rglob("*") if path.is_file())
    assert voices < 29e6
    assert sum(path.stat().st_size for path in (folder / "voices" / "_codec").rglob("*.*")) < 16e6


def text_for(voice: Voice) -> str:
    return TEXTS[voice.language.split("-")[0]]


def test_the_card_says_where_it_comes_from(shipped: Voice) -> None:
    card = shipped.manifest.card
    for key in ("trained_on", "command", "licence", "notices"):
        assert card.get(key), key
    for folder in FOLDERS:
        assert read_voice(folder).name == folder.name


def test_every_speaker_says_every_word_at_a_speaking_pace(shipped: Voice) -> None:
    text = text_for(shipped)
    letters = sum(map(str.isalnum, text))
    for speaker in shipped.speakers:
        speech = shipped.speak(text, Conditions(speaker=speaker))
        assert len(speech.words) == len(text.split())
        assert 5 < letters / speech.audio.seconds < 25
        loudness = speech.audio.samples.std()
        assert 0.01 < loudness < 0.4
        assert np.abs(speech.audio.samples).max() < 0.999


def test_each_word_sounds_where_its_time_says() -> None:
    shipped = Voice.load("english", threads=1)
    text = "Dr. Lane paid $3.50 at 221B Baker St.; it's 7:45 - quick!"
    speech = shipped.speak(text)
    letters = "".join(c for word in speech.words for c in word.text if c.isalnum())
    assert letters == "".join(c for c in text if c.isalnum())
    samples, rate = speech.audio.samples, speech.audio.sample_rate
    end = 0.0
    for word in speech.words:
        assert end <= word.start_seconds < word.end_seconds <= speech.audio.seconds
        end = word.end_seconds
        heard = samples[int(word.start_seconds * rate) : int(end * rate)]
        assert np.sqrt(np.mean(heard**2)) > 0.2 * np.sqrt(np.mean(samples**2)), word


def test_controls_are_obeyed(shipped: Voice) -> None:
    text = text_for(shipped)
    plain = shipped.speak(text).audio.seconds
    assert shipped.speak(text, controls=Controls(speed=1.5)).audio.seconds == pytest.approx(
        plain / 1.5, rel=0.1
    )


def test_the_vocoder_renders_in_pieces_without_a_seam(shipped: Voice) -> None:
    symbols = shipped.frontend.symbols(text_for(shipped))
    frames, _ = shipped.engine.frames(symbols.ids, 0, Controls())
    whole = shipped.renderer.render(frames)
    pieces = list(in_pieces(shipped.renderer, frames, first_frames=26, most_frames=64))
    assert len(pieces) > 2
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-4)


def test_the_same_words_sound_the_same_twice(shipped: Voice) -> None:
    first, second = (shipped.speak(text_for(shipped)).audio.samples for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.skipif(sys.platform == "win32", reason="tells no peak of memory there")
def test_speaking_takes_little_memory(tmp_path: Path) -> None:
    text = "This is one of many sentences, and none of them is short. " * 20
    command = [sys.executable, "-m", "intone", "speak", text, "--voice", str(FOLDERS[0])]
    # A process counts the memory of the one that started it, so a small one does.
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "-o", str(tmp_path / "out.wav")],
        capture_output=True,
        text=True,
        check=True,
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 250e6
