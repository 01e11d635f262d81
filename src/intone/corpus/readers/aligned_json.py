"""One long recording and a JSON that says when each word of it is spoken.

The recording is cut at pauses into `NAME_fragments/` beside the JSON: sounds, a manifest, and
`held_out.txt`, which lists the fragments of the last tenth in the form of `set_aside.txt`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intone.audio.files import read_audio, write_audio
from intone.core.errors import AudioError, CorpusError, IntoneError
from intone.core.files import read_json, write_json, write_text
from intone.core.types import Audio, Utterance
from intone.corpus.fragments import LONGEST_SECONDS, Fragment, fragments_of
from intone.corpus.manifest import read_manifest, write_manifest
from intone.corpus.readers.sound_files import sound_by_stem
from intone.corpus.rejection import Rejection
from intone.corpus.transcription import Spoken, Transcription, read_transcription, within

HELD_OUT = "held_out.txt"
HELD_OUT_SHARE = 0.1
LONGEST_WHOLE_SECONDS = 20.0
"""A recording without any times is one utterance if it is no longer."""

_CUT = "cut.json"
_VERSION = 1


@dataclass(frozen=True)
class Recording:
    """A recording and the JSON that transcribes it."""

    audio: Path
    transcription: Path

    @property
    def folder(self) -> Path:
        """Where the fragments lie."""
        return self.transcription.parent / f"{self.audio.stem}_fragments"


class AlignedJson:
    """Reads a folder with one recording and its JSON, or the JSON; its name is the speaker's."""

    name = "aligned-json"
    looks_for = "one recording (speech.mp3) beside its transcription (speech.json)"

    def recognises(self, path: Path) -> bool:
        """Whether there is a JSON with a recording of its name, and no other recording."""
        return _found(path) is not None

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """An utterance of each fragment; the last tenth in time is listed in `held_out.txt`."""
        found = _found(path)
        if found is None:
            raise CorpusError(f"{path} is not {self.looks_for}")
        return read_recording(found, language)


def read_recording(
    recording: Recording, language: str = "en"
) -> tuple[list[Utterance], list[Rejection]]:
    """The fragments of `recording`, cut unless they are there already, and what is of no use.

    Raises `CorpusError` if the recording or its transcription cannot be read, or if there
    are no times in it and the recording is long.
    """
    try:
        stamp = _stamp(recording, language)
    except OSError as error:
        raise CorpusError(f"{error.filename} cannot be read: {error.strerror}") from None
    try:
        about = read_json(recording.folder / _CUT)
        if about["stamp"] == stamp:
            utterances = read_manifest(recording.folder)
            if all(u.audio_path.is_file() for u in utterances):
                return utterances, [Rejection(**r) for r in about["rejected"]]
    except (IntoneError, KeyError, TypeError):
        pass
    transcription = read_transcription(recording.transcription)
    try:
        audio = read_audio(recording.audio)
    except AudioError as error:
        raise CorpusError(str(error)) from None
    return _cut(recording, transcription, audio, language, stamp)


def held_out(recording: Recording) -> Path:
    """The list of the fragments of the last tenth of `recording`, which must be cut."""
    return recording.folder / HELD_OUT


