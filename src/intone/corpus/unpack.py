"""Unpacking an archive whose members may mean harm: nothing is written outside its folder."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from intone.core.errors import DownloadError

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    open: Callable[[], IO[bytes] | None]


def unpack(archive: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Unpack a tar (plain, gz, bz2, xz) or zip into the folder `target`; returns it.

    `target` appears when all is unpacked; what an interrupted call left is kept and gone on
    with. `progress` is told (bytes read, bytes of the archive). Raises `DownloadError` for a
    member that would lie outside, a link or a device, for a damaged archive and a full disk.
    """
    archive, target = Path(archive), Path(target)
    if target.is_dir():
        return target
    unfinished = target.with_name(target.name + ".part")
    total = archive.stat().st_size if archive.is_file() else 0
    try:
        with open(archive, "rb") as stream:
            for member in _members(stream):
                _write(member, unfinished.joinpath(*_safe_parts(member.name)))
                if progress:
                    progress(min(stream.tell(), total), total)
        os.replace(unfinished, target)
    except FileNotFoundError:
        raise DownloadError(f"there is nothing to unpack in {archive}") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise DownloadError(
            f"{archive} is damaged: {error}; delete it and download again"
        ) from None
    except OSError as error:
        # bz2 and lzma report damage so, without a number.
        problem = error.strerror or f"{error} (is it damaged?)"
        raise DownloadError(f"{archive} cannot be unpacked into {target}: {problem}") from None
    return target


def _members(stream: IO[bytes]) -> Iterator[_Member]:
    """The files of an archive; `DownloadError` at one that is no plain file or folder."""
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as packed:
            for info in packed.infolist():
                # The upper half of these bits is the Unix mode, whose upper four are the kind.
                kind = info.external_attr >> 28
                if kind not in (0, 0o4, 0o10):
                    raise _harmful(info.filename, "is a link or a device")
                if not info.is_dir():
                    yield _Member(info.filename, info.file_size, lambda i=info: packed.open(i))  # type: ignore[misc]
        return
    stream.seek(0)
    with tarfile.open(fileobj=stream, mode="r:*") as tape:
        for entry in tape:
            if entry.isdir():
                _safe_parts(entry.name)
            elif entry.isfile():
                yield _Member(entry.name, entry.size, lambda e=entry: tape.extractfile(e))  # type: ignore[misc]
            else:
                raise _harmful(entry.name, "is a link or a device")


def _safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a member's path; `DownloadError` if it leads out of its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts):
        raise _harmful(name, "would lie outside the folder")
    if not path.parts or "\0" in name:
        raise _harmful(name, "has no usable name")
    return path.parts


def _harmful(name: str, why: str) -> DownloadError:
    return DownloadError(f"the archive is not to be trusted: its member {name!r} {why}")


def _write(member: _Member, path: Path) -> None:
    """Write one file, unless a whole one is already there."""
    if path.is_file() and path.stat().st_size == member.size:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = member.open()
    if source is None:
        raise _harmful(member.name, "is no plain file")
    unfinished = path.with_name(path.name + ".part")
    with source, open(unfinished, "wb") as written:
        shutil.copyfileobj(source, written, _BLOCK_BYTES)
    os.replace(unfinished, path)
