"""`read_corpus`: the utterances of a folder, whatever its layout.

A reader is a class with `name`, `looks_for` (a clause for error messages),
`recognises(path)` and `read(path, language)`. Outside packages add theirs by the
entry-point group `intone.plugins`: an entry named `readers/NAME` whose object is such a
class.
"""

from __future__ import annotations

from collections import Counter
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from intone.core.errors import CorpusError, SettingsError
from intone.core.registry import PLUGINS
from intone.core.types import Utterance
from intone.corpus.readers.ljspeech import LJSpeech, without_bars
from intone.corpus.readers.manifest_folder import ManifestFolder
from intone.corpus.readers.ruslan import Ruslan
from intone.corpus.readers.speaker_folders import SpeakerFolders
from intone.corpus.rejection import Rejection
from intone.corpus.set_aside import NAME as LIST
from intone.corpus.set_aside import read_set_aside

AUTO = "auto"


class Reader(Protocol):
    """Reads one layout."""

    name: str
    looks_for: str

    def recognises(self, path: Path) -> bool:
        """Whether `path` has this layout; cheap."""
        ...

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """The utterances of `path`, and what of it cannot be used."""
        ...


def readers() -> list[Reader]:
    """All readers in the order in which they are asked; outside packages' first."""
    plugins = [e.load()() for e in entry_points(group=PLUGINS) if e.name.startswith("readers/")]
    return [*plugins, ManifestFolder(), Ruslan(), LJSpeech(), SpeakerFolders()]


def read_corpus(
    path: Path, layout: str = AUTO, language: str = "en"
) -> tuple[list[Utterance], list[Rejection]]:
    """The utterances of the corpus in `path`, and what of it cannot be used, with reasons.

    `layout` is a reader's name, or "auto". `language` is that of the texts, where the
    layout does not say. Recordings are looked for, but not opened; ids that the
    corpus' `set_aside.txt` lists are among the rejections. Raises `CorpusError` if
    nothing is usable, `SettingsError` for an unknown layout.
    """
    path = Path(path)
    if not path.exists():
        raise CorpusError(f"there is no corpus {path}")
    known = readers()
    if layout == AUTO:
        chosen = next((reader for reader in known if reader.recognises(path)), None)
        if chosen is None:
            if bars := without_bars(path):
                raise CorpusError(
                    f"{bars} has no line of the form id|text; put a bar between id and text"
                )
            wanted = "; or ".join(reader.looks_for for reader in known)
            raise CorpusError(f"{path} is no corpus: looked for {wanted}; found {_contents(path)}")
    else:
        chosen = next((reader for reader in known if reader.name == layout), None)
        if chosen is None:
            names = ", ".join([AUTO, *(reader.name for reader in known)])
            raise SettingsError(f"there is no layout {layout!r}; there are: {names}")
    utterances, rejections = chosen.read(path, language)
    aside = read_set_aside(path if path.is_dir() else path.parent)
    rejections += [
        Rejection(u.id, f"listed in {LIST}: {aside[u.id]}") for u in utterances if u.id in aside
    ]
    usable, missing = _with_sound([u for u in utterances if u.id not in aside])
    rejections += missing
    if not usable:
        example = f", such as {rejections[0].id}: {rejections[0].reason}" if rejections else ""
        raise CorpusError(
            f"nothing in {path} can be used as layout {chosen.name!r}: it looks for "
            f"{chosen.looks_for}; {len(rejections)} were rejected{example}"
        )
    return usable, rejections


def _with_sound(utterances: list[Utterance]) -> tuple[list[Utterance], list[Rejection]]:
    """Those whose recording is there and not empty, and that have a text and an id of their own."""
    usable: list[Utterance] = []
    rejections: list[Rejection] = []
    seen: set[str] = set()
    for utterance in utterances:
        reason = ""
        try:
            size = utterance.audio_path.stat().st_size
        except (OSError, ValueError):
            reason = f"there is no recording {utterance.audio_path}"
        else:
            if size == 0:
                reason = f"{utterance.audio_path} is an empty file"
        if not utterance.text.strip():
            reason = "its text is empty"
        if utterance.id in seen:
            reason = "another utterance has the same id"
        seen.add(utterance.id)
        if reason:
            rejections.append(Rejection(utterance.id, reason))
        else:
            usable.append(utterance)
    return usable, rejections


def _contents(path: Path) -> str:
    """What lies in a folder, in few words: "3 folders, 12 .wav, 1 .docx"."""
    if path.is_file():
        return f"a file {path.suffix or 'without a suffix'}"
    kinds = Counter(
        "folders" if child.is_dir() else child.suffix or "files without a suffix"
        for child in path.iterdir()
        if not child.name.startswith(".")
    )
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(6)) or "an empty folder"
