"""A folder for each speaker, a text beside each recording: `ann/a1.wav` and `ann/a1.lab`.

A flat folder of recordings and texts is one speaker. Texts may also lie in `texts/`
beside `wavs/`.
"""

from __future__ import annotations

from pathlib import Path

from intone.core.errors import CorpusError
from intone.core.types import Utterance
from intone.corpus.readers.sound_files import decoded, is_sound
from intone.corpus.rejection import Rejection

_TEXT_SUFFIXES = (".lab", ".txt", ".normalized.txt")
_SOUND_FOLDERS = frozenset({"wav", "wavs", "audio"})
"""Folders that hold one speaker's recordings, and do not bear the speaker's name."""


class SpeakerFolders:
    """Reads recordings of any suffix at any depth; the topmost folder is the speaker."""

    name = "speaker-folders"
    looks_for = "SPEAKER/a.wav beside SPEAKER/a.lab (or a.txt)"

    def recognises(self, path: Path) -> bool:
        """Whether any recording has a text beside it."""
        if not path.is_dir():
            return False
        return any(is_sound(file) and _text_file(file) is not None for file in path.rglob("*"))

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """An utterance of each recording; its id is its path, joined by underscores."""
        utterances: list[Utterance] = []
        rejections: list[Rejection] = []
        for file in sorted(path.rglob("*")):
            if not is_sound(file):
                continue
            inside = file.relative_to(path)
            folders = [part for part in inside.parts[:-1] if part not in _SOUND_FOLDERS]
            name = "_".join([*folders, file.stem])
            text_file = _text_file(file)
            if text_file is None:
                rejections.append(Rejection(name, f"no text lies beside {inside}"))
                continue
            try:
                text = " ".join(decoded(text_file.read_bytes()).split())
            except (OSError, CorpusError) as error:
                rejections.append(Rejection(name, f"{text_file.name} cannot be read: {error}"))
                continue
            speaker = folders[0] if folders else path.resolve().name or "speaker"
            utterances.append(Utterance(name, text, file, speaker, language))
        return utterances, rejections


def _text_file(sound: Path) -> Path | None:
    """The text of a recording: beside it, or in `texts/` beside its folder."""
    beside = [sound.with_name(sound.stem + suffix) for suffix in _TEXT_SUFFIXES]
    apart = [sound.parent.parent / "texts" / file.name for file in beside]
    return next((file for file in (*beside, *apart) if file.is_file()), None)
