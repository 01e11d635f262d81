"""Fetching a file over HTTP: taken up where it broke off, and checked when it is whole."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from intone.core.errors import DownloadError

Progress = Callable[[int, int], None]
"""Is told (bytes done, bytes in all)."""

_BLOCK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 30
_FRUITLESS_ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 60.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers of a server that may be another one a little later."""


def download(
    url: str,
    target: Path,
    size: int,
    sha256: str,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch `url` into `target`, of `size` bytes and with the hash `sha256`; returns `target`.

    What arrived before a break lies in `target.part` and is gone on with, in this call and
    in later ones. Raises `DownloadError` where nothing more arrives after several attempts,
    where the server refuses, where the disk is full, and where the file is not what it
    should be.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{url} is not an http or https address")
    target = Path(target)
    part = target.with_name(target.name + ".part")
    if target.is_file() and target.stat().st_size == size and _hash(target) == sha256:
        return target
    for again in (True, False):
        resumed = part.exists()
        _complete(url, part, size, progress, sleep)
        if _hash(part) == sha256:
            os.replace(part, target)
            return target
        part.unlink()
        # A stale beginning, of another version of the file, is worth one fresh attempt.
        if not (resumed and again):
            break
    raise DownloadError(
        f"{url} is not what it should be: its SHA-256 differs from {sha256[:12]}...; "
        "it was deleted, try again later or from another place"
    )


def _complete(
    url: str, part: Path, size: int, progress: Progress | None, sleep: Callable[[float], None]
) -> None:
    """Fetch until `part` has `size` bytes, through any number of breaks that get further."""
    fruitless = 0
    while (have := _size(part)) < size:
        problem = _fetch(url, part, have, size, progress)
        if _size(part) > have:
            fruitless = 0
        elif problem:
            fruitless += 1
            if fruitless >= _FRUITLESS_ATTEMPTS:
                raise DownloadError(
                    f"{url} cannot be fetched: {problem}; check the network, then run the same "
                    "command again to go on"
                )
        if _size(part) < size:
            sleep(min(2.0**fruitless, _LONGEST_WAIT_SECONDS))
    if _size(part) > size:
        part.unlink()
        raise DownloadError(f"{url} holds more than the {size} bytes that it should; deleted")


def _fetch(url: str, part: Path, have: int, size: int, progress: Progress | None) -> str:
    """One attempt to add to the `have` bytes of `part`; returns what went wrong, or ""."""
    request = urllib.request.Request(url, headers={"User-Agent": "intone"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            goes_on = answer.status == 206 and _starts_at(answer, have)
            return _save(answer, part, have if goes_on else 0, size, progress)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            part.unlink(missing_ok=True)
            return "the server has no more of it"
        if error.code not in _PASSING:
            raise DownloadError(
                f"{url} cannot be fetched: the server answers {error.code} {error.reason}"
            ) from None
        return f"the server answers {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__


def _save(answer: Any, part: Path, start: int, size: int, progress: Progress | None) -> str:
    """Write an answer behind the first `start` bytes of `part`; returns what went wrong, or ""."""
    done = start
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "r+b" if start else "wb") as stream:
            stream.seek(start)
            while done <= size:
                try:
                    block = answer.read(_BLOCK_BYTES)
                except (OSError, http.client.HTTPException) as error:
                    return str(error) or type(error).__name__
                if not block:
                    break
                stream.write(block)
                done += len(block)
                if progress:
                    progress(done, size)
    except OSError as error:
        raise DownloadError(
            f"cannot write {part}: {error.strerror or error}; free some space, then run the same "
            "command again to go on"
        ) from None
    return "" if done >= size else f"the connection broke off after {done} of {size} bytes"


def _starts_at(answer: Any, have: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
