"""Corpora that can be fetched by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from intone.core.errors import CorpusError, SettingsError
from intone.corpus.download import download
from intone.corpus.unpack import unpack


@dataclass(frozen=True)
class Known:
    """Where a corpus is published, what exactly it is, and on what terms."""

    url: str
    size: int
    sha256: str
    folder: str
    language: str
    about: str


CORPORA = {
    "ljspeech": Known(
        url="https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2",
        size=2_748_572_632,
        sha256="be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5",
        folder="LJSpeech-1.1",
        language="en",
        about="one woman reading English non-fiction, 24 hours; public domain",
    ),
}


BY_HAND = {
    "ruslan": "RUSLAN (22,200 recordings of a man reading Russian, 31 hours, 44.1 kHz) is given "
    "out at https://ruslan-corpus.github.io under CC BY-NC-SA 4.0, not for commercial use; fetch "
    "it there, put metadata_RUSLAN_22200.csv (lines id|text, no header) beside the wavs or above "
    "wavs/, then: intone prepare FOLDER --language ru",
}
"""Corpora that their authors want to be asked for, and how to go on with them."""


def fetch_corpus(
    name: str, into: Path, progress: Callable[[str, int, int], None] | None = None
) -> Path:
    """Fetch and unpack the corpus called `name` into the folder `into`; returns its folder.

    Goes on where it was interrupted. `progress` is told (stage, bytes done, bytes in all).
    Raises `SettingsError` for an unknown name, `CorpusError` for one that must be fetched by
    hand, `DownloadError` as `download` and `unpack` do.
    """
    if name.lower() in BY_HAND:
        raise CorpusError(BY_HAND[name.lower()])
    known = CORPORA.get(name.lower())
    if known is None:
        near = difflib.get_close_matches(name.lower(), CORPORA, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(CORPORA)}"
        raise SettingsError(f"there is no known corpus {name!r}; {hint}")
    into = Path(into)
    unpacked = into / name.lower()
    if (unpacked / known.folder).is_dir():
        return unpacked / known.folder

    def told(stage: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(stage, done, total) if progress else None

    archive = into / known.url.rsplit("/", 1)[1]
    download(known.url, archive, known.size, known.sha256, told("downloading"))
    unpack(archive, unpacked, told("unpacking"))
    return unpacked / known.folder
