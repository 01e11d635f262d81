"""Distances between sounds come out as they must where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from intone.core.errors import AudioError
from intone.core.types import Audio
from intone.evaluate.distortion import distortion, mel_cepstra
from intone.evaluate.quality import dnsmos
from intone.speech import Voice

RATE = 22_050


def vowel(hz: float, seconds: float = 1.0) -> Audio:
    """A hummed vowel whose pitch glides by a tenth, a pause before and after."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = hz * (1 + 0.1 * np.sin(2 * np.pi * time / seconds))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    partials = [np.sin(n * phase) / n for n in range(1, 16)]
    hummed = 0.2 * np.sum(partials, axis=0)
    return Audio(np.pad(hummed, RATE // 5).astype(np.float32), RATE)


def noisy(audio: Audio, ratio_db: float) -> Audio:
    """`audio` with white noise `ratio_db` below it."""
    noise = np.random.default_rng(0).normal(0, 1, len(audio.samples))
    level = float(np.std(audio.samples)) * 10 ** (-ratio_db / 20)
    return Audio((audio.samples + level * noise).astype(np.float32), audio.sample_rate)


def test_a_sound_is_no_distance_from_itself() -> None:
    found = distortion(vowel(150), vowel(150))
    assert found.mel_cepstral_db == pytest.approx(0, abs=1e-6)
    assert found.pitch_error_semitones == 0
    assert found.pitch_correlation == pytest.approx(1)
    assert found.voicing_error == 0
    assert found.duration_ratio == 1


def test_a_ripple_over_the_bands_is_one_coefficient() -> None:
    ripple = 0.7 * np.cos(np.pi * 3 * (np.arange(80) + 0.5) / 80) - 4
    found = mel_cepstra(ripple[None].astype(np.float32))[0]
    assert found[2] == pytest.approx(0.7, abs=1e-5)
    assert np.delete(found, 2) == pytest.approx(np.zeros(12), abs=1e-5)


def test_two_semitones_are_two_semitones() -> None:
    found = distortion(vowel(150 * 2 ** (2 / 12)), vowel(150))
    assert found.pitch_error_semitones == pytest.approx(2, abs=0.5)


@pytest.fixture(scope="module")
def spoken() -> Audio:
    """The shipped voice, saying a sentence."""
    return Voice.load("english", threads=1).speak("The children built a castle of sand.").audio


def test_speech_played_two_semitones_higher_is_two_semitones_off(spoken: Audio) -> None:
    faster = 2 ** (2 / 12)
    found = distortion(Audio(spoken.samples, round(spoken.sample_rate * faster)), spoken)
    assert found.pitch_error_semitones == pytest.approx(2, abs=0.3)
    assert found.pitch_correlation > 0.95
    assert found.duration_ratio == pytest.approx(1 / faster, abs=0.01)


def test_speech_in_noise_is_further_off_and_less_liked(spoken: Audio) -> None:
    found = distortion(noisy(spoken, 10), spoken)
    assert found.mel_cepstral_db > distortion(noisy(spoken, 40), spoken).mel_cepstral_db + 1
    assert found.pitch_error_semitones < 1
    assert dnsmos(noisy(spoken, 10)) < dnsmos(spoken) - 0.3


def test_speech_is_no_distance_from_itself(spoken: Audio) -> None:
    found = distortion(spoken, spoken)
    assert found.mel_cepstral_db == pytest.approx(0, abs=1e-6)
    assert (found.pitch_error_semitones, found.voicing_error, found.duration_ratio) == (0, 0, 1)


def test_more_noise_is_more_distortion() -> None:
    clean = vowel(150)
    some, more = distortion(noisy(clean, 30), clean), distortion(noisy(clean, 10), clean)
    assert 0 < some.mel_cepstral_db < more.mel_cepstral_db


def test_loudness_does_not_matter() -> None:
    clean = noisy(vowel(150), 40)
    softer = Audio(clean.samples * np.float32(0.5), RATE)
    assert distortion(softer, clean).mel_cepstral_db < 0.2


def test_noise_at_10_db_moves_no_pitch_and_changes_no_length() -> None:
    clean = vowel(150)
    found = distortion(noisy(clean, 10), clean)
    assert found.pitch_error_semitones < 0.3
    assert found.pitch_correlation > 0.95
    assert found.duration_ratio == 1
    # The pauses, which are half as long as the vowel, now hum or hiss.
    assert found.voicing_error < 0.5


def test_a_hum_cut_out_is_a_voicing_error_and_more_distortion() -> None:
    clean = vowel(150)
    silent = clean.samples.copy()
    middle = len(silent) // 2
    silent[middle - RATE // 8 : middle + RATE // 8] = 0
    found = distortion(Audio(silent, RATE), clean)
    assert 0.1 < found.voicing_error < 0.6
    assert found.mel_cepstral_db > 2
    assert found.pitch_error_semitones < 1


def test_what_is_cut_out_shortens() -> None:
    clean = vowel(150)
    half = Audio(clean.samples[: len(clean.samples) // 2], RATE)
    assert distortion(half, clean).duration_ratio == pytest.approx(0.5, abs=0.01)


def test_a_sound_too_short_to_measure_is_an_error() -> None:
    with pytest.raises(AudioError, match="shorter than a frame"):
        distortion(Audio(np.zeros(10, np.float32), RATE), vowel(150))
