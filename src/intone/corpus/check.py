"""`check_corpus`: what is wrong with a corpus' recordings and texts, before any training."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intone.core.errors import CorpusError, IntoneError
from intone.core.types import Utterance
from intone.corpus.measure import Measured, measure_all
from intone.corpus.rejection import Rejection


@dataclass(frozen=True)
class Limits:
    """Beyond which an utterance is set aside."""

    shortest_seconds: float = 0.4
    longest_seconds: float = 20.0
    quietest_dbfs: float = -60.0
    least_noise_distance_db: float = 12.0
    most_clipped_share: float = 1e-3
    slowest_letters_a_second: float = 2.0
    fastest_letters_a_second: float = 35.0
    most_deviations_of_rate: float = 6.0


_WORTH_A_NOTE_CLIPPED = 5e-5
_WORTH_A_NOTE_NOISE_DB = 20.0
_WORTH_A_NOTE_SILENCE_SECONDS = 1.0
_FEW_FOR_STATISTICS = 20
_BRIEF_LETTERS, _BRIEF_SECONDS = 12, 2.0


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an utterance; `aside` if it had better not be used."""

    kind: str
    message: str
    aside: bool


@dataclass(frozen=True)
class Checked:
    """An utterance, its figures and its problems."""

    utterance: Utterance
    measured: Measured
    problems: tuple[Problem, ...]

    @property
    def letters(self) -> int:
        """Letters and digits of its text."""
        return sum(character.isalnum() for character in self.utterance.text)

    @property
    def letters_a_second(self) -> float:
        """How fast it is spoken, without the silence at its ends; 0 where that is not known."""
        seconds = self.measured.speech_seconds
        return self.letters / seconds if seconds > 0 else 0.0


