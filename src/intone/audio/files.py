"""Sound files: read by content, written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.disguise import looks_like
from intone.audio.resampling import resample
from intone.core.errors import AudioError, IntoneError
from intone.core.files import replacing
from intone.core.types import Audio

if TYPE_CHECKING:
    from intone.core.types import FloatArray

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
"""What can be written; each of these and more can be read."""

_ENCODINGS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
_MP3_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_BLOCK_FRAMES = 1 << 16
_MP3_BLOCK_FRAMES = 1 << 25
"""soundfile seeks between blocks, and where an MP3 is entered its decoder complains aloud."""
_ENDLESS_BYTES = 0x7FFF_0000
"""A data chunk that claims this much or more was written to a pipe; its true size is the file's."""


def read_audio(path: Path, sample_rate: int | None = None) -> Audio:
    """The recording in `path`, mixed to one channel, at `sample_rate` Hz or its own.

    The format is told by the content, not by the name. Samples beyond full scale are
    scaled down together. Raises `AudioError` if there is no such file, if it is empty,
    cut off, not audio, or has samples that are no numbers.
    """
    path = Path(path)
    with _opened(path) as sound:
        rate: int = sound.samplerate
        expected: int = sound.frames
        samples = _mono(sound)
        exact = sound.format not in ("MP3", "OGG")
    if exact and len(samples) < expected:
        raise AudioError(
            f"{path} is cut off: of {expected / rate:.2f} s that it announces, "
            f"{len(samples) / rate:.2f} s are there; copy it again"
        )
    if len(samples) == 0:
        raise AudioError(f"{path} holds no samples; record it again or leave it out")
    if not np.isfinite(samples).all():
        raise AudioError(
            f"{path} has samples that are not numbers (NaN or infinity); export it again"
        )
    if sample_rate is not None:
        samples = resample(samples, rate, sample_rate)
        rate = sample_rate
    peak = float(np.abs(samples).max(initial=0.0))
    return Audio(samples / np.float32(peak) if peak > 1 else samples, rate)


def duration_seconds(path: Path) -> float:
    """How long the recording in `path` is, without decoding it; `AudioError` as `read_audio`."""
    with _opened(Path(path)) as sound:
        return float(sound.frames / sound.samplerate)


def write_audio(path: Path, audio: Audio) -> None:
    """Write `audio` as 16-bit WAV or FLAC, or as Ogg Vorbis or MP3: `path`'s suffix decides.

    Samples beyond full scale are limited. The file appears whole or not at all. Raises
    `AudioError` for another suffix, for no samples, and where it cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _ENCODINGS:
        raise AudioError(f"cannot write {path}: its name must end in {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise AudioError(f"cannot write {path}: it is a folder; give a file's name")
    encoded = _encode(audio, suffix)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(encoded)
    except IntoneError as error:
        raise AudioError(str(error)) from None


def encode_wav(audio: Audio) -> bytes:
    """`audio` as the bytes of a 16-bit WAV file; `AudioError` as `write_audio`."""
    return _encode(audio, ".wav")


def encode_flac(audio: Audio) -> bytes:
    """`audio` as the bytes of a 16-bit FLAC file; `AudioError` as `write_audio`."""
    return _encode(audio, ".flac")


def _encode(audio: Audio, suffix: str) -> bytes:
    import soundfile

    if len(audio.samples) == 0:
        raise AudioError("there is no sound to write: it has no samples")
    if not np.isfinite(audio.samples).all():
        raise AudioError("the sound has samples that are not numbers (NaN or infinity)")
    if suffix == ".mp3" and audio.sample_rate not in _MP3_HZ:
        raise AudioError(
            f"mp3 cannot hold {audio.sample_rate} Hz; choose .wav or .flac, or one of "
            f"{', '.join(map(str, _MP3_HZ))} Hz"
        )
    limited = np.clip(audio.samples, -1, 1)
    written = io.BytesIO()
    container, encoding = _ENCODINGS[suffix]
    try:
        with soundfile.SoundFile(
            written, "w", audio.sample_rate, 1, subtype=encoding, format=container
        ) as sound:
            # Vorbis overflows its stack when it is given minutes at once.
            for start in range(0, len(limited), _BLOCK_FRAMES):
                sound.write(limited[start : start + _BLOCK_FRAMES])
    except soundfile.SoundFileError as error:
        raise AudioError(
            f"{suffix[1:]} cannot hold this sound at {audio.sample_rate} Hz: {_reason(error)}"
        ) from None
    return written.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The `soundfile.SoundFile` of `path`, with every failure as one line of `AudioError`."""
    import soundfile

    _require_file(path)
    try:
        # Through a nameless stream, so that a misleading suffix has no say.
        with open(path, "rb") as stream, soundfile.SoundFile(_Nameless(stream)) as sound:
            _require_complete(path, sound.format)
            yield sound
    except soundfile.SoundFileError as error:
        kind = looks_like(path)
        if kind:
            raise AudioError(f"{path} is not a sound file that can be read: {kind}") from None
        raise AudioError(f"{path} cannot be decoded: {_reason(error)}; export it again") from None
    except OSError as error:
        raise AudioError(f"{path} cannot be read: {error.strerror or error}") from None


class _Nameless:
    """A binary file as soundfile needs it, without `name`."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.read = stream.read
        self.readinto = stream.readinto
        self.seek = stream.seek
        self.tell = stream.tell


def _require_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise AudioError(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise AudioError(f"{path} cannot be read: {error}") from None
    if path.is_dir():
        raise AudioError(f"{path} is a folder; name a sound file")
    if size == 0:
        raise AudioError(f"{path} is an empty file; copy or record it again")


def _require_complete(path: Path, container: str) -> None:
    """Raise `AudioError` if a WAV promises more than the file holds, as libsndfile does not."""
    if container not in ("WAV", "WAVEX"):
        return
    size = path.stat().st_size
    with open(path, "rb") as stream:
        position = 12
        while position + 8 <= size:
            stream.seek(position)
            name = stream.read(4)
            length = int.from_bytes(stream.read(4), "little")
            if name == b"data":
                missing = position + 8 + length - size
                if missing > 1 and 0 < length < _ENDLESS_BYTES:
                    raise AudioError(
                        f"{path} is cut off: {missing} of {length} bytes of sound are missing; "
                        "copy it again"
                    )
                return
            position += 8 + length + length % 2


def _mono(sound: Any) -> FloatArray:
    """All samples of an open file, its channels averaged block by block."""
    most = _MP3_BLOCK_FRAMES if sound.format == "MP3" else _BLOCK_FRAMES
    blocks = []
    while len(block := sound.read(most, dtype="float32", always_2d=True)):
        blocks.append(block.mean(axis=1) if block.shape[1] > 1 else block[:, 0])
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)


def _reason(error: Exception) -> str:
    text = str(getattr(error, "error_string", "") or error)
    return text.strip().rstrip(".") or type(error).__name__
