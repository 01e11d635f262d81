"""The way from recordings to a voice, as functions that the verbs share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import CorpusError, SettingsError

if TYPE_CHECKING:
    from intone.core.types import Utterance
    from intone.data.prepare import PrepareReport
    from intone.data.prepared import PreparedCorpus
    from intone.train.align import AlignReport
    from intone.train.loop import TrainResult
    from intone.train.recipes import Recipe
    from intone.train.run_folder import RunFolder

log = logging.getLogger("intone")


@contextmanager
def shown(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the terminal, told (done, total); silent if the work is short."""
    from intone.cli.progress import Progress

    bar: list[Progress] = []

    def tell(done: int, total: int) -> None:
        if not bar:
            bar.append(Progress(total, label))
        bar[0].show(done)

    try:
        yield tell
    finally:
        for each in bar:
            each.clear()


@contextmanager
def resumable() -> Iterator[None]:
    """Lets an interrupted training say that the command which began it also goes on."""
    from intone.train.interrupt import TrainingInterrupted

    try:
        yield
    except TrainingInterrupted as error:
        raise TrainingInterrupted(
            "stopped, everything is saved; the same command goes on", error.exit_code - 128
        ) from None


def prepare_folder(
    corpus: Path,
    out: Path,
    *,
    language: str | None = None,
    frontend: str | None = None,
    layout: str = "auto",
    set_aside: Path | None = None,
    workers: int = 0,
    longest_seconds: float = 20.0,
    vocab_size: int | None = None,
) -> PrepareReport:
    """Read the corpus in `corpus` and prepare it into `out`; raises what both raise.

    Without a `language`, it is the one that the corpus names, else English. `vocab_size` is how
    many symbols a frontend learns that can be told.
    """
    from intone.corpus.readers import read_corpus
    from intone.corpus.set_aside import read_set_aside
    from intone.data.prepare import SetAside, prepare
    from intone.text.frontend import build, default_name, is_learned, learn

    utterances, rejections = read_corpus(corpus, layout, language or "en")
    language = language or language_of(utterances)
    name = frontend or default_name(language)
    options = {} if vocab_size is None else {"vocab_size": vocab_size}
    chosen = (
        learn(name, [u.text for u in utterances], language, **options)
        if is_learned(name)
        else build(name, language, **options)
    )
    leave_out = frozenset(read_set_aside(set_aside)) if set_aside else frozenset()
    with shown("preparing") as progress:
        return prepare(
            utterances,
            out,
            chosen,
            workers=workers,
            longest_seconds=longest_seconds,
            leave_out=leave_out,
            rejected=[SetAside(r.id, r.reason) for r in rejections],
            progress=progress,
        )


def language_of(utterances: Sequence[Utterance]) -> str:
    """The language of a corpus; `CorpusError` if it has several."""
    languages = sorted({u.language for u in utterances}) or ["en"]
    if len(languages) > 1:
        raise CorpusError(
            f"the corpus has texts in {', '.join(languages)}, and a frontend speaks one language; "
            "say which with --language, or split the corpus"
        )
    return languages[0]


def align_folder(
    corpus: Path,
    *,
    aligner: str = "own",
    steps: int | None = None,
    from_scratch: bool = False,
    textgrids: Path | None = None,
    write_to: Path | None = None,
) -> AlignReport:
    """Align the prepared `corpus` by our own aligner, MFA, or given TextGrids."""
    from intone.train.align import align_corpus

    if textgrids is not None:
        from intone.train.textgrids import align_from_textgrids

        report = align_from_textgrids(corpus, textgrids)
    elif aligner == "mfa":
        from intone.train.textgrids import align_by_mfa

        report = align_by_mfa(corpus)
    elif aligner == "own":
        with resumable(), shown("aligning") as progress:
            report = align_corpus(corpus, steps=steps, from_scratch=from_scratch, progress=progress)
    else:
        raise SettingsError(f"there is no aligner {aligner!r}; there are: own, mfa")
    if write_to is not None:
        from intone.train.textgrids import write_textgrids

        write_textgrids(corpus, write_to)
    return report


def add_speaker_vectors(
    corpus: PreparedCorpus, encoder: str, size: int, utterances: int = 10
) -> None:
    """Let the speaker encoder hear each speaker of `corpus`, once; the mean is kept there.

    Raises `SettingsError` unless its vectors are of `size`, and what `speaker_judge` raises.
    """
    import numpy as np

    from intone.core.errors import SettingsError
    from intone.core.protocols import Needs
    from intone.core.types import Audio
    from intone.evaluate.speakers import speaker_judge

    if corpus.speaker_encoder != encoder or set(corpus.speakers) - set(corpus.speaker_vectors):
        vector = speaker_judge(encoder)
        vectors = {}
        with shown("hearing the speakers") as progress:
            for number, name in enumerate(corpus.speakers):
                own = [key for key, e in corpus.entries.items() if e.speaker == number]
                heard = [
                    vector(Audio(example.samples, corpus.format.sample_rate))
                    for example in corpus.load(own[:utterances], Needs(samples=True))
                    if example.samples is not None
                ]
                mean = np.mean(heard, axis=0)
                vectors[name] = (mean / np.linalg.norm(mean)).tolist()
                progress(number + 1, len(corpus.speakers))
        corpus.keep_speaker_vectors(encoder, vectors)
    found = len(next(iter(corpus.speaker_vectors.values())))
    if found != size:
        raise SettingsError(
            f"{encoder} gives vectors of {found} numbers; set model.speaker_vector={found}"
        )


