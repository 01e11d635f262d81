"""Fetching a published vocoder by its name on the hub."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from intone.core.errors import DownloadError, MissingExtra

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def is_hub_name(name: str) -> bool:
    """Whether `name` can be an owner and a repository on the hub."""
    return _NAME.fullmatch(name) is not None and not Path(name).exists()


def fetched(name: str, files: Sequence[str]) -> Path:
    """The folder with those of `files` that the repository `name` has, fetched once.

    Raises `MissingExtra` without the library, `DownloadError` if the hub does not answer or has
    no such repository.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtra("huggingface_hub", "codec", "fetching weights by name") from None
    try:
        return Path(snapshot_download(name, allow_patterns=list(files)))
    # The library raises its own errors and those of whatever it speaks to the hub through.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise DownloadError(
            f"the vocoder {name!r} cannot be fetched ({first}); fetch its files elsewhere and "
            "give their folder"
        ) from None
