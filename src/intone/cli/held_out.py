"""What a run has never learned, and what its voice makes of that in a number of passes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from intone.core.errors import CorpusError, IntoneError
from intone.core.files import write_json
from intone.core.types import Audio, Conditions, Controls

FIGURES_FILE = "test.json"


@dataclass(frozen=True)
class HeldOut:
    """A text that was not learned, and the sound that was recorded of it."""

    id: str
    text: str
    recorded: Audio
    speaker: str


@dataclass(frozen=True)
class PassesRow:
    """What `passes` refining passes give: errors where something can read, length beside the
    recording's, seconds of work for a second of speech."""

    passes: int
    character_error: float | None
    length: float | None
    seconds_a_second: float


def held_out_texts(
    run: Path, work: Path, audio: Path | None = None, transcription: Path | None = None
) -> list[HeldOut]:
    """The texts that the run in `run` was not taught.

    Those of the last tenth of a recording: the given one, or that which the run was made from;
    else what was held out of the run's prepared corpus. Raises `CorpusError` if there are none.
    """
    from intone.audio.files import read_audio
    from intone.cli.recording import cut_recording
    from intone.corpus.manifest import read_manifest
    from intone.corpus.readers.aligned_json import HELD_OUT
    from intone.corpus.set_aside import read_set_aside

    folders = [path.parent for path in (run / "recording").glob(f"*_fragments/{HELD_OUT}")]
    if audio is not None and transcription is not None:
        folders = [cut_recording(audio, transcription, work / "recording").folder]
    found: list[HeldOut] = []
    for folder in folders:
        wanted = read_set_aside(folder / HELD_OUT)
        found += [
            HeldOut(u.id, u.text, read_audio(u.audio_path), u.speaker)
            for u in read_manifest(folder)
            if u.id in wanted
        ]
    found = found or _of_corpus(run)
    if not found:
        raise CorpusError(
            f"nothing was held out for {run}; give a recording by --audio and --transcription"
        )
    return found


def _of_corpus(run: Path) -> list[HeldOut]:
    """What was held out of the corpus that a run was trained on."""
    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus
    from intone.train.recipes import read_recipe, resolve
    from intone.train.run_folder import RunFolder

    config = RunFolder(run).config
    if not config.is_file():
        raise CorpusError(f"{run} has no config.yaml; give the folder of a training run")
    recipe = resolve(read_recipe(config))
    corpus = PreparedCorpus(recipe.corpus)
    usable = corpus.usable(Needs(durations=True))
    _, held = corpus.split(usable, recipe.data.held_out)
    rate = corpus.format.sample_rate
    return [
        HeldOut(e.id, e.text, Audio(e.samples, rate), corpus.speakers[e.speaker])
        for e in corpus.load(held, Needs(samples=True))
        if e.samples is not None
    ]


def speak_at(
    folder: Path,
    texts: Sequence[HeldOut],
    passes: Sequence[int],
    out: Path,
    *,
    reference: Path | None = None,
    seed: int = 0,
) -> list[PassesRow]:
    """Let the voice in `folder` say `texts` in each number of passes; a row for each.

    Writes `ID_8iter.wav` and the like, `ID_recorded.wav`, and the rows as `test.json` to `out`.
    """
    from intone.audio.files import read_audio, write_audio
    from intone.evaluate.figures import readings, summary
    from intone.evaluate.recogniser import recogniser_of
    from intone.speech import Voice

    voice = Voice.load(folder)
    out.mkdir(parents=True, exist_ok=True)
    heard = None if reference is None else read_audio(reference)

    def who(text: HeldOut) -> Conditions:
        if heard is not None:
            return Conditions(reference=heard)
        return Conditions(speaker=text.speaker if text.speaker in voice.speakers else None)

    for text in texts:
        write_audio(out / f"{text.id}_recorded.wav", text.recorded)
    try:
        recogniser = recogniser_of(voice.language)
    except IntoneError:
        recogniser = None
    rows = []
    for count in dict.fromkeys(passes):
        begun = time.perf_counter()
        said = [voice.speak(t.text, who(t), Controls(steps=count, seed=seed)).audio for t in texts]
        took = time.perf_counter() - begun
        for text, audio in zip(texts, said, strict=True):
            write_audio(out / f"{text.id}_{count}iter.wav", audio)
        error = None
        if recogniser is not None:
            error = summary(readings(said, [t.text for t in texts], recogniser))["character_error"]
        spoken = sum(audio.seconds for audio in said)
        recorded = sum(text.recorded.seconds for text in texts)
        length = round(spoken / recorded, 3) if recorded else None
        rows.append(PassesRow(count, error, length, round(took / max(spoken, 1e-9), 4)))
    write_json(out / FIGURES_FILE, {"sentences": len(texts), "rows": [asdict(r) for r in rows]})
    return rows
