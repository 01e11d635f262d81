from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.audio.energy import energy
from intone.audio.mel import filterbank, mel_spectrogram
from intone.audio.pitch import pitch_hz
from intone.core.errors import AudioError, FormatError, MissingExtra
from intone.core.types import MEL_22K, FrameFormat

FORMATS = [
    MEL_22K,
    FrameFormat(sample_rate=24_000, bands=100, high_hz=12_000.0),
    FrameFormat(sample_rate=16_000, hop_samples=160, window_samples=400, low_hz=20.0),
]


def voiced(hz: np.ndarray, rate: int = 22_050) -> np.ndarray:
    """A buzz of eight harmonics whose fundamental follows `hz` (T)."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    return sum(0.2 * np.sin(k * phase) / k for k in range(1, 9)).astype("f4")


@pytest.mark.parametrize("format", FORMATS)
def test_the_filterbank_is_slaneys(format: FrameFormat) -> None:
    theirs = librosa.filters.mel(
        sr=format.sample_rate,
        n_fft=format.window_samples,
        n_mels=format.bands,
        fmin=format.low_hz,
        fmax=format.high_hz,
    )
    np.testing.assert_allclose(filterbank(format), theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("format", FORMATS)
def test_the_mel_is_that_of_an_independent_short_time_transform(format: FrameFormat) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 20_000).astype("f4")
    window, hop = format.window_samples, format.hop_samples
    padded = np.pad(samples.astype("f8"), (window - hop) // 2, mode="reflect")
    hann = np.hanning(window + 1)[:-1]
    bins = np.stack(
        [np.fft.rfft(hann * padded[i * hop : i * hop + window]) for i in range(20_000 // hop)]
    )
    theirs = np.log(np.maximum(np.abs(bins) @ filterbank(format).T, 1e-5))
    mel = mel_spectrogram(samples, format)
    assert mel.dtype == np.float32
    np.testing.assert_allclose(mel, theirs, atol=1e-3)


def test_the_caller_may_change_a_filterbank() -> None:
    filterbank(MEL_22K)[:] = 0
    assert filterbank(MEL_22K).max() > 0


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(0, 6_000),
    format=st.sampled_from(FORMATS),
)
def test_every_length_makes_the_promised_frames(length: int, format: FrameFormat) -> None:
    samples = np.random.default_rng(length).normal(0, 0.1, length).astype("f4")
    frames = length // format.hop_samples
    mel = mel_spectrogram(samples, format)
    assert mel.shape == (frames, format.bands)
    assert np.isfinite(mel).all()
    assert (mel >= np.log(np.float32(format.floor))).all()
    assert energy(mel).shape == (frames,)
    assert pitch_hz(samples, format).shape == (frames,)


def test_a_frame_is_centred_on_its_hop() -> None:
    samples = np.zeros(256 * 40, dtype="f4")
    samples[256 * 20 + 128] = 1
    loudness = energy(mel_spectrogram(samples, MEL_22K))
    assert np.argmax(loudness) == 20
    assert loudness[19] == pytest.approx(loudness[21], abs=0.05)


def test_a_mel_needs_a_sensible_format() -> None:
    with pytest.raises(FormatError, match="12000"):
        filterbank(FrameFormat(sample_rate=16_000, high_hz=12_000.0))
    with pytest.raises(FormatError, match="codes"):
        mel_spectrogram(np.zeros(1_000, "f4"), FrameFormat(kind="codes", codebooks=4))
    with pytest.raises(FormatError, match="window"):
        filterbank(FrameFormat(hop_samples=2_048))


def test_doubling_a_sound_adds_log_two_to_its_energy() -> None:
    samples = voiced(np.full(22_050, 150.0))
    once = energy(mel_spectrogram(samples, MEL_22K))
    twice = energy(mel_spectrogram(2 * samples, MEL_22K))
    np.testing.assert_allclose(twice - once, np.log(2), atol=1e-2)


@pytest.mark.parametrize("hz", [75, 110, 220, 440, 550])
@pytest.mark.parametrize("format", FORMATS)
def test_the_pitch_of_a_buzz_is_within_a_hundredth(hz: int, format: FrameFormat) -> None:
    found = pitch_hz(voiced(np.full(30_000, float(hz)), format.sample_rate), format)[6:-6]
    assert (found > 0).all()
    assert np.abs(found / hz - 1).max() < 0.01


def test_pitch_follows_a_glide_without_delay() -> None:
    course = np.geomspace(100, 300, 44_100)
    found = pitch_hz(voiced(course), MEL_22K)
    centres = course[128::256][: len(found)]
    inside = slice(8, -8)
    assert np.abs(found[inside] / centres[inside] - 1).max() < 0.015
    # Half a frame of delay would be a bias of 0.3 %.
    assert abs(np.mean(np.log(found[inside] / centres[inside]))) < 0.001


@pytest.mark.parametrize("rate", [48_000])
def test_high_rates_are_measured_too(rate: int) -> None:
    format = FrameFormat(sample_rate=rate, hop_samples=600, window_samples=2_400)
    found = pitch_hz(voiced(np.full(rate, 180.0), rate), format)[6:-6]
    assert np.abs(found / 180 - 1).max() < 0.01


def test_noise_and_silence_have_hardly_any_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 44_100).astype("f4")
    assert (pitch_hz(noise, MEL_22K) > 0).mean() < 0.2
    assert (pitch_hz(np.zeros(44_100, "f4"), MEL_22K) == 0).all()


def test_jumps_of_an_octave_are_mended() -> None:
    from intone.audio.pitch import _without_jumps

    hz = np.full(40, 120, dtype="f4")
    hz[[10, 11, 25]] = 240, 240, 60
    hz[30:33] = 0
    mended = _without_jumps(hz)
    assert (mended[hz > 0] == 120).all()
    assert (mended[30:33] == 0).all()


def test_an_impossible_range_of_pitch_is_refused() -> None:
    with pytest.raises(AudioError, match="60 to 50"):
        pitch_hz(np.zeros(9_000, "f4"), MEL_22K, 60, 50)


def test_without_pyworld_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    from intone.audio.pitch import _world

    _world.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"intone\[train\]"):
        pitch_hz(np.zeros(9_000, "f4"), MEL_22K)
    _world.cache_clear()
