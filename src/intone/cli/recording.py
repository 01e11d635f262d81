"""From one long recording and what it says to a voice, step by step; done ones are kept.

Everything lies in the run's folder: `recording/` (fragments), `prepared/`, `codec-run/` (if one had
to be trained), and the run itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import CorpusError, SettingsError

if TYPE_CHECKING:
    from intone.train.loop import TrainResult
    from intone.train.run_folder import RunFolder

CODEC = "small-codec"
"""What a voice of codes speaks if no codec is given: the installed one, or one trained first."""

CODEBOOKS = 4
"""And so many of its codebooks, 3 kbit/s of EnCodec's; more are finer and harder to learn."""

CODEC_SHARE = 0.4
"""Of the minutes, so much goes to a codec that must be trained first."""

_TIMED_SHARE = 0.5
_FEWEST_TO_VALIDATE = 4
_COUNTED = "nucleotide"
"""The frontend of whoever says how many symbols it shall learn; else it is the language's own."""


@dataclass(frozen=True)
class Cut:
    """A recording in fragments: their corpus `folder`, and the list of those `held_out`."""

    folder: Path
    held_out: Path
    language: str
    fragments: int
    rejected: int
    found_times: bool


def cut_recording(audio: Path, transcription: Path, work: Path, language: str | None = None) -> Cut:
    """Cut `audio` at pauses into a folder in `work`; times that lack are found first.

    Raises `CorpusError` if a file cannot be read, or if times lack in a language whose words
    nothing here can hear.
    """
    from intone.core.files import write_json
    from intone.corpus.readers.aligned_json import (
        LONGEST_WHOLE_SECONDS,
        Recording,
        held_out,
        read_recording,
    )
    from intone.corpus.transcription import read_transcription

    for path in (audio, transcription):
        if not path.is_file():
            raise CorpusError(f"there is no file {path}")
    known = read_transcription(transcription)
    language = language or known.language or "en"
    timed = sum(word.start_seconds is not None for word in known.words)
    work.mkdir(parents=True, exist_ok=True)
    recording = Recording(audio, work / f"{audio.stem}.json")
    lacking = timed < _TIMED_SHARE * max(1, len(known.words))
    content: dict[str, Any] | None = None
    if lacking:
        content = _with_times(audio, known.text, language, LONGEST_WHOLE_SECONDS)
    if content is None:
        recording.transcription.write_bytes(transcription.read_bytes())
    else:
        write_json(recording.transcription, content)
    utterances, rejections = read_recording(recording, language)
    if not utterances:
        raise CorpusError(
            f"nothing of {audio} can be used; first: {rejections[0].reason}"
            if rejections
            else f"{transcription} has no words that could be cut out of {audio}"
        )
    return Cut(
        recording.folder,
        held_out(recording),
        utterances[0].language,
        len(utterances),
        len(rejections),
        content is not None,
    )


def _with_times(
    audio: Path, text: str, language: str, whole_seconds: float
) -> dict[str, Any] | None:
    """A transcription with the time of each word of `text`; None where the sound is short."""
    from intone.audio.files import read_audio
    from intone.core.errors import AudioError
    from intone.evaluate.ctc import CTCRecogniser
    from intone.evaluate.word_times import word_times

    try:
        sound = read_audio(audio)
    except AudioError as error:
        raise CorpusError(str(error)) from None
    if sound.seconds <= whole_seconds:
        return None
    try:
        recogniser = CTCRecogniser(language)
    except SettingsError as error:
        raise CorpusError(
            f"the words of {audio} have no times, and {error}; give each word a 'start'"
        ) from None
    words = word_times(sound, text, recogniser)
    return {
        "metadata": {"duration_seconds": sound.seconds, "language": language},
        "text": text,
        "segments": [
            {
                "words": [
                    {
                        "word": word.text,
                        "start": round(word.start_seconds, 3),
                        "end": round(word.end_seconds, 3),
                    }
                    for word in words
                ]
            }
        ],
    }