def train_voice(
    recipe: Recipe,
    run: RunFolder,
    *,
    resume: str | Path | None = None,
    start: Path | None = None,
    predicted_by: Path | None = None,
    vocoder: str | None = None,
    command: str = "intone create",
) -> TrainResult:
    """Train `recipe`, judged by a recogniser where one is installed; leaves `run.voice`.

    `start` and `predicted_by` are as `train_from_settings` takes them, but a vocoder that would
    start from an acoustic model's run learns from its mels. `vocoder` and `command` are as
    `finishing.finish_of` takes them.
    """
    from intone.cli.background_speech import background_speech
    from intone.cli.finishing import finish_of
    from intone.data.prepared import PreparedCorpus
    from intone.evaluate.judge import judge_of
    from intone.train.coding import needs_of
    from intone.train.runs import train_from_settings

    if recipe.room == "vocoder" and start is not None and predicted_by is None:
        from intone.train.predicted import acoustic_run

        if acoustic_run(start) is not None:
            start, predicted_by = None, start
    corpus = PreparedCorpus(recipe.corpus)
    language = corpus.frontend().language
    if recipe.room == "acoustic" and needs_of(recipe).speaker_vector:
        size: int = recipe.model.speaker_vector  # type: ignore[attr-defined]
        add_speaker_vectors(corpus, recipe.data.speaker_encoder, size)
    return train_from_settings(
        recipe,
        run,
        resume=resume,
        start=start,
        predicted_by=predicted_by,
        judge=judge_of(language) if recipe.room == "acoustic" else None,
        test=background_speech(recipe, run, corpus, vocoder),
        finish=finish_of(recipe, vocoder=vocoder, command=command),
    )


def check_folder(
    corpus: Path, out: Path, *, language: str | None = None, frontend: str | None = None
) -> str:
    """Check the corpus in `corpus`, once; what to set aside is in `out/set_aside.txt`.

    Returns a line about what was found. A check of the same recordings is not repeated.
    """
    from intone.core.files import read_json
    from intone.corpus.check import check_corpus
    from intone.corpus.check_page import write_report
    from intone.corpus.readers import read_corpus
    from intone.text.frontend import build, default_name, is_learned

    utterances, rejections = read_corpus(corpus, "auto", language or "en")
    language = language or language_of(utterances)
    names = sorted(u.id for u in utterances)
    report = out / "report.json"
    if not report.is_file() or sorted(r["id"] for r in read_json(report)["checked"]) != names:
        name = frontend or default_name(language)
        symbols = None if is_learned(name) else build(name, language).symbols
        with shown("checking") as progress:
            found = check_corpus(utterances, symbols, progress=progress)
        write_report(found, out)
    about = read_json(report)
    return (
        f"{about['usable']} of {about['utterances'] + len(rejections)} utterances are usable, "
        f"{about['usable_hours']:.2f} h; report: {out / 'report.html'}"
    )


def align_once(prepared: Path) -> str:
    """Align the prepared corpus unless all of it is aligned; returns a line about it."""
    import json

    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus
    from intone.train.align import SUSPECTS_FILE

    corpus = PreparedCorpus(prepared)
    suspects = prepared / SUSPECTS_FILE
    try:
        known = set(corpus.usable(Needs(durations=True)))
        lines = suspects.read_text(encoding="utf-8").splitlines()
        doubtful = {json.loads(line)["id"] for line in lines}
    except (CorpusError, OSError):
        known, doubtful = set(), set()
    if known and set(corpus.entries) <= known | doubtful:
        return f"{len(known)} utterances aligned before"
    report = align_folder(prepared)
    aside = len(report.suspects) + len(report.impossible)
    return f"{report.aligned} utterances aligned, {aside} set aside: {suspects}"


def quick_recipe(
    prepared: Path, *, preset: str, minutes: float, changes: Sequence[str] = ()
) -> Recipe:
    """FastSpeech 2 on an aligned corpus for so many minutes; 0 is as many as the preset takes.

    `changes` are settings (key=value) that win over all.
    """
    from intone.core.protocols import Needs
    from intone.data.prepared import PreparedCorpus
    from intone.train.recipes import resolve

    usable = len(PreparedCorpus(prepared).usable(Needs(durations=True)))
    settings = [f"data.held_out={min(16, usable // 10)}", "train.voice_from=last"]
    if minutes:
        # Steps without end: the clock ends the schedule, and peaks higher the shorter it is.
        settings += [
            f"train.max_minutes={minutes}",
            "train.steps=1000000",
            "train.learning_rate=2e-3",
            "train.validate_every=200",
        ]
    return resolve(
        {
            "room": "acoustic",
            "family": "fastspeech2",
            "corpus": str(prepared),
            "preset": preset,
        },
        [*settings, *changes],
    )