def _cut(
    recording: Recording,
    transcription: Transcription,
    audio: Audio,
    language: str,
    stamp: str,
) -> tuple[list[Utterance], list[Rejection]]:
    """Write the fragments of `audio`, and the list that says they are whole last."""
    words, fragments = _pieces(recording, transcription, audio.seconds)
    texts = _texts(transcription.text, words, fragments)
    utterances: list[Utterance] = []
    rejections: list[Rejection] = []
    starts: list[float] = []
    for number, (fragment, text) in enumerate(zip(fragments, texts, strict=True)):
        name = f"{recording.audio.stem}_{number:04d}"
        if fragment.fault:
            rejections.append(Rejection(name, fragment.fault))
            continue
        first, last = (
            round(seconds * audio.sample_rate)
            for seconds in (fragment.start_seconds, fragment.end_seconds)
        )
        path = recording.folder / "wavs" / f"{name}.flac"
        write_audio(path, Audio(audio.samples[first:last], audio.sample_rate))
        utterances.append(
            Utterance(
                id=name,
                text=text,
                audio_path=path,
                speaker=recording.audio.stem,
                language=transcription.language or language,
            )
        )
        starts.append(fragment.start_seconds)
    write_manifest(recording.folder, utterances)
    late = (1 - HELD_OUT_SHARE) * audio.seconds
    held = [u.id for u, start in zip(utterances, starts, strict=True) if start >= late]
    if not held and len(utterances) > 1:
        held = [utterances[-1].id]
    lines = [f"{name}\tin the last tenth of the recording\n" for name in held]
    write_text(recording.folder / HELD_OUT, "".join(lines))
    write_json(
        recording.folder / _CUT, {"stamp": stamp, "rejected": [asdict(r) for r in rejections]}
    )
    return utterances, rejections


def _pieces(
    recording: Recording, transcription: Transcription, seconds: float
) -> tuple[Sequence[Spoken], list[Fragment]]:
    """The words, checked, and the fragments they are in."""
    words: Sequence[Spoken] = within(transcription.words, seconds)
    if any(word.start_seconds is not None for word in words):
        return words, fragments_of(words, seconds, longest=LONGEST_SECONDS)
    if faulty := next((word for word in words if word.fault), None):
        raise CorpusError(
            f"{recording.transcription}: no time fits the recording: {faulty.text!r} {faulty.fault}"
        )
    if seconds > LONGEST_WHOLE_SECONDS:
        raise CorpusError(
            f"{recording.transcription} has no times, and {recording.audio.name} lasts "
            f"{seconds:.0f} s; align it first, so that each word has a 'start', or cut it into "
            f"recordings of at most {LONGEST_WHOLE_SECONDS:g} s"
        )
    whole = (Spoken(transcription.text, 0.0, seconds),)
    return whole, [Fragment(0, 1, 0.0, seconds)]


def _texts(text: str, words: Sequence[Spoken], fragments: Sequence[Fragment]) -> list[str]:
    """What each fragment says, with the punctuation of the whole `text` where words are in it."""
    plain = text.lower()
    places: list[int] = []
    at = 0
    for word in words:
        place = plain.find(word.text.lower(), at)
        # A word that is found far ahead is another one.
        if place < 0 or place - at > 80:
            return [" ".join(w.text for w in words[f.first : f.last]) for f in fragments]
        places.append(place)
        at = place + len(word.text)
    starts = [0, *(places[f.first] for f in fragments[1:]), len(text)]
    return [text[a:b].strip() for a, b in zip(starts[:-1], starts[1:], strict=True)]


def _found(path: Path) -> Recording | None:
    """The recording of a folder or of a JSON file; None if there is not just one."""
    if path.is_file():
        files = [path] if path.suffix.lower() == ".json" else []
        folder = path.parent
    else:
        folder = path
        files = sorted(p for p in path.glob("*.json") if not p.name.startswith("."))
    sounds = sound_by_stem(folder)
    pairs = [
        Recording(sound, file)
        for file in files
        if (sound := sounds.get(file.stem) or sounds.get(file.stem.removesuffix("_transcription")))
    ]
    if not pairs and path.is_file() and files and len(sounds) == 1:
        pairs = [Recording(next(iter(sounds.values())), files[0])]
    return pairs[0] if len(pairs) == 1 and (path.is_file() or len(sounds) == 1) else None


def _stamp(recording: Recording, language: str) -> str:
    """A name for what the fragments follow from: it changes with either file."""
    stat = recording.audio.stat()
    parts: list[Any] = [_VERSION, LONGEST_SECONDS, language, stat.st_size, stat.st_mtime_ns]
    content = recording.transcription.read_bytes()
    return hashlib.sha256(repr(parts).encode() + content).hexdigest()[:24]
