"""Whose sentences vocoders and codecs are tried on."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.types import Audio, Utterance
from intone.corpus.manifest import write_manifest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_a_persons_recordings_say_what_they_say_and_teachers_share_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    originals = importlib.import_module("sound").originals
    recordings = []
    for number in range(4):
        path = tmp_path / f"{number}.wav"
        tone = np.sin(np.arange(16_000) * (0.05 + 0.01 * number)).astype(np.float32) * 0.3
        write_audio(path, Audio(tone, 16_000))
        recordings.append(Utterance(str(number), f"Sentence {number}.", path, "ann"))
    write_manifest(tmp_path, recordings)
    spoken = originals(["espeak:en-us", f"recordings:{tmp_path}"], 5)
    taught, person = "espeak:en-us", "recordings:ann"
    assert [one.voice for one in spoken] == [taught, person, taught, person, taught]
    assert [one.text for one in spoken[1::2]] == ["Sentence 0.", "Sentence 2."]
    assert len({one.text for one in spoken}) == 5
    assert all(one.audio.sample_rate == 22_050 for one in spoken)
    assert all(len(one.audio.samples) % 256 == 0 for one in spoken)
    assert len(spoken[1].audio.samples) == 22_050 // 256 * 256