@dataclass(frozen=True)
class CheckReport:
    """What a check found: every utterance in its order, and notes about the whole."""

    checked: tuple[Checked, ...]
    notes: tuple[str, ...]

    @property
    def set_aside(self) -> list[Rejection]:
        """The utterances that had better not be used, with all their reasons."""
        return [
            Rejection(c.utterance.id, "; ".join(p.message for p in c.problems if p.aside))
            for c in self.checked
            if any(p.aside for p in c.problems)
        ]

    @property
    def usable(self) -> list[Utterance]:
        """The utterances that may be used."""
        return [c.utterance for c in self.checked if not any(p.aside for p in c.problems)]

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind of problem occurs, the most frequent first."""
        kinds = Counter(problem.kind for c in self.checked for problem in c.problems)
        return dict(kinds.most_common())

    @property
    def usable_hours(self) -> float:
        """Hours of sound that may be used."""
        good = (c for c in self.checked if not any(p.aside for p in c.problems))
        return sum(c.measured.seconds for c in good) / 3_600

    def to_json(self) -> dict[str, Any]:
        """The whole report as JSON-able values."""
        return {
            "utterances": len(self.checked),
            "usable": len(self.usable),
            "usable_hours": round(self.usable_hours, 4),
            "notes": list(self.notes),
            "problems": self.counts,
            "speakers": {
                speaker: {
                    "utterances": len(of_speaker),
                    "hours": round(sum(c.measured.seconds for c in of_speaker) / 3_600, 4),
                }
                for speaker, of_speaker in _by_speaker(self.checked).items()
            },
            "checked": [_row(c) for c in self.checked],
        }


def check_corpus(
    utterances: Sequence[Utterance],
    symbols: Callable[[str], object] | None = None,
    limits: Limits | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CheckReport:
    """Read every recording and text, and report what is wrong.

    `symbols` turns a text into symbols, and raises an `IntoneError` where it cannot; pass
    that of the frontend which will be trained with. `progress` is told (done, all). One bad
    file never stops the check. Raises `CorpusError` if there are no utterances.
    """
    if not utterances:
        raise CorpusError("there are no utterances to check")
    limits = limits or Limits()
    measured = measure_all(utterances, processes, progress)
    found: list[list[Problem]] = [
        [*_of_sound(m, limits), *_of_text(u, symbols)]
        for u, m in zip(utterances, measured, strict=True)
    ]
    plain = [Checked(u, m, ()) for u, m in zip(utterances, measured, strict=True)]
    for of_all in (_of_script(plain), _of_rate(plain, limits), _of_repetition(plain)):
        for number, problem in of_all:
            found[number].append(problem)
    checked = tuple(
        Checked(c.utterance, c.measured, tuple(problems))
        for c, problems in zip(plain, found, strict=True)
    )
    return CheckReport(checked, tuple(_notes(checked)))


def _of_sound(measured: Measured, limits: Limits) -> list[Problem]:
    if measured.problem:
        return [Problem("unreadable", measured.problem, True)]
    if measured.rms < limits.quietest_dbfs or measured.speech_seconds <= 0:
        return [Problem("silent", f"silent: {measured.rms:.0f} dBFS", True)]
    problems = []
    if measured.seconds < limits.shortest_seconds:
        problems.append(Problem("short", f"only {measured.seconds:.2f} s long", True))
    if measured.seconds > limits.longest_seconds:
        problems.append(
            Problem(
                "long",
                f"{measured.seconds:.1f} s long, more than {limits.longest_seconds:g}; split it",
                True,
            )
        )
    if measured.clipped_share > _WORTH_A_NOTE_CLIPPED:
        much = measured.clipped_share > limits.most_clipped_share
        problems.append(
            Problem("clipped", f"{measured.clipped_share:.3%} of its samples are clipped", much)
        )
    if measured.noise_distance_db < _WORTH_A_NOTE_NOISE_DB:
        much = measured.noise_distance_db < limits.least_noise_distance_db
        problems.append(
            Problem("noisy", f"speech is only {measured.noise_distance_db:.0f} dB over noise", much)
        )
    ends = max(measured.speech_start, measured.seconds - measured.speech_end)
    if ends > _WORTH_A_NOTE_SILENCE_SECONDS:
        problems.append(Problem("silence", f"{ends:.1f} s of silence at an end", False))
    return problems


def _of_text(utterance: Utterance, symbols: Callable[[str], object] | None) -> list[Problem]:
    if not any(character.isalnum() for character in utterance.text):
        return [Problem("no text", "its text says nothing", True)]
    problems = []
    if any(character.isdigit() for character in utterance.text):
        problems.append(
            Problem("digits", "digits in its text may not be read as they were spoken", False)
        )
    if symbols is not None:
        try:
            symbols(utterance.text)
        except IntoneError as error:
            problems.append(Problem("symbols", str(error), True))
    return problems


def _of_script(checked: Sequence[Checked]) -> list[tuple[int, Problem]]:
    """Texts in another script than most texts of their language."""
    letters = [_scripts(c.utterance.text) for c in checked]
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    for c, counted in zip(checked, letters, strict=True):
        whole[c.utterance.language] += counted
    problems = []
    for number, (c, counted) in enumerate(zip(checked, letters, strict=True)):
        # Japanese writes in three scripts at once: what is common is not foreign.
        common = whole[c.utterance.language]
        foreign = {s: n for s, n in counted.items() if common[s] < 0.05 * common.total()}
        if foreign:
            most = 2 * sum(foreign.values()) > counted.total()
            names = ", ".join(sorted(script.lower() for script in foreign))
            problems.append((number, Problem("script", f"its text has {names} letters", most)))
    return problems


def _scripts(text: str) -> Counter[str]:
    letters = (character for character in text if character.isalpha())
    return Counter(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters)


def _of_rate(checked: Sequence[Checked], limits: Limits) -> list[tuple[int, Problem]]:
    """Utterances spoken far faster or slower than their speaker speaks: the text is another one."""
    problems = []
    for of_speaker in _numbers_by_speaker(checked).values():
        rates = np.array([checked[number].letters_a_second for number in of_speaker])
        known = rates[rates > 0]
        if len(known) == 0:
            continue
        middle = float(np.median(np.log(known)))
        # 1.4826 makes the median deviation a standard deviation; few short texts vary by nature.
        spread = max(1.4826 * float(np.median(np.abs(np.log(known) - middle))), 0.08)
        for number, rate in zip(of_speaker, rates, strict=True):
            if rate <= 0:
                continue
            deviations = abs(float(np.log(rate)) - middle) / spread
            unusual = (
                len(known) >= _FEW_FOR_STATISTICS
                and deviations > limits.most_deviations_of_rate
                and not _is_brief(checked[number])
            )
            impossible = (
                not limits.slowest_letters_a_second <= rate <= limits.fastest_letters_a_second
            )
            if unusual or impossible:
                usual = f", where {np.exp(middle):.1f} is usual" if unusual else ""
                message = f"{rate:.1f} letters a second{usual}: is this its text?"
                problems.append((number, Problem("rate", message, True)))
    return problems


def _is_brief(c: Checked) -> bool:
    """Whether so little is said that its rate may be any."""
    return c.letters < _BRIEF_LETTERS and c.measured.speech_seconds < _BRIEF_SECONDS


def _of_repetition(checked: Sequence[Checked]) -> list[tuple[int, Problem]]:
    problems = []
    sounds: dict[str, str] = {}
    texts: dict[tuple[str, str], str] = {}
    for number, c in enumerate(checked):
        if c.measured.sound_hash:
            first = sounds.setdefault(c.measured.sound_hash, c.utterance.id)
            if first != c.utterance.id:
                message = f"the same sound as {first}"
                problems.append((number, Problem("same sound", message, True)))
        words = "".join(x for x in c.utterance.text.casefold() if x.isalnum())
        first = texts.setdefault((c.utterance.speaker, words), c.utterance.id)
        if first != c.utterance.id:
            problems.append((number, Problem("same text", f"the same text as {first}", False)))
    return problems


def _notes(checked: Sequence[Checked]) -> list[str]:
    """What concerns the corpus as a whole."""
    rates = Counter(c.measured.sample_rate for c in checked if c.measured.sample_rate)
    notes = []
    if len(rates) > 1:
        listed = ", ".join(f"{n} at {rate} Hz" for rate, n in rates.most_common())
        notes.append(f"the recordings have several sample rates: {listed}")
    if rates and min(rates) < 16_000:
        notes.append(f"recordings at {min(rates)} Hz lack the treble; voices will sound muffled")
    for speaker, of_speaker in _by_speaker(checked).items():
        levels = [c.measured.rms for c in of_speaker if not c.measured.problem]
        if len(levels) >= _FEW_FOR_STATISTICS and np.std(levels) > 4:
            notes.append(f"the loudness of {speaker} varies by {np.std(levels):.0f} dB")
    return notes


def _by_speaker(checked: Sequence[Checked]) -> Mapping[str, list[Checked]]:
    return {
        speaker: [checked[number] for number in numbers]
        for speaker, numbers in _numbers_by_speaker(checked).items()
    }


def _numbers_by_speaker(checked: Sequence[Checked]) -> Mapping[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for number, c in enumerate(checked):
        grouped.setdefault(c.utterance.speaker, []).append(number)
    return grouped


def _row(c: Checked) -> dict[str, Any]:
    m = c.measured
    return {
        "id": c.utterance.id,
        "speaker": c.utterance.speaker,
        "text": c.utterance.text,
        "seconds": round(m.seconds, 3),
        "sample_rate": m.sample_rate,
        "rms_dbfs": round(m.rms, 1),
        "peak_dbfs": round(m.peak, 1),
        "noise_distance_db": round(m.noise_distance_db, 1),
        "letters_a_second": round(c.letters_a_second, 2),
        "problems": [
            {"kind": p.kind, "message": p.message, "set_aside": p.aside} for p in c.problems
        ],
    }
