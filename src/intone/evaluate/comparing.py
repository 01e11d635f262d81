"""Lets voices say the same sentences and a recogniser read them, and keeps what is done.

Each take is kept as it is made, `NAME/001.wav` with `001.json`, so that an interrupted
comparison goes on where it was; NAME is also a folder of recordings for another comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from intone import __version__
from intone.audio.files import read_audio, write_audio
from intone.core.errors import IntoneError, TextError
from intone.core.files import read_json, write_json
from intone.evaluate.comparison import Comparison, Contender, Take
from intone.evaluate.figures import Reading, readings
from intone.evaluate.kept_reading import from_json, to_json
from intone.evaluate.quality import dnsmos
from intone.evaluate.recogniser import Recogniser
from intone.evaluate.sources import Source


def compare(
    sources: Sequence[Source],
    texts: Sequence[str],
    *,
    language: str,
    kept: Path,
    recogniser: Recogniser | None = None,
    heard_by: str | None = None,
    opinions: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """The takes of every source, read by `recogniser`, and with DNSMOS if `opinions`.

    `heard_by` names the recogniser, also for what is kept; its class does if nobody else.

    What is found in the folder `kept` and still holds is not made again; `progress` is told how
    many of the takes that are left are done. Raises `TextError`, naming the sentence, if one cannot
    be said, and `CorpusError` for a recording that is missing before anything is spoken.
    """
    if recogniser is None:
        heard_by = None
    else:
        heard_by = heard_by or type(recogniser).__name__
    places = {
        (source.name, number): _Place(
            kept / source.name, number, source.key(number, text), heard_by
        )
        for number, text in enumerate(texts, start=1)
        for source in sources
    }
    left = sum(not place.holds(opinions) for place in places.values())
    done = 0
    takes: dict[str, list[Take]] = {source.name: [] for source in sources}
    # Sentence by sentence, so that a change in the machine's load meets all voices alike.
    for number, text in enumerate(texts, start=1):
        for source in sources:
            place = places[source.name, number]
            fresh = not place.holds(opinions)
            takes[source.name].append(_take(place, source, number, text, recogniser, opinions))
            done += fresh
            if fresh:
                progress(done, left)
    return Comparison(
        language,
        tuple(texts),
        tuple(Contender(name, tuple(made)) for name, made in takes.items()),
        heard_by,
    )


class _Place:
    """Where one take is kept; what is there for another key counts as nothing."""

    def __init__(self, folder: Path, number: int, key: str, heard_by: str | None) -> None:
        self.sound = folder / f"{number:03d}.wav"
        self._file = folder / f"{number:03d}.json"
        self._reader = f"{heard_by}, intone {__version__}" if heard_by else None
        self.facts: dict[str, Any] = {"key": key, "readings": {}}
        try:
            found = read_json(self._file)
        except IntoneError:
            return
        if isinstance(found, dict) and found.get("key") == key and self.sound.is_file():
            self.facts = found

    def holds(self, opinions: bool) -> bool:
        """Whether nothing that is wanted is missing."""
        spoken = "work_seconds" in self.facts
        read = self._reader is None or self.reading is not None
        return spoken and read and (not opinions or "opinion" in self.facts)

    @property
    def reading(self) -> Reading | None:
        """What the recogniser heard here, if it was asked."""
        return from_json(self.facts["readings"].get(self._reader))

    def keep(self, **facts: Any) -> None:
        """Write these facts, and those that are there."""
        self.facts |= facts
        write_json(self._file, self.facts)

    def keep_reading(self, reading: Reading) -> None:
        """Write what the recogniser heard."""
        self.keep(readings={**self.facts["readings"], self._reader: to_json(reading)})


def _take(
    place: _Place,
    source: Source,
    number: int,
    text: str,
    recogniser: Recogniser | None,
    opinions: bool,
) -> Take:
    """The take in `place`, made or completed if it is not whole."""
    if "work_seconds" not in place.facts:
        try:
            audio, work_seconds = source.say(number, text)
        except TextError as error:
            raise TextError(f"{source.name} cannot say sentence {number}: {error}") from None
        write_audio(place.sound, audio)
        place.keep(work_seconds=work_seconds)
    # Read back, so that what is judged is the same in the run that made it and in a later one.
    audio = read_audio(place.sound)
    wanted = None
    if recogniser is not None:
        if place.reading is None:
            place.keep_reading(readings([audio], [text], recogniser)[0])
        wanted = recogniser.as_heard(text)
    if opinions and "opinion" not in place.facts:
        place.keep(opinion=dnsmos(audio))
    return Take(
        audio,
        place.facts["work_seconds"],
        place.reading if recogniser is not None else None,
        place.facts["opinion"] if opinions else None,
        wanted,
    )
