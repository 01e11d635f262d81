"""Sound through the loudspeaker, by what the system has for it."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import VoiceError
from intone.speech.output import Sink, WavStream, pcm16

if TYPE_CHECKING:
    from intone.core.types import FloatArray

INSTEAD = "use -o out.wav"


def open_player(sample_rate: int) -> Sink:
    """A sink that plays: sounddevice where installed, or else the system's player.

    Raises `VoiceError` if there is none.
    """
    if importlib.util.find_spec("sounddevice") is not None:
        with contextlib.suppress(OSError, VoiceError):
            return SoundDevice(sample_rate)
    rate = str(sample_rate)
    for piped in (
        ["aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", rate, "-"],
        ["paplay", "--raw", "--format=s16le", "--channels=1", f"--rate={rate}"],
        ["pw-cat", "-p", "--format=s16", "--channels=1", f"--rate={rate}", "-"],
        ["play", "-q", "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", rate, "-"],
    ):
        if shutil.which(piped[0]):
            return PipedPlayer(piped)
    if sys.platform == "darwin" and shutil.which("afplay"):
        return FilePlayer(["afplay", "{}"], sample_rate)
    shell = shutil.which("powershell") or shutil.which("pwsh")
    if sys.platform == "win32" and shell:
        script = "(New-Object Media.SoundPlayer '{}').PlaySync()"
        return FilePlayer([shell, "-NoProfile", "-Command", script], sample_rate)
    raise VoiceError(f"no audio player found; {INSTEAD}")


class SoundDevice:
    """Plays through the library sounddevice."""

    def __init__(self, sample_rate: int) -> None:
        import sounddevice

        self.errors: type[Exception] = sounddevice.PortAudioError
        try:
            self.stream: Any = sounddevice.OutputStream(sample_rate, channels=1, dtype="float32")
            self.stream.start()
        except self.errors as error:
            raise VoiceError(f"the sound device cannot be opened ({error}); {INSTEAD}") from None

    def write(self, samples: FloatArray) -> None:
        """Play samples; returns when there is room for more."""
        try:
            self.stream.write(samples[:, None])
        except self.errors as error:
            raise VoiceError(f"the sound device failed ({error}); {INSTEAD}") from None

    def close(self) -> None:
        """Return when all is played."""
        self.stream.stop()
        self.stream.close()


class PipedPlayer:
    """Plays through a program that takes raw sound while it is made."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise VoiceError(f"{command[0]} cannot be run ({error}); {INSTEAD}") from None

    def write(self, samples: FloatArray) -> None:
        """Play samples; returns when there is room for more."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(pcm16(samples))
            self.process.stdin.flush()
        except OSError:
            self._fail()

    def close(self) -> None:
        """Return when all is played; `VoiceError` if the program failed."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if self.process.wait() != 0:
            self._fail()

    def _fail(self) -> None:
        assert self.process.stderr is not None
        said = self.process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        self.process.wait()
        reason = said[-1][:160] if said else "it stopped"
        raise VoiceError(f"{self.command[0]} cannot play ({reason}); {INSTEAD}") from None


class FilePlayer:
    """Plays through a program that takes a whole file; "{}" in the command is its path."""

    def __init__(self, command: list[str], sample_rate: int) -> None:
        self.command = command
        self.folder = tempfile.TemporaryDirectory(prefix="intone-")
        self.path = Path(self.folder.name) / "speech.wav"
        self.wav = WavStream(self.path.open("wb"), sample_rate, owns=True)

    def write(self, samples: FloatArray) -> None:
        """Keep samples until all are there."""
        self.wav.write(samples)

    def close(self) -> None:
        """Play all and return; `VoiceError` if the program failed."""
        self.wav.close()
        command = [part.replace("{}", str(self.path)) for part in self.command]
        with self.folder:
            try:
                done = subprocess.run(command, capture_output=True, check=False)
            except OSError as error:
                raise VoiceError(f"{command[0]} cannot be run ({error}); {INSTEAD}") from None
        if done.returncode:
            raise VoiceError(f"{command[0]} cannot play the sound; {INSTEAD}")
