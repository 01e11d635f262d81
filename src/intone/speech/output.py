"""Sound into files as it is made: whole or absent, and kept as far as it came when interrupted."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np

from intone.core.errors import AudioError

if TYPE_CHECKING:
    from intone.core.types import FloatArray

ENCODED = {".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
SUFFIXES = (".wav", *ENCODED)
_UNKNOWN_LENGTH = 0xFFFFFFFF


class Sink(Protocol):
    """Where sound goes: a file, a pipe, a loudspeaker."""

    def write(self, samples: FloatArray) -> None:
        """Take samples float32 (T) in -1..1."""
        ...

    def close(self) -> None:
        """Finish; all that was written is there afterwards."""
        ...


class WavStream:
    """16-bit mono WAV into a binary stream; the lengths in its head are set at the end.

    Into a stream that cannot go back, or unless `owns` it, the lengths stay unknown,
    which players understand as "until the end".
    """

    def __init__(self, stream: IO[bytes], sample_rate: int, *, owns: bool) -> None:
        self.stream, self.sample_rate, self.owns = stream, sample_rate, owns
        self.data_bytes = 0
        stream.write(self._head(_UNKNOWN_LENGTH))

    def _head(self, data_bytes: int) -> bytes:
        total = min(data_bytes + 36, _UNKNOWN_LENGTH)
        data_bytes = min(data_bytes, _UNKNOWN_LENGTH)
        form = struct.pack("<HHIIHH", 1, 1, self.sample_rate, 2 * self.sample_rate, 2, 16)
        return struct.pack(
            "<4sI8sI16s4sI", b"RIFF", total, b"WAVEfmt ", 16, form, b"data", data_bytes
        )

    def write(self, samples: FloatArray) -> None:
        """Append samples."""
        encoded = pcm16(samples)
        self.stream.write(encoded)
        self.data_bytes += len(encoded)
        if not self.owns:
            self.stream.flush()

    def close(self) -> None:
        """Set the lengths where that is possible."""
        if not self.owns:
            self.stream.flush()
            return
        try:
            if self.stream.seekable():
                self.stream.seek(0)
                self.stream.write(self._head(self.data_bytes))
        finally:
            self.stream.close()


class EncodedFile:
    """FLAC, Ogg Vorbis or MP3 through libsndfile, imported here only."""

    def __init__(self, path: Path, kind: str, sample_rate: int) -> None:
        try:
            import soundfile
        except (ImportError, OSError) as error:
            raise AudioError(f"{kind} cannot be written ({error}); write .wav instead") from None
        if kind not in soundfile.available_formats():
            raise AudioError(f"{kind} is not known to this libsndfile; write .wav or .flac instead")
        self.path = path
        self.data_bytes = 0
        try:
            self.file = soundfile.SoundFile(path, "w", sample_rate, 1, format=kind)
        except (RuntimeError, OSError) as error:
            raise AudioError(f"cannot write {path}: {error}; check the folder") from None

    def write(self, samples: FloatArray) -> None:
        """Append samples."""
        self._attempt(self.file.write, samples)
        self.data_bytes += samples.nbytes

    def close(self) -> None:
        """Finish the file."""
        self._attempt(self.file.close)

    def _attempt(self, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        # A full disk is an assertion about counts there.
        except (RuntimeError, AssertionError, OSError) as error:
            raise AudioError(
                f"cannot write {self.path} ({error}); free some space or choose another place"
            ) from None


def pcm16(samples: FloatArray) -> bytes:
    """Samples -1..1 as little-endian 16-bit integers."""
    return np.round(np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()


def check_writable(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> None:
    """Raise `AudioError` if nothing can be written to `path`: before an hour is spent on it."""
    if path.is_dir():
        raise AudioError(f"{path} is a folder; name a file in it")
    if not _is_special(path):
        if path.suffix.lower() not in suffixes:
            raise AudioError(
                f"{path}: the suffix {path.suffix!r} is unknown; use {', '.join(suffixes)}"
            )
        if not path.parent.is_dir():
            raise AudioError(f"there is no folder {path.parent}; make it, or write elsewhere")
        probe = path if path.exists() else path.parent
        if not (os.access(path.parent, os.W_OK) and os.access(probe, os.W_OK)):
            raise AudioError(f"{probe} may not be written to; write elsewhere")


@contextlib.contextmanager
def recording(path: Path, sample_rate: int) -> Iterator[Sink]:
    """A sink that writes `path`, in the form that its suffix says.

    The file appears under its name when all is written, or when Ctrl-C ends the writing:
    then it holds what there was. Any other failure leaves nothing. Raises `AudioError`
    if it cannot be written.
    """
    check_writable(path)
    if _is_special(path):
        with path.open("wb") as stream:
            yield WavStream(stream, sample_rate, owns=False)
        return
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    with contextlib.ExitStack() as cleaning:
        cleaning.callback(_remove, temporary)
        sink = _open(temporary, path, sample_rate)
        keep = False
        try:
            yield sink
            keep = True
        except KeyboardInterrupt:
            keep = sink.data_bytes > 0
            raise
        finally:
            if keep:
                sink.close()
                os.replace(temporary, path)
            else:
                with contextlib.suppress(OSError, AudioError):
                    sink.close()


def _open(temporary: Path, path: Path, sample_rate: int) -> WavStream | EncodedFile:
    kind = ENCODED.get(path.suffix.lower())
    if kind is not None:
        return EncodedFile(temporary, kind, sample_rate)
    try:
        return WavStream(temporary.open("wb"), sample_rate, owns=True)
    except OSError as error:
        raise AudioError(f"cannot write {path}: {error.strerror}; check the folder") from None


def _is_special(path: Path) -> bool:
    """Whether `path` is a pipe or a device, which a rename would replace by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
