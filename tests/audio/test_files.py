from __future__ import annotations

import errno
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from intone.audio.files import duration_seconds, encode_wav, read_audio, write_audio
from intone.core.errors import AudioError
from intone.core.types import Audio


def tone(hz: float, rate: int, seconds: float = 1.0, level: float = 0.4) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype("f4")


def strongest_hz(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio.samples * np.hanning(len(audio.samples))))
    return float(np.argmax(spectrum)) * audio.sample_rate / len(audio.samples)


@pytest.mark.parametrize(
    ("name", "rate", "channels", "container", "subtype"),
    [
        ("telephone.wav", 8_000, 2, "WAV", "PCM_U8"),
        ("studio.wav", 48_000, 1, "WAV", "PCM_24"),
        ("float.wav", 44_100, 1, "WAV", "FLOAT"),
        ("double.wav", 22_050, 2, "WAV", "DOUBLE"),
        ("high.flac", 96_000, 1, "FLAC", "PCM_24"),
        ("small.ogg", 16_000, 1, "OGG", "VORBIS"),
        ("named_wrongly.wav", 44_100, 2, "MP3", "MPEG_LAYER_III"),
        ("named_wrongly.raw", 22_050, 1, "WAV", "PCM_16"),
        ("no_suffix", 22_050, 1, "FLAC", "PCM_16"),
        ("с пробелом и ещё.wav", 22_050, 1, "WAV", "PCM_16"),
    ],
)
def test_any_recording_becomes_mono_at_the_wanted_rate(
    tmp_path: Path, name: str, rate: int, channels: int, container: str, subtype: str
) -> None:
    path = tmp_path / name
    signal = np.repeat(tone(440, rate)[:, None], channels, axis=1)
    soundfile.write(str(path), signal, rate, format=container, subtype=subtype)

    own = read_audio(path)
    resampled = read_audio(path, 22_050)

    assert own.sample_rate == rate
    assert resampled.sample_rate == 22_050
    assert resampled.samples.dtype == np.float32
    assert resampled.samples.ndim == 1
    assert abs(resampled.seconds - 1) < 0.08  # mp3 pads its ends
    assert abs(strongest_hz(resampled) - 440) < 1.5
    assert np.abs(resampled.samples[5_000:15_000]).max() == pytest.approx(0.4, abs=0.02)
    assert duration_seconds(path) == pytest.approx(own.seconds, abs=0.03)


def test_stereo_is_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([np.full(100, 0.5), np.full(100, -0.1)], axis=1), 8_000)
    assert read_audio(path).samples == pytest.approx(np.full(100, 0.2), abs=1e-4)


def test_samples_beyond_full_scale_are_scaled_together(tmp_path: Path) -> None:
    path = tmp_path / "hot.wav"
    soundfile.write(path, tone(200, 22_050, level=20_000), 22_050, subtype="FLOAT")
    audio = read_audio(path)
    assert np.abs(audio.samples).max() == pytest.approx(1)
    # A clipped sine would have far more energy than 1/2.
    assert np.mean(audio.samples**2) == pytest.approx(0.5, abs=0.01)


def message(path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_what_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 22_050)
    assert "no file" in message(tmp_path / "missing.wav")
    assert "folder" in message(tmp_path)
    assert "empty" in message(tmp_path / "empty.wav")
    assert "no samples" in message(tmp_path / "none.wav")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Dear diary, today I recorded nothing.\n" * 20, "text"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0" + b"\1" * 600, "M4A"),
        (b"PK\x03\x04" + b"\0" * 100, "ZIP"),
        (b"\0" * 5_000, "zero bytes"),
        ("ещё не звук, а текст ".encode() * 40, "text"),
    ],
)
def test_what_is_not_sound_is_recognised(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(content)
    assert expected in message(path)


def test_a_wav_that_was_cut_off_is_refused_but_a_piped_one_is_read(tmp_path: Path) -> None:
    whole = encode_wav(Audio(tone(300, 22_050), 22_050))
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[: len(whole) // 2])
    assert "cut off" in message(cut)
    with pytest.raises(AudioError, match="cut off"):
        duration_seconds(cut)

    position = whole.index(b"data") + 4
    piped = tmp_path / "piped.wav"
    for unknown in (0xFFFF_FFFF, 0x7FFF_F000):
        piped.write_bytes(whole[:position] + struct.pack("<I", unknown) + whole[position + 4 :])
        assert read_audio(piped).seconds == pytest.approx(1, abs=0.01)


def test_a_flac_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.flac"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 40_000)
    soundfile.write(whole, noise, 22_050)
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole.read_bytes()[:30_000])
    message(cut)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    samples = tone(200, 22_050)
    samples[77] = bad
    path = tmp_path / "nan.wav"
    soundfile.write(path, samples, 22_050, subtype="FLOAT")
    assert "not numbers" in message(path)
    with pytest.raises(AudioError, match="not numbers"):
        write_audio(tmp_path / "out.wav", Audio(samples, 22_050))


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".WAV"])
def test_written_sound_is_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"out{suffix}"
    write_audio(path, Audio(tone(440, 22_050), 22_050))
    again = read_audio(path)
    assert again.sample_rate == 22_050
    assert abs(strongest_hz(again) - 440) < 1.5
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_minutes_of_ogg_are_written(tmp_path: Path) -> None:
    path = tmp_path / "long.ogg"
    noise = np.random.default_rng(0).normal(0, 0.1, 22_050 * 150).astype("f4")
    write_audio(path, Audio(noise, 22_050))
    assert duration_seconds(path) == pytest.approx(150, abs=0.1)


def test_loud_samples_are_limited_not_wrapped() -> None:
    samples = np.array([0.5, 1.7, -1.7, 0.0], dtype="f4")
    written, _ = soundfile.read(io.BytesIO(encode_wav(Audio(samples, 8_000))))
    assert written == pytest.approx([0.5, 1, -1, 0], abs=1e-4)


def test_what_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    audio = Audio(tone(440, 96_000), 96_000)
    with pytest.raises(AudioError, match=r"\.wav, \.flac"):
        write_audio(tmp_path / "out.xyz", audio)
    with pytest.raises(AudioError, match="96000 Hz"):
        write_audio(tmp_path / "out.mp3", audio)
    with pytest.raises(AudioError, match="no samples"):
        write_audio(tmp_path / "out.wav", Audio(np.zeros(0, "f4"), 22_050))
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(AudioError, match="folder"):
        write_audio(tmp_path / "folder.wav", audio)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"old")

    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AudioError, match="No space left"):
        write_audio(path, Audio(tone(440, 22_050), 22_050))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.wav"]


def test_a_long_mp3_is_read_in_silence_and_whole(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.mp3"
    source = np.random.default_rng(0)
    voice = tone(220, 16_000, seconds=30) * (1 + 0.5 * source.standard_normal(480_000))
    write_audio(path, Audio((0.3 * voice).astype(np.float32), 16_000))

    whole = read_audio(path)

    assert capfd.readouterr().err == ""
    assert abs(whole.seconds - 30) < 0.1
