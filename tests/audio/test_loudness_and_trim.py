from __future__ import annotations

import numpy as np
import pytest

from intone.audio.loudness import at_loudness, peak_dbfs, rms_dbfs
from intone.audio.trim import speech_span
from intone.core.errors import AudioError

RATE = 22_050


def speech(seconds: float, level: float = 0.3) -> np.ndarray:
    """A buzz in syllables of four a second, which begins and ends loud."""
    t = np.arange(round(seconds * RATE)) / RATE
    syllables = 0.55 + 0.45 * np.cos(2 * np.pi * 4 * t)
    return (level * syllables * np.sign(np.sin(2 * np.pi * 130 * t))).astype("f4")


def test_loudness_of_known_signals() -> None:
    square = np.sign(np.sin(np.arange(22_000) + 0.5)).astype("f4")
    assert rms_dbfs(square) == pytest.approx(0, abs=1e-6)
    assert rms_dbfs(square / 10) == pytest.approx(-20, abs=1e-4)
    assert peak_dbfs(square / 2) == pytest.approx(-6.02, abs=0.01)
    assert rms_dbfs(np.zeros(10, "f4")) == peak_dbfs(np.zeros(0, "f4")) == -120


def test_a_recording_is_brought_to_a_loudness_but_its_peak_is_kept_down() -> None:
    quiet = speech(1.0, 0.001)
    assert rms_dbfs(at_loudness(quiet, -20)) == pytest.approx(-20, abs=0.01)
    spiky = quiet.copy()
    spiky[50] = 0.5
    assert peak_dbfs(at_loudness(spiky, -20, -3)) == pytest.approx(-3, abs=0.01)
    with pytest.raises(AudioError, match="silent"):
        at_loudness(np.zeros(100, "f4"))


@pytest.mark.parametrize("noise_db", [-100, -60, -42])
@pytest.mark.parametrize("level", [0.9, 0.05])
def test_silence_is_cut_away_whatever_the_floor(noise_db: float, level: float) -> None:
    before, length, after = 0.7, 1.5, 1.1
    signal = np.concatenate(
        [np.zeros(round(before * RATE)), speech(length, level), np.zeros(round(after * RATE))]
    )
    noise = np.random.default_rng(1).normal(0, level * 10 ** (noise_db / 20), len(signal))
    start, end = speech_span((signal + noise).astype("f4"), RATE)
    assert start / RATE == pytest.approx(before - 0.06, abs=0.025)
    assert end / RATE == pytest.approx(before + length + 0.06, abs=0.025)


def test_a_click_before_the_speech_is_cut_away() -> None:
    signal = np.concatenate([np.zeros(RATE), speech(1.0), np.zeros(RATE // 2)]).astype("f4")
    signal[2_000] = 0.9
    start, end = speech_span(signal, RATE)
    assert start / RATE == pytest.approx(0.94, abs=0.025)
    assert end / RATE == pytest.approx(2.06, abs=0.025)


def test_speech_without_silence_is_kept_whole() -> None:
    signal = speech(2.0)
    start, end = speech_span(signal, RATE)
    assert start == 0
    assert end == len(signal)


def test_a_very_short_recording_is_kept() -> None:
    signal = speech(0.01)
    assert speech_span(signal, RATE) == (0, len(signal))


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(9_000), np.full(9_000, 1e-6)])
def test_silence_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(AudioError, match="silent"):
        speech_span(samples.astype("f4"), RATE)
