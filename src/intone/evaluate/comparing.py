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
from intone.core.errors import IntoneError, SettingsError, TextError
from intone.core.files import read_json, write_json
from intone.evaluate.comparison import Comparison, Contender, Take
from intone.evaluate.figures import reading_of
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
    opinions: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """The takes of every source, read by `recogniser`, and with DNSMOS if `opinions`.

    What is found in the folder `kept` and still holds is not made again; `progress` is told how
    many of the takes that are left are done. Raises `SettingsError` if a source speaks another
    language, and `TextError`, naming the sentence, if one cannot be said.
    """
    for source in sources:
        if source.language is not None and _base(source.language) != _base(language):
            raise SettingsError(
                f"{source.name} speaks {source.language!r} and the others {language!r}; "
                "compare voices of one language"
            )
    places = {
        (source.name, number): _Place(kept / source.name, number, source.key(number, text))
        for number, text in enumerate(texts, start=1)
        for source in sources
    }
    left = sum(not place.holds(recogniser, opinions) for place in places.values())
    done = 0
    takes: dict[str, list[Take]] = {source.name: [] for source in sources}
    # Sentence by sentence, so that a change in the machine's load meets all voices alike.
    for number, text in enumerate(texts, start=1):
        for source in sources:
            place = places[source.name, number]
            fresh = not place.holds(recogniser, opinions)
            takes[source.name].append(_take(place, source, number, text, recogniser, opinions))
            done += fresh
            if fresh:
                progress(done, left)
    return Comparison(
        language,
        tuple(texts),
        tuple(Contender(name, tuple(made)) for name, made in takes.items()),
        type(recogniser).__name__ if recogniser is not None else None,
    )


class _Place:
    """Where one take is kept; what is there for another key counts as nothing."""

    def __init__(self, folder: Path, number: int, key: str) -> None:
        self.sound = folder / f"{number:03d}.wav"
        self._facts = folder / f"{number:03d}.json"
        self.facts: dict[str, Any] = {"key": key, "heard": {}}
        try:
            found = read_json(self._facts)
        except IntoneError:
            return
        if isinstance(found, dict) and found.get("key") == key and self.sound.is_file():
            self.facts = found

    def holds(self, recogniser: Recogniser | None, opinions: bool) -> bool:
        """Whether nothing that is wanted is missing."""
        spoken = "work_seconds" in self.facts
        read = recogniser is None or _called(recogniser) in self.facts["heard"]
        return spoken and read and (not opinions or "opinion" in self.facts)

    def keep(self) -> None:
        """Write the facts as they now are."""
        write_json(self._facts, self.facts)


def _take(
    place: _Place,
    source: Source,
    number: int,
    text: str,
    recogniser: Recogniser | None,
    opinions: bool,
) -> Take:
    """The take in `place`, made or completed if it is not whole."""
    facts = place.facts
    if "work_seconds" not in facts:
        try:
            audio, facts["work_seconds"] = source.say(number, text)
        except TextError as error:
            raise TextError(f"{source.name} cannot say sentence {number}: {error}") from None
        write_audio(place.sound, audio)
        place.keep()
    # Read back, so that what is judged is the same in the run that made it and in a later one.
    audio = read_audio(place.sound)
    reading, wanted = None, None
    if recogniser is not None:
        if _called(recogniser) not in facts["heard"]:
            facts["heard"][_called(recogniser)] = recogniser.hear(audio)
            place.keep()
        heard = facts["heard"][_called(recogniser)]
        reading = reading_of(text, heard, audio.seconds, recogniser)
        wanted = recogniser.as_heard(text)
    if opinions and "opinion" not in facts:
        facts["opinion"] = dnsmos(audio)
        place.keep()
    opinion = facts["opinion"] if opinions else None
    return Take(audio, facts["work_seconds"], reading, opinion, wanted)


def _called(recogniser: Recogniser) -> str:
    return f"{type(recogniser).__name__} {recogniser.language} of intone {__version__}"


def _base(language: str) -> str:
    return language.split("-")[0].lower()
