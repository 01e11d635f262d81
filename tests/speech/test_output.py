"""Sound in files: readable, whole or absent, kept when interrupted."""

from __future__ import annotations

import io
import os
import stat
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from intone.core.errors import AudioError, VoiceError
from intone.speech import play
from intone.speech.output import WavStream, check_writable, recording
from intone.speech.play import FilePlayer, PipedPlayer, open_player

RATE = 22_050
TONE = (0.4 * np.sin(np.arange(2 * RATE) * 0.1)).astype(np.float32)


@pytest.mark.parametrize(("suffix", "closeness"), [(".wav", 1e-4), (".flac", 1e-4), (".ogg", 0.1)])
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str, closeness: float) -> None:
    path = tmp_path / f"out{suffix}"
    with recording(path, RATE) as sink:
        for piece in np.array_split(TONE, 7):
            sink.write(piece)
    samples, rate = soundfile.read(path)
    assert rate == RATE
    assert samples == pytest.approx(TONE, abs=closeness)
    assert os.listdir(tmp_path) == [path.name]


def test_mp3_is_as_long(tmp_path: Path) -> None:
    path = tmp_path / "out.MP3"
    with recording(path, RATE) as sink:
        sink.write(TONE)
    samples, rate = soundfile.read(path)
    assert len(samples) / rate == pytest.approx(2.0, abs=0.1)


def test_the_head_of_a_wav_is_right(tmp_path: Path) -> None:
    with recording(tmp_path / "out.wav", RATE) as sink:
        sink.write(TONE)
    with wave.open(str(tmp_path / "out.wav")) as read:
        assert (read.getnframes(), read.getframerate(), read.getnchannels()) == (len(TONE), RATE, 1)
    assert (tmp_path / "out.wav").stat().st_size == 44 + 2 * len(TONE)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_an_interruption_keeps_what_was_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with pytest.raises(KeyboardInterrupt), recording(path, RATE) as sink:
        sink.write(TONE)
        raise KeyboardInterrupt
    assert soundfile.info(path).frames == len(TONE)
    assert os.listdir(tmp_path) == [path.name]


def test_an_interruption_before_any_sound_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), recording(tmp_path / "out.wav", RATE):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_failure_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(VoiceError), recording(path, RATE) as sink:
        sink.write(TONE)
        raise VoiceError("broken")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]


def test_a_pipe_gets_a_wav_that_players_read() -> None:
    stream = io.BytesIO()
    sink = WavStream(stream, RATE, owns=False)
    sink.write(TONE)
    sink.close()
    samples, rate = soundfile.read(io.BytesIO(stream.getvalue()))
    assert rate == RATE
    assert samples == pytest.approx(TONE, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing/out.wav", "no folder"), ("out.aiff", "suffix"), ("out", "suffix"), ("", "folder")],
)
def test_places_that_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(AudioError, match=words):
        check_writable(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32", reason="devices are files on POSIX systems")
def test_a_device_is_written_not_replaced() -> None:
    with recording(Path("/dev/null"), RATE) as sink:
        sink.write(TONE)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_piped_player_gets_every_sample(tmp_path: Path) -> None:
    copy = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    player = PipedPlayer([sys.executable, "-c", copy, str(tmp_path / "raw")])
    for piece in np.array_split(TONE, 5):
        player.write(piece)
    player.close()
    assert (tmp_path / "raw").stat().st_size == 2 * len(TONE)


def test_a_player_that_fails_says_why() -> None:
    complain = "import sys; sys.exit('no sound card')"
    player = PipedPlayer([sys.executable, "-c", complain])
    with pytest.raises(VoiceError, match=r"no sound card.*-o out\.wav"):
        for _ in range(100):
            player.write(TONE)
        player.close()


def test_a_file_player_gets_a_whole_wav(tmp_path: Path) -> None:
    copy = "import shutil, sys; shutil.copy(*sys.argv[1:])"
    player = FilePlayer([sys.executable, "-c", copy, "{}", str(tmp_path / "played.wav")], RATE)
    player.write(TONE)
    player.close()
    assert soundfile.info(tmp_path / "played.wav").frames == len(TONE)
    assert not player.path.exists()


def test_no_player_is_an_error_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(play.shutil, "which", lambda name: None)
    with pytest.raises(VoiceError, match=r"no audio player found; use -o out\.wav"):
        open_player(RATE)
