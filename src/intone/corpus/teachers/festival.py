"""Festival: the voices of a system's packages, among them Russian, with the end of every phone.

Festival takes seconds to start, so many texts go to one process.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from intone.audio.files import read_audio
from intone.core.errors import AudioError, CorpusError
from intone.core.types import Phone
from intone.corpus.teachers._take import Take

_START_SECONDS = 60
_SLOWEST_SECONDS_A_TEXT = 20

_LANGUAGES = {
    "english": "en",
    "americanenglish": "en",
    "britishenglish": "en",
    "russian": "ru",
    "czech": "cs",
    "italian": "it",
    "finnish": "fi",
    "catalan": "ca",
    "hindi": "hi",
    "marathi": "mr",
    "telugu": "te",
    "spanish": "es",
    "polish": "pl",
}

_DEFINITIONS = """\
(define (intone_speak number text path)
  (format t "BEGIN %d\\n" number)
  (unwind-protect
    (begin
      (set! spoken (eval (list 'Utterance 'Text text)))
      (utt.synth spoken)
      (utt.save.wave spoken path 'riff)
      (mapcar
        (lambda (segment)
          (format t "PHONE %s %f\\n" (item.name segment) (item.feat segment 'end)))
        (utt.relation.items spoken 'Segment))
      (format t "END %d\\n" number))
    (format t "FAIL %d\\n" number)))
"""


@dataclass(frozen=True)
class Festival:
    """The program `festival`. Knows its Scheme; blind to what a voice can pronounce."""

    usual: ClassVar[str] = ""

    program: str = "festival"

    def voices(self) -> list[str]:
        """The voices that are installed; `CorpusError` says how to get Festival or a voice."""
        printed = self._run("(print (voice.list))", _START_SECONDS)
        if not (found := parse_voices(printed)):
            raise CorpusError(
                "festival has no voices: apt-get install festvox-kallpc16k, or festvox-ru"
            )
        return found

    def language(self, voice: str) -> str:
        """The language of a voice as festival describes it."""
        _require_name(voice)
        printed = self._run(f"(print (voice.description '{voice}))", _START_SECONDS)
        found = re.search(r"\(language \"?(\w+)", printed)
        name = found[1].lower() if found else "english"
        return _LANGUAGES.get(name, name)

    def speak(self, voice: str, texts: Sequence[str]) -> list[Take]:
        """A take of each text; one over which festival itself falls is left out, the rest go on."""
        _require_name(voice)
        takes = [Take(None, problem="the text is empty") for _ in texts]
        waiting = [number for number, text in enumerate(texts) if text.strip()]
        with tempfile.TemporaryDirectory() as folder:
            while waiting:
                paths = {number: Path(folder) / f"{number}.wav" for number in waiting}
                lines = [
                    f'(intone_speak {n} "{quoted(texts[n])}" "{paths[n].as_posix()}")'
                    for n in waiting
                ]
                script = "\n".join([_DEFINITIONS, f"(voice_{voice})", *lines])
                results = parse_phones(
                    self._run(script, _START_SECONDS + _SLOWEST_SECONDS_A_TEXT * len(waiting))
                )
                if not results:
                    raise CorpusError(
                        f"festival does not speak with the voice {voice!r}, which may lack the "
                        "letters of the texts; give sentences of its own language by --sentences"
                    )
                for number, phones in results.items():
                    takes[number] = _take(paths[number], phones)
                waiting = [number for number in waiting if number > max(results)]
        return takes

    def _run(self, script: str, seconds: float) -> str:
        """What festival prints for a script; it may stop half-way."""
        program = shutil.which(self.program)
        if program is None:
            raise CorpusError(
                "festival is not installed: apt-get install festival festvox-kallpc16k; "
                "the teacher espeak needs no installation"
            )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "script.scm"
            path.write_text(script, encoding="utf-8")
            try:
                done = subprocess.run(
                    [program, "-b", str(path)], capture_output=True, timeout=seconds, check=False
                )
            except subprocess.TimeoutExpired as late:
                return (late.stdout or b"").decode("utf-8", "replace")
            except OSError as error:
                raise CorpusError(f"festival cannot be started: {error}") from None
        return done.stdout.decode("utf-8", "replace")


@dataclass
class _Result:
    phones: list[Phone] = field(default_factory=list)
    finished: bool = False


def parse_voices(printed: str) -> list[str]:
    """The voices of what `(print (voice.list))` prints: "(kal_diphone msu_ru_nsh_clunits)"."""
    listed = re.search(r"\(([^()]*)\)", printed)
    return sorted(listed[1].split()) if listed else []


def parse_phones(printed: str) -> dict[int, tuple[Phone, ...]]:
    """The phones of each text that was begun, by number; none where it failed or broke off."""
    results: dict[int, _Result] = {}
    current = _Result()
    for line in printed.splitlines():
        word, *rest = line.split(" ")
        if word == "BEGIN":
            current = results[int(rest[0])] = _Result()
        elif word == "PHONE":
            current.phones.append(Phone(rest[0], float(rest[1])))
        elif word == "END":
            current.finished = True
    return {n: tuple(result.phones) if result.finished else () for n, result in results.items()}


def quoted(text: str) -> str:
    """A text as it stands between the quotes of a Scheme string, on one line.

    Russian ё becomes е, which is all that the Russian voice knows.
    """
    known = text.replace("ё", "е").replace("Ё", "Е").replace("\0", " ").replace("\\", " ")
    one_line = " ".join(known.split())
    # A mark that stands alone is a word to festival, and one that it cannot speak.
    return re.sub(r"\s+([,.;:!?])", r"\1", one_line).replace('"', '\\"')


def _require_name(voice: str) -> None:
    # The name becomes part of a program.
    if not re.fullmatch(r"\w+", voice):
        raise CorpusError(f"{voice!r} is no name of a festival voice")


def _take(path: Path, phones: tuple[Phone, ...]) -> Take:
    if not phones:
        return Take(None, problem="festival could not speak the text")
    try:
        return Take(read_audio(path), phones)
    except AudioError as error:
        return Take(None, problem=str(error).replace(str(path), "festival's sound"))


TEACHER = Festival
