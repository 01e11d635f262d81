"""`looks_like`: what a file that is not a sound file seems to be."""

from __future__ import annotations

import codecs
from pathlib import Path

_CONVERT = "convert it, for example: ffmpeg -i IN out.wav"

# Where a signature begins, its bytes, and what it tells.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs", "it is a Git LFS pointer; fetch the file with: git lfs pull"),
    (4, b"ftyp", f"it looks like MP4, M4A or AAC; {_CONVERT}"),
    (0, b"\x1aE\xdf\xa3", f"it looks like Matroska or WebM; {_CONVERT}"),
    (0, b"0&\xb2u\x8ef\xcf\x11", f"it looks like Windows Media; {_CONVERT}"),
    (0, b"PK\x03\x04", "it looks like a ZIP archive; unpack it first"),
    (0, b"\x1f\x8b", "it looks like a gzip archive; unpack it first"),
    (0, b"BZh", "it looks like a bzip2 archive; unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "it looks like a 7z archive; unpack it first"),
    (0, b"%PDF", "it looks like a PDF document"),
    (0, b"\x89PNG", "it looks like a PNG picture"),
    (0, b"\xff\xd8\xff", "it looks like a JPEG picture"),
    (0, b"\x93NUMPY", "it looks like a numpy array"),
    (0, b"RIFF", "it begins like a WAV file, but is damaged; copy it again"),
    (0, b"fLaC", "it begins like a FLAC file, but is damaged; copy it again"),
    (0, b"OggS", "it begins like an Ogg file, but is damaged or holds another codec"),
    (0, b"ID3", "it begins like an MP3 file, but is damaged; copy it again"),
)


def looks_like(path: Path) -> str:
    """A clause that says what `path` seems to be and what to do; "" if that cannot be told."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(512)
    except OSError:
        return ""
    for offset, signature, meaning in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return meaning
    start = head.lstrip()[:16].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return "it looks like a web page; the download went wrong"
    if start.startswith((b"{", b"[")):
        return "it looks like JSON text"
    if not head.strip(b"\0"):
        return "it holds nothing but zero bytes; copy it again"
    try:
        # A character may be cut at the end of what was read.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    return "it looks like text" if all(c.isprintable() or c.isspace() for c in text) else ""
