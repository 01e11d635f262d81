"""`read_transcription`: the words of one long recording and when each is spoken, from JSON.

    {"metadata": {"duration_seconds": 61.5}, "text": "Good morning. ...",
     "segments": [{"words": [{"word": "Good", "start": 0.31, "end": 0.52, "score": 0.9}]}],
     "character_alignments": [{"char": "G", "start": 0.31, "end": 0.38, "word": "Good"}]}

Times are seconds; any `end` may be missing. Words may also lie in a list `words` beside the
text. Without words, characters or whole segments serve, if they have times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intone.core.errors import CorpusError, IntoneError
from intone.core.files import read_json

_SECONDS_A_LETTER = 0.09
"""How long a letter lasts at most where the end of its word is not said."""


@dataclass(frozen=True)
class Spoken:
    """A word, or a segment of several: `start_seconds` is None where no time is known.

    `fault` says what is wrong with the times that were given.
    """

    text: str
    start_seconds: float | None = None
    end_seconds: float | None = None
    fault: str = ""


@dataclass(frozen=True)
class Transcription:
    """What one recording says: all its `text`, and the words of it, with times if `timed`."""

    text: str
    words: tuple[Spoken, ...]
    language: str | None = None

    @property
    def timed(self) -> bool:
        """Whether any time is known."""
        return any(word.start_seconds is not None for word in self.words)


def read_transcription(path: Path) -> Transcription:
    """The transcription in `path`; `CorpusError` says what it lacks."""
    try:
        content = read_json(path)
    except IntoneError as error:
        raise CorpusError(str(error)) from None
    if not isinstance(content, dict):
        raise CorpusError(f"{path} must hold an object with 'text' and 'segments'")
    segments = _objects(content, "segments", path)
    listed = [w for segment in segments for w in _objects(segment, "words", path)]
    words = [_spoken(w, "word") for w in listed or _objects(content, "words", path)]
    letters = _objects(content, "character_alignments", path)
    if not any(word.start_seconds is not None for word in words) and letters:
        words = _words_of(letters) or words
    if not any(word.start_seconds is not None for word in words):
        words = [_spoken(s, "text") for s in segments if _is_text(s, "text")] or words
    words = [word for word in words if word.text]
    text = content.get("text")
    if not isinstance(text, str) or not text.strip():
        text = " ".join(word.text for word in words)
    if not text.strip():
        raise CorpusError(f"{path} holds no words: give 'text', or 'segments' with 'words'")
    about = content.get("metadata")
    language = about.get("language") if isinstance(about, dict) else content.get("language")
    return Transcription(
        text=" ".join(text.split()),
        words=tuple(_with_ends(words)),
        language=language if isinstance(language, str) and language else None,
    )


def within(words: Sequence[Spoken], seconds: float) -> list[Spoken]:
    """`words` in a recording of so many seconds: times that cannot be right become faults."""
    checked: list[Spoken] = []
    latest = 0.0
    for word in words:
        start, end = word.start_seconds, word.end_seconds
        fault = word.fault
        if start is not None and end is not None:
            if start < 0 or start >= seconds:
                fault = f"begins at {start:g} s, outside the recording of {seconds:.2f} s"
            elif end > seconds + 0.1:
                fault = f"ends at {end:g} s, outside the recording of {seconds:.2f} s"
            elif start < latest - 0.05:
                fault = f"begins at {start:g} s, before the word ahead of it at {latest:g} s"
            elif end < start:
                fault = f"ends at {end:g} s, before it begins at {start:g} s"
        if fault:
            checked.append(replace(word, start_seconds=None, end_seconds=None, fault=fault))
            continue
        if start is not None and end is not None:
            latest = start
            word = replace(word, end_seconds=min(end, seconds))
        checked.append(word)
    return checked


def _objects(holder: Mapping[str, Any], key: str, path: Path) -> list[Mapping[str, Any]]:
    """The objects in the list `key`; [] if there is none."""
    found = holder.get(key) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise CorpusError(f"{path}: {key!r} must be a list of objects")
    return found


def _is_text(value: Mapping[str, Any], key: str) -> bool:
    return isinstance(value.get(key), str) and bool(value[key].strip())


def _spoken(item: Mapping[str, Any], key: str) -> Spoken:
    text = " ".join(str(item.get(key) or item.get("text") or "").split())
    times: list[float | None] = []
    for name in ("start", "end"):
        value = item.get(name)
        if value is None:
            times.append(None)
        elif isinstance(value, int | float) and math.isfinite(value):
            times.append(float(value))
        else:
            return Spoken(text, fault=f"its {name!r} is {value!r}, not a number of seconds")
    return Spoken(text, times[0], times[1] if times[0] is not None else None)


def _words_of(letters: Sequence[Mapping[str, Any]]) -> list[Spoken]:
    """Words of characters with times: a space, or another word's or segment's letter, parts two."""
    words: list[list[Spoken]] = []
    before: object = None
    for letter in letters:
        spoken = _spoken(letter, "char")
        owner = (letter.get("segment_id"), letter.get("word"))
        if not spoken.text:
            before = None
            continue
        if not words or owner != before:
            words.append([])
        words[-1].append(spoken)
        before = owner
    return [
        Spoken(
            "".join(part.text for part in word),
            next((p.start_seconds for p in word if p.start_seconds is not None), None),
            next((p.end_seconds for p in reversed(word) if p.end_seconds is not None), None),
            next((p.fault for p in word if p.fault), ""),
        )
        for word in words
    ]


def _with_ends(words: Sequence[Spoken]) -> list[Spoken]:
    """Words with a start also get an end: the next word's start, or sooner."""
    ended: list[Spoken] = []
    following: float | None = None
    for word in reversed(words):
        if word.start_seconds is not None:
            if word.end_seconds is None:
                most = word.start_seconds + _SECONDS_A_LETTER * (len(word.text) + 2)
                end = most if following is None else max(min(most, following), word.start_seconds)
                word = replace(word, end_seconds=end)
            following = word.start_seconds
        ended.append(word)
    return ended[::-1]
