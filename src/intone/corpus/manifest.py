"""`manifest.jsonl`: the utterances of a corpus folder, one JSON object a line.

    {"id": "a1", "audio": "wavs/a1.wav", "text": "Good morning.", "speaker": "ann",
     "language": "en", "phones": [["g", 0.05], ["uh", 0.12]]}

`audio` is relative to the folder, or absolute where the sound lies elsewhere; `phones`,
where present, are what a teacher spoke, each with its end in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from intone.core.errors import CorpusError
from intone.core.files import write_text
from intone.core.types import Phone, Utterance

NAME = "manifest.jsonl"


def write_manifest(folder: Path, utterances: Iterable[Utterance]) -> Path:
    """Write the manifest of `folder`, whole or not at all; returns its path.

    Sound inside the folder is named relative to it, so that the folder may be moved.
    Raises `CorpusError` where two utterances have one id.
    """
    folder = Path(folder)
    seen: set[str] = set()
    lines = []
    for utterance in utterances:
        if utterance.id in seen:
            raise CorpusError(
                f"two utterances are called {utterance.id!r}; give each an id of its own"
            )
        seen.add(utterance.id)
        lines.append(to_json(utterance, folder))
    path = folder / NAME
    write_text(path, "".join(f"{line}\n" for line in lines))
    return path


def read_manifest(folder: Path) -> list[Utterance]:
    """The utterances of `folder` (or of a manifest file) in the order of their lines.

    The sound is not looked at. Raises `CorpusError` that names the line which is not as
    it must be.
    """
    path = Path(folder)
    path = path / NAME if path.is_dir() else path
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise CorpusError(f"there is no manifest {path}; intone corpus info tells more") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from None
    utterances: list[Utterance] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            utterance = from_json(line, path.parent)
        except CorpusError as error:
            raise CorpusError(f"{path}, line {number}: {error}") from None
        if utterance.id in line_of:
            raise CorpusError(
                f"{path}, line {number}: the id {utterance.id!r} is already on line "
                f"{line_of[utterance.id]}"
            )
        line_of[utterance.id] = number
        utterances.append(utterance)
    return utterances


def to_json(utterance: Utterance, folder: Path) -> str:
    """The line of one utterance in the manifest of `folder`."""
    fields: dict[str, Any] = {
        "id": utterance.id,
        "audio": _relative(utterance.audio_path, folder),
        "text": utterance.text,
        "speaker": utterance.speaker,
        "language": utterance.language,
    }
    if utterance.phones:
        fields["phones"] = [[p.symbol, round(p.end_seconds, 6)] for p in utterance.phones]
    return json.dumps(fields, ensure_ascii=False)


def from_json(line: str, folder: Path) -> Utterance:
    """The utterance of one line; `CorpusError` says what is wrong with it."""
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise CorpusError(f"not valid JSON ({error.msg} at character {error.pos + 1})") from None
    if not isinstance(fields, dict):
        raise CorpusError("not a JSON object with id, audio, text and speaker")
    unknown = sorted(set(fields) - {"id", "audio", "text", "speaker", "language", "phones"})
    if unknown:
        raise CorpusError(f"unknown field {unknown[0]!r}")
    for name in ("id", "audio", "text", "speaker"):
        if not isinstance(fields.get(name), str) or (name != "text" and not fields[name]):
            raise CorpusError(f"the field {name!r} must be there and be text")
    language = fields.get("language", "en")
    if not isinstance(language, str):
        raise CorpusError("the field 'language' must be text, such as \"en\"")
    return Utterance(
        id=fields["id"],
        text=fields["text"],
        audio_path=folder / fields["audio"],
        speaker=fields["speaker"],
        language=language,
        phones=_phones(fields.get("phones", [])),
    )


def _phones(pairs: Any) -> tuple[Phone, ...]:
    try:
        phones = tuple(Phone(str(symbol), float(end)) for symbol, end in pairs)
    except (TypeError, ValueError):
        raise CorpusError("'phones' must be a list of [symbol, end in seconds]") from None
    ends = [phone.end_seconds for phone in phones]
    if ends != sorted(ends):
        raise CorpusError("the ends in 'phones' must not go back in time")
    return phones


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
