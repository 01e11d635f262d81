"""Flite: small English voices of Carnegie Mellon University, with the end of every phone."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from intone.audio.files import read_audio
from intone.core.errors import AudioError, CorpusError
from intone.core.types import Phone
from intone.corpus.teachers._take import Take

_UNUSABLE = frozenset({"awb_time"})
"""Speaks nothing but the time of day."""
_SLOWEST_SECONDS = 60
_LATEST_END_SECONDS = 0.25


@dataclass(frozen=True)
class Flite:
    """The program `flite`. Knows its printed timings; blind to how it is spoken to."""

    usual: ClassVar[str] = "slt"

    program: str = "flite"

    def voices(self) -> list[str]:
        """The voices built into the program; `CorpusError` if it is not installed."""
        printed = self._run("-lv")
        return parse_voices(printed)

    def language(self, voice: str) -> str:
        """ "en": flite's own voices all speak English."""
        return "en"

    def speak(self, voice: str, texts: Sequence[str]) -> list[Take]:
        """A take of each text, at the voice's own rate."""
        # Flite speaks with its default voice where it does not know the one that it is told.
        if voice not in (known := self.voices()):
            raise CorpusError(f"flite has no voice {voice!r}; it has: {', '.join(known)}")
        with tempfile.TemporaryDirectory() as folder:
            return [self._take(voice, text, Path(folder) / "take.wav") for text in texts]

    def _take(self, voice: str, text: str, path: Path) -> Take:
        path.unlink(missing_ok=True)
        text = " ".join(text.split())
        if not text:
            return Take(None, problem="the text is empty")
        try:
            printed = self._run("-voice", voice, "-psdur", "-t", text, str(path))
            audio = read_audio(path)
            phones = parse_phones(printed)
        except (AudioError, CorpusError) as error:
            return Take(None, problem=str(error))
        if not phones or abs(phones[-1].end_seconds - audio.seconds) > _LATEST_END_SECONDS:
            return Take(None, problem="flite's printed phones do not end with its sound")
        return Take(audio, phones)

    def _run(self, *arguments: str) -> str:
        program = shutil.which(self.program)
        if program is None:
            raise CorpusError(
                "flite is not installed: apt-get install flite, or brew install flite; "
                "the teacher espeak needs no installation"
            )
        try:
            done = subprocess.run(
                [program, *arguments],
                capture_output=True,
                timeout=_SLOWEST_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CorpusError(f"flite failed: {error}") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise CorpusError(f"flite failed with code {done.returncode}: {' '.join(said)}")
        return done.stdout.decode("utf-8", "replace")


def parse_voices(printed: str) -> list[str]:
    """The usable voices of what `flite -lv` prints."""
    _, _, listed = printed.partition(":")
    return sorted({voice for voice in listed.split() if voice not in _UNUSABLE})


def parse_phones(printed: str) -> tuple[Phone, ...]:
    """The phones of what `flite -psdur` prints: "pau:0.164 hh:0.255", a line an utterance.

    Times begin anew on each line and are joined here. Raises `CorpusError` for anything else.
    """
    phones: list[Phone] = []
    for line in printed.splitlines():
        offset = phones[-1].end_seconds if phones else 0.0
        for word in line.split():
            if not (match := re.fullmatch(r"(\S+):(\d+(?:\.\d+)?)", word)):
                raise CorpusError(f"flite printed {word!r} where a phone and its end belong")
            phones.append(Phone(match[1], offset + float(match[2])))
    return tuple(phones)


TEACHER = Flite
