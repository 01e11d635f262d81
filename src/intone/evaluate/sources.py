"""Who speaks in a comparison: a voice, or a folder of recordings of the same sentences."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from intone import __version__
from intone.audio.files import SUFFIXES, read_audio
from intone.core.errors import CorpusError, SettingsError
from intone.core.types import Audio, Conditions
from intone.speech import Voice, packaged


class Source(Protocol):
    """Says sentences. `language` is None where nobody knows it."""

    name: str
    language: str | None

    def key(self, number: int, text: str) -> str:
        """Changes whenever what `say` would give changes."""
        ...

    def say(self, number: int, text: str) -> tuple[Audio, float | None]:
        """Sentence `number` (from 1), and the processor's seconds it took; None of a recording."""
        ...


class SpokenSource:
    """A voice, or one speaker of it, on one thread."""

    def __init__(self, name: str, where: str, speaker: str | None = None) -> None:
        """Raises `VoiceError` if there is no such voice or speaker."""
        folder = packaged.find(where)
        self.voice = Voice.load(folder, threads=1)
        self.name = name
        self.language: str | None = self.voice.language
        self._conditions = Conditions(speaker=speaker)
        # Asked for now, so that a wrong speaker is told before anything is spoken.
        self.voice.stream("", self._conditions)
        folders = [folder, *packaged.shared_folders(self.voice.manifest)]
        self._files = _digest(path for each in folders for path in sorted(each.rglob("*")))
        self._warm = False

    def key(self, number: int, text: str) -> str:
        """Of the voice's files, the speaker, the text and intone's version."""
        parts = (__version__, self._files, self._conditions.speaker or "", text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def say(self, number: int, text: str) -> tuple[Audio, float | None]:
        """The sentence as the voice speaks it, and how long that took."""
        if not self._warm:
            # The first sentence also pays for lexicons that are read once.
            self.voice.speak(text, self._conditions)
            self._warm = True
        # The processor's time and not the clock's: other work on the machine costs no voice.
        begun = time.process_time()
        audio = self.voice.speak(text, self._conditions).audio
        return audio, time.process_time() - begun


class RecordedSource:
    """A folder of recordings, named by the number of their sentence: 001.wav, 002.wav, ..."""

    language: str | None = None

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name or folder.resolve().name
        self._folder, self._paths = folder, _numbered(folder)

    def key(self, number: int, text: str) -> str:
        """Of the recording itself and its text; `CorpusError` if there is none."""
        content = _digest([self._path(number)])
        return hashlib.sha256(f"{content}\0{text}".encode()).hexdigest()

    def say(self, number: int, text: str) -> tuple[Audio, float | None]:
        """The recording of sentence `number`; `CorpusError` if there is none."""
        return read_audio(self._path(number)), None

    def _path(self, number: int) -> Path:
        if number not in self._paths:
            raise CorpusError(
                f"{self._folder} has no recording of sentence {number}; call it "
                f"{number:03d}.wav, or compare fewer sentences with --count"
            )
        return self._paths[number]


def open_sources(arguments: Sequence[str], speakers: Mapping[str, str]) -> list[Source]:
    """The sources that `arguments` name, each a VOICE, a folder of recordings, or NAME=either.

    `speakers` says who speaks, by the source's name; "" stands for every voice. Raises
    `VoiceError` if one cannot be opened, `SettingsError` unless names are names and differ.
    """
    found: dict[str, Source] = {}
    for argument in arguments:
        source = _opened(argument, speakers)
        if source.name in found:
            raise SettingsError(
                f"two voices are called {source.name!r}; call one otherwise: NAME={argument}"
            )
        found[source.name] = source
    for name in speakers:
        if name and name not in found:
            raise SettingsError(
                f"there is no voice {name!r} to give a speaker; there are: {', '.join(found)}"
            )
    return list(found.values())


def language_of(sources: Sequence[Source], given: str | None = None) -> str:
    """The language that all sources speak, or else `given`, or else English.

    Raises `SettingsError` if two speak different ones.
    """
    known = {source.name: source.language for source in sources if source.language is not None}
    wanted = given or next(iter(known.values()), "en")
    for name, language in known.items():
        if language.split("-")[0].lower() != wanted.split("-")[0].lower():
            raise SettingsError(
                f"{name} speaks {language!r} and not {wanted!r}; compare voices of one language"
            )
    return wanted


def _opened(argument: str, speakers: Mapping[str, str]) -> Source:
    name, where = "", argument
    if "=" in argument and not Path(argument).exists():
        name, _, where = argument.partition("=")
        if not name.strip() or len(name) > 60 or name.startswith(".") or set(name) & set("/\\\0"):
            raise SettingsError(f"{argument!r} begins with no name; write NAME=VOICE, without /")
    folder = Path(where).expanduser()
    if where not in packaged.folders() and _numbered(folder):
        return RecordedSource(name, folder)
    known = name or packaged.describe(packaged.find(where)).manifest.name
    return SpokenSource(known, where, speakers.get(known, speakers.get("")))


def _numbered(folder: Path) -> dict[int, Path]:
    """The recordings in `folder` whose names are numbers; none if there is no such folder."""
    if not folder.is_dir():
        return {}
    return {
        int(path.stem): path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in SUFFIXES and path.stem.isdecimal()
    }


def _digest(paths: Iterable[Path]) -> str:
    """A hash of files' names and contents."""
    found = hashlib.sha256()
    for path in paths:
        if path.is_file():
            found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
