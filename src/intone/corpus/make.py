"""`make_corpus`: a corpus spoken by a teacher, with the times of its phones as truth."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from intone.audio.files import write_audio
from intone.core.errors import CorpusError, IntoneError
from intone.core.types import Utterance
from intone.corpus.manifest import NAME, from_json, read_manifest, to_json, write_manifest
from intone.corpus.rejection import Rejection
from intone.corpus.teachers import Teacher

_JOURNAL = "manifest.part.jsonl"
"""What was spoken so far; becomes the manifest."""
_LINES_A_JOB = 16


@dataclass(frozen=True)
class _Job:
    voice: str
    language: str
    utterances: tuple[Utterance, ...]


def make_corpus(
    out: Path,
    teacher: Teacher,
    script: Mapping[str, Sequence[str]],
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Utterance], list[Rejection]]:
    """Speak the sentences of each voice in `script` into `out/wavs/VOICE/NUMBER.wav`.

    Writes `out/manifest.jsonl` and returns its utterances, and what could not be spoken.
    What an earlier run made is kept where its text is the same, also if it was killed.
    `progress` is told (done, all). Raises `CorpusError` if nothing could be spoken, or a
    voice is not there.
    """
    out = Path(out)
    known = teacher.voices()
    if strangers := [voice for voice in script if not _offers(known, voice)]:
        raise CorpusError(
            f"there is no voice {strangers[0]!r}; there are: {', '.join(known[:20])}"
            + (", ..." if len(known) > 20 else "")
        )
    languages = {voice: teacher.language(voice) for voice in script}  # each may start a program
    wanted = [
        _utterance(out, voice, number, text, languages[voice])
        for voice, sentences in script.items()
        for number, text in enumerate(sentences)
    ]
    if not wanted:
        raise CorpusError("there are no sentences to speak")
    made = _made_before(out)
    kept = {
        u.id: made[u.id]
        for u in wanted
        if u.id in made
        and (made[u.id].text, made[u.id].speaker) == (u.text, u.speaker)
        and u.audio_path.is_file()
    }
    rejections: list[Rejection] = []
    done = len(kept)
    if progress:
        progress(done, len(wanted))
    jobs = _jobs([u for u in wanted if u.id not in kept])
    if jobs:
        out.mkdir(parents=True, exist_ok=True)
        with open(out / _JOURNAL, "a", encoding="utf-8", newline="\n") as journal:
            for spoken, failed in _work(teacher, jobs, processes):
                for utterance in spoken:
                    kept[utterance.id] = utterance
                    journal.write(to_json(utterance, out) + "\n")
                journal.flush()
                rejections += failed
                done += len(spoken) + len(failed)
                if progress:
                    progress(done, len(wanted))
    utterances = [kept[u.id] for u in wanted if u.id in kept]
    if not utterances:
        raise CorpusError(
            f"none of {len(wanted)} sentences could be spoken: {rejections[0].reason}"
        )
    write_manifest(out, utterances)
    (out / _JOURNAL).unlink(missing_ok=True)
    return utterances, rejections


def _work(
    teacher: Teacher, jobs: Sequence[_Job], processes: int | None
) -> Iterable[tuple[list[Utterance], list[Rejection]]]:
    # Always in other processes: a synthesiser's library may hold one state for a whole process.
    workers = min(processes or os.cpu_count() or 1, len(jobs))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = [pool.submit(_speak, teacher, job) for job in jobs]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            for future in waiting:
                future.cancel()


def _speak(teacher: Teacher, job: _Job) -> tuple[list[Utterance], list[Rejection]]:
    """Speak one job and write its sound; runs in a worker."""
    spoken: list[Utterance] = []
    failed: list[Rejection] = []
    takes = teacher.speak(job.voice, [u.text for u in job.utterances])
    for utterance, take in zip(job.utterances, takes, strict=True):
        if take.audio is None:
            failed.append(Rejection(utterance.id, take.problem))
            continue
        write_audio(utterance.audio_path, take.audio)
        spoken.append(
            Utterance(
                id=utterance.id,
                text=utterance.text,
                audio_path=utterance.audio_path,
                speaker=utterance.speaker,
                language=utterance.language,
                phones=take.phones,
            )
        )
    return spoken, failed


def _jobs(utterances: Sequence[Utterance]) -> list[_Job]:
    by_voice: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        by_voice.setdefault(utterance.speaker, []).append(utterance)
    return [
        _Job(voice, of_voice[0].language, tuple(of_voice[start : start + _LINES_A_JOB]))
        for voice, of_voice in by_voice.items()
        for start in range(0, len(of_voice), _LINES_A_JOB)
    ]


def _utterance(out: Path, voice: str, number: int, text: str, language: str) -> Utterance:
    folder = re.sub(r"[^\w+.-]", "_", voice)
    return Utterance(
        id=f"{folder}_{number:05d}",
        text=text,
        audio_path=out / "wavs" / folder / f"{number:05d}.wav",
        speaker=voice,
        language=language,
    )


def _offers(known: Sequence[str], voice: str) -> bool:
    # "en-us+f3" is the voice en-us in the manner of the variant f3.
    return voice in known or voice.partition("+")[0] in known


def _made_before(out: Path) -> dict[str, Utterance]:
    """What an earlier run spoke, by id; the last line of a killed one may be torn."""
    made: dict[str, Utterance] = {}
    try:
        if (out / NAME).is_file():
            made = {u.id: u for u in read_manifest(out)}
        lines = (out / _JOURNAL).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return made
    for line in lines:
        try:
            utterance = from_json(line, out)
        except (IntoneError, json.JSONDecodeError):
            continue
        made[utterance.id] = utterance
    return made