def train_recording(
    given: Mapping[str, Any],
    run: RunFolder,
    *,
    audio: Path,
    transcription: Path,
    language: str | None = None,
    frontend: str | None = None,
    vocab_size: int | None = None,
    minutes: float = 0.0,
    vocoder: str | None = None,
    changes: Sequence[str] = (),
) -> TrainResult:
    """Cut, prepare, align, code and train; leaves `run.voice`. The same call goes on.

    `given` is a recipe of an acoustic model without a corpus. `minutes` are those of all
    training, 0 as many as the steps take; `changes` are settings (key=value). Raises what the
    steps raise, `SettingsError` for a recipe of anything else.
    """
    from intone.cli.corridor import align_once, prepare_folder, resumable, train_voice
    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus
    from intone.train.coding import codec_manifest, needs_of
    from intone.train.recipes import resolve

    prepared = run.path / "prepared" / audio.stem
    given = {**given, "corpus": str(prepared)}
    # A mistake in the settings shows now, not after minutes of preparing.
    first = resolve(given, changes)
    if first.room != "acoustic":
        raise SettingsError(
            f"a recording trains an acoustic model, and {first.family.name} is none; "
            "make a corpus of it for a vocoder or codec: intone prepare"
        )
    coded = needs_of(first).codes
    cut = cut_recording(audio, transcription, run.path / "recording", language)
    found = " (times of words found)" if cut.found_times else ""
    print(f"1. cut: {cut.fragments} fragments{found}, {cut.rejected} of no use: {cut.folder}")
    report = prepare_folder(
        cut.folder,
        prepared,
        language=cut.language,
        frontend=frontend or (_COUNTED if vocab_size is not None else None),
        set_aside=cut.held_out,
        vocab_size=vocab_size,
    )
    print(
        f"2. prepare: {report.utterances} utterances, {report.hours:.2f} h; "
        f"{len(report.set_aside)} set aside or held out"
    )
    print(f"3. align: {align_once(prepared)}")
    settings: list[str] = []
    if coded and first.data.codec is None:
        codec, minutes = _codec(run, prepared, first.preset, minutes, changes)
        books = codec_manifest(codec)[1].format.codebooks
        settings += [f"data.codec={codec}", f"data.codebooks={min(CODEBOOKS, books)}"]
        print(f"4. codec: {codec}")
    usable = len(PreparedCorpus(prepared).usable(Needs(durations=True)))
    held = min(first.data.held_out, max(usable // 10, int(usable >= _FEWEST_TO_VALIDATE)))
    settings += [f"data.held_out={held}", *([] if held else ["train.validate_every=0"])]
    if minutes:
        settings += [f"train.max_minutes={minutes:.3g}", "train.steps=1000000"]
    recipe = resolve(given, [*settings, *changes])
    with resumable():
        result = train_voice(
            recipe,
            run,
            resume="auto",
            vocoder=vocoder,
            command=f"intone train {first.family.name} --audio {audio.name}",
        )
    print(f"5. train: {result.step} steps in {result.seconds / 60:.1f} minutes")
    return result


def _codec(
    run: RunFolder, prepared: Path, preset: str, minutes: float, changes: Sequence[str]
) -> tuple[str, float]:
    """The installed codec, or one trained on the corpus first; and the minutes that are left."""
    from intone.cli.corridor import resumable, train_voice
    from intone.codec.folder import find_installed
    from intone.train.recipes import resolve
    from intone.train.run_folder import RunFolder

    if find_installed(CODEC) is not None:
        return CODEC, minutes
    own = RunFolder(run.path / "codec-run")
    share = CODEC_SHARE * minutes
    settings = ["train.samples_every=0", "data.held_out=2"]
    # Of what was asked for the voice, all but its own schedule holds for the codec too.
    kept = ("train.device", "train.threads", "train.steps", "train.log_level")
    settings += [change for change in changes if change.partition("=")[0] in kept]
    if minutes:
        settings += [f"train.max_minutes={share:.3g}", "train.steps=1000000"]
    given = {"room": "codec", "family": CODEC, "corpus": str(prepared), "preset": preset}
    with resumable():
        train_voice(resolve(given, settings), own, resume="auto", command="intone train codec")
    return str(own.path), minutes - share
