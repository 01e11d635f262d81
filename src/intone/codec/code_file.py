"""Codes in a file: `docs/codec_format.md` says what each byte means. No torch.

A magic number, a header in JSON, the codes packed to the fewest bits, a checksum.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.codec.codes import LARGEST_VOICE, Codes, bits_of
from intone.core.errors import FormatError, IntoneError
from intone.core.files import replacing
from intone.core.types import code_format

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray

SUFFIX = ".itc"
MAGIC = b"\x89ITC\r\n\x1a\n"
VERSION = 1
_LONGEST_HEADER = 1 << 16
_VOICE_STEPS = 127
_COUNTS = {
    "sample_rate": (1, 1_000_000),
    "hop_samples": (1, 1_000_000),
    "codebooks": (1, 64),
    "codebook_size": (1, 1 << 24),
    "frames": (0, 1 << 40),
    "samples": (0, 1 << 48),
}


def write_codes(path: Path, codes: Codes) -> None:
    """Write `codes` to `path`, whole or not at all; `IntoneError` where it cannot be written."""
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(to_bytes(codes))


def read_codes(path: Path) -> Codes:
    """The codes in `path`; `FormatError` if it is cut off, damaged or something else."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise IntoneError(f"there is no file {path}") from None
    except OSError as error:
        raise IntoneError(f"{path} cannot be read: {error.strerror or error}") from None
    return from_bytes(data, where=str(path))


def to_bytes(codes: Codes) -> bytes:
    """The bytes of a code file."""
    header: dict[str, Any] = {
        "version": VERSION,
        "codec": codes.codec,
        "fingerprint": codes.fingerprint,
        "sample_rate": codes.format.sample_rate,
        "hop_samples": codes.format.hop_samples,
        "codebooks": codes.format.codebooks,
        "codebook_size": codes.format.codebook_size,
        "frames": len(codes.values),
        "samples": codes.samples,
    }
    if codes.voice is not None:
        header["voice"] = np.round(codes.voice * _VOICE_STEPS).astype(int).tolist()
    told = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(told) > _LONGEST_HEADER:
        raise FormatError(f"the codec's name of {len(codes.codec)} letters is too long")
    body = MAGIC + len(told).to_bytes(4, "little") + told + _packed(codes)
    return body + zlib.crc32(body).to_bytes(4, "little")


def from_bytes(data: bytes, *, where: str = "the data") -> Codes:
    """The codes in the bytes of a code file, named `where` in errors; `FormatError` if it is none.

    Nothing larger than the data itself is made before the checksum was right.
    """
    start = len(MAGIC) + 4
    if not data.startswith(MAGIC):
        hint = "it is empty" if not data else "it begins otherwise"
        raise FormatError(f"{where} is no code file ({hint}); make one with: intone codec encode")
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    if len(data) < start + length + 4 or length > _LONGEST_HEADER:
        raise FormatError(f"{where} is cut off or damaged in its header; copy it again")
    header = _header(data[start : start + length], where)
    packed = data[start + length : -4]
    bits = header["frames"] * header["codebooks"] * bits_of(header["codebook_size"])
    if len(packed) != (bits + 7) // 8:
        raise FormatError(
            f"{where} is cut off or damaged: its {header['frames']} frames take "
            f"{(bits + 7) // 8} bytes, but {len(packed)} are there; copy it again"
        )
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise FormatError(f"{where} is damaged (its checksum is wrong); copy it again")
    format = code_format(
        sample_rate=header["sample_rate"],
        hop_samples=header["hop_samples"],
        codebooks=header["codebooks"],
        codebook_size=header["codebook_size"],
    )
    values = _unpacked(packed, header["frames"], format.codebooks, format.codebook_size)
    try:
        return Codes(
            values,
            format,
            header["samples"],
            header["codec"],
            header["fingerprint"],
            header["voice"],
        )
    except FormatError as error:
        raise FormatError(f"{where}: {error}") from None


def _header(told: bytes, where: str) -> dict[str, Any]:
    """The header's fields, each checked for its kind and range."""
    try:
        header = json.loads(told.decode("utf-8"))
    # Deep nesting in a hostile header is a RecursionError.
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise FormatError(f"{where} is damaged in its header; copy it again")
    if header.get("version") != VERSION:
        raise FormatError(
            f"{where} is of version {str(header.get('version'))[:20]} of the format, "
            f"and this intone reads {VERSION}; upgrade intone"
        )
    for name, (low, high) in _COUNTS.items():
        value = header.get(name)
        if type(value) is not int or not low <= value <= high:
            raise FormatError(f"{where}: {name} is {str(value)[:20]} in its header; copy it again")
    for name in ("codec", "fingerprint"):
        if not isinstance(header.get(name), str):
            raise FormatError(f"{where}: {name} is missing in its header; copy it again")
    header["voice"] = _voice(header.get("voice"), where)
    return header


def _voice(told: Any, where: str) -> FloatArray | None:
    """Whose voice it is, (V,) from -1 to 1, by whole numbers up to 127."""
    if told is None:
        return None
    if (
        not isinstance(told, list)
        or len(told) > LARGEST_VOICE
        or any(type(each) is not int or abs(each) > _VOICE_STEPS for each in told)
    ):
        raise FormatError(f"{where}: voice is no list of numbers in its header; copy it again")
    return np.array(told, dtype=np.float32) / np.float32(_VOICE_STEPS)


def _packed(codes: Codes) -> bytes:
    """Frame after frame, codebook after codebook, the highest bit first."""
    bits = bits_of(codes.format.codebook_size)
    places = np.arange(bits - 1, -1, -1)
    ones = (codes.values.reshape(-1, 1) >> places) & 1  # (F * K, bits)
    return np.packbits(ones.astype(np.uint8).reshape(-1)).tobytes()


def _unpacked(packed: bytes, frames: int, codebooks: int, size: int) -> IntArray:
    bits = bits_of(size)
    count = frames * codebooks
    ones = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=count * bits)
    weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.int64)
    values: IntArray = ones.reshape(count, bits).astype(np.int64) @ weights
    return values.reshape(frames, codebooks)
