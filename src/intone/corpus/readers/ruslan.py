"""RUSLAN as it is given out: a man reads Russian, 22,200 recordings at 44.1 kHz.

A line of `metadata_RUSLAN_22200.csv` is `id|text`, without a header; quotes are ordinary
characters. Recordings lie in `wavs/` or beside the table; without a table, texts in `texts/`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from intone.core.types import Utterance
from intone.corpus.readers.ljspeech import LJSpeech
from intone.corpus.readers.speaker_folders import SpeakerFolders
from intone.corpus.rejection import Rejection

SPEAKER, LANGUAGE = "ruslan", "ru"


class Ruslan:
    """Reads RUSLAN's folder or its table; the language is Russian, whatever is asked for."""

    name = "ruslan"
    looks_for = "metadata_RUSLAN_22200.csv with lines id|text beside wavs/id.wav"

    def recognises(self, path: Path) -> bool:
        """Whether there is a metadata table that bears RUSLAN's name."""
        tables = [path] if path.is_file() else sorted(path.glob("metadata*"))
        return any("ruslan" in table.name.lower() for table in tables)

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """An utterance of each line, or of each recording that has a text in `texts/`."""
        has_table = path.is_file() or any(path.glob("metadata*"))
        reader = LJSpeech() if has_table else SpeakerFolders()
        utterances, rejections = reader.read(path, LANGUAGE)
        return [replace(one, speaker=SPEAKER) for one in utterances], rejections
