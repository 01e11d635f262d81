"""The layout of LJSpeech and RUSLAN: `metadata.csv` beside `wavs/`.

A line is `id|text` or `id|text|normalised text`; there is no header, and quotes are
ordinary characters. Recordings lie in `wavs/` or beside the metadata.
"""

from __future__ import annotations

from pathlib import Path

from intone.core.errors import CorpusError
from intone.core.types import Utterance
from intone.corpus.readers.sound_files import decoded, sound_by_stem
from intone.corpus.rejection import Rejection

_HEADERS = frozenset({"id", "file", "filename", "file_name", "audio", "path", "wav"})


class LJSpeech:
    """Reads a metadata table or its folder; one speaker, who is named as the folder."""

    name = "ljspeech"
    looks_for = "metadata.csv with lines id|text beside wavs/id.wav"

    def recognises(self, path: Path) -> bool:
        """Whether there is a metadata table with bars in it."""
        table = _table(path)
        if table is None:
            return False
        try:
            with open(table, "rb") as stream:
                return b"|" in stream.read(4_096).replace(b"\0", b"")
        except OSError:
            return False

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """An utterance of each line; the normalised text where there is one."""
        table = _table(path)
        if table is None:
            raise CorpusError(f"{path} has no metadata.csv; it is {self.looks_for}")
        try:
            content = table.read_bytes()
        except OSError as error:
            raise CorpusError(f"{table} cannot be read: {error.strerror}") from None
        folder = table.parent
        sounds = {**sound_by_stem(folder), **sound_by_stem(folder / "wavs")}
        utterances: list[Utterance] = []
        rejections: list[Rejection] = []
        for number, line in _lines(content):
            place = f"{table.name}, line {number}"
            if isinstance(line, CorpusError):
                rejections.append(Rejection(place, "it is not UTF-8; save the file as UTF-8"))
                continue
            if not line.strip():
                continue
            name, *texts = (column.strip() for column in line.split("|"))
            if number == 1 and name.lower() in _HEADERS:
                continue
            if not name or not texts:
                rejections.append(Rejection(place, "it does not have the form id|text"))
                continue
            known = sounds.get(name) or sounds.get(Path(name).stem)
            utterances.append(
                Utterance(
                    id=known.stem if known else name,
                    text=(texts[1] if len(texts) > 1 and texts[1] else texts[0]),
                    audio_path=known or folder / "wavs" / f"{name}.wav",
                    speaker=folder.resolve().name or "speaker",
                    language=language,
                )
            )
        return utterances, rejections


def _table(path: Path) -> Path | None:
    """The metadata table of a folder: `metadata.csv`, or the only `metadata*.csv` or `.txt`."""
    if path.is_file():
        return path if path.suffix.lower() in (".csv", ".txt") else None
    if (path / "metadata.csv").is_file():
        return path / "metadata.csv"
    others = [p for p in sorted(path.glob("metadata*")) if p.suffix.lower() in (".csv", ".txt")]
    return others[0] if len(others) == 1 else None


def without_bars(path: Path) -> Path | None:
    """The metadata table of a folder that would be of this layout, were there bars in it."""
    table = _table(path)
    return table if table is not None and not LJSpeech().recognises(path) else None


def _lines(content: bytes) -> list[tuple[int, str | CorpusError]]:
    """The lines with their numbers; one that cannot be decoded does not spoil the others."""
    try:
        return list(enumerate(decoded(content).split("\n"), 1))
    except CorpusError:
        lines: list[tuple[int, str | CorpusError]] = []
        for number, line in enumerate(content.split(b"\n"), 1):
            try:
                lines.append((number, decoded(line)))
            except CorpusError as error:
                lines.append((number, error))
        return lines
