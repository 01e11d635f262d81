"""The way from recordings to a voice, as functions that the verbs share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import SettingsError

if TYPE_CHECKING:
    from intone.data.prepare import PrepareReport
    from intone.data.prepared import PreparedCorpus
    from intone.train.align import AlignReport
    from intone.train.loop import TrainResult
    from intone.train.recipes import Recipe
    from intone.train.run_folder import RunFolder

log = logging.getLogger("intone")

OWN_FRONTENDS = {"en": "english"}


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


def prepare_folder(
    corpus: Path,
    out: Path,
    *,
    language: str = "en",
    frontend: str | None = None,
    layout: str = "auto",
    set_aside: Path | None = None,
    workers: int = 0,
    longest_seconds: float = 20.0,
) -> PrepareReport:
    """Read the corpus in `corpus` and prepare it into `out`; raises what both raise."""
    from intone.corpus.readers import read_corpus
    from intone.corpus.set_aside import read_set_aside
    from intone.data.prepare import SetAside, prepare
    from intone.text.frontend import build

    utterances, rejections = read_corpus(corpus, layout, language)
    name = frontend or OWN_FRONTENDS.get(language, "espeak")
    if name == "characters":
        from intone.text.characters import CharactersFrontend

        chosen: Any = CharactersFrontend.learn([u.text for u in utterances], language)
    else:
        chosen = build(name, language)
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
        with shown("aligning") as progress:
            report = align_corpus(corpus, steps=steps, from_scratch=from_scratch, progress=progress)
    else:
        raise SettingsError(f"there is no aligner {aligner!r}; there are: own, mfa")
    if write_to is not None:
        from intone.train.textgrids import write_textgrids

        write_textgrids(corpus, write_to)
    return report


def add_speaker_vectors(corpus: PreparedCorpus, utterances: int = 10) -> None:
    """Let the speaker encoder hear each speaker of `corpus`, once; the mean is kept there."""
    import numpy as np

    from intone.core.protocols import Needs
    from intone.core.types import Audio
    from intone.evaluate.quality import speaker_vector

    if set(corpus.speakers) <= set(corpus.speaker_vectors):
        return
    vectors = {}
    with shown("hearing the speakers") as progress:
        for number, name in enumerate(corpus.speakers):
            own = [key for key, e in corpus.entries.items() if e.speaker == number]
            heard = [
                speaker_vector(Audio(example.samples, corpus.format.sample_rate))
                for example in corpus.load(own[:utterances], Needs(samples=True))
                if example.samples is not None
            ]
            mean = np.mean(heard, axis=0)
            vectors[name] = (mean / np.linalg.norm(mean)).tolist()
            progress(number + 1, len(corpus.speakers))
    corpus.keep_speaker_vectors(vectors)


def train_voice(
    recipe: Recipe,
    run: RunFolder,
    *,
    resume: str | Path | None = None,
    start: Path | None = None,
    vocoder: str | None = None,
    command: str = "intone create",
) -> TrainResult:
    """Train `recipe`, judged by a recogniser where one is installed; leaves `run.voice`.

    `vocoder` and `command` are as `finishing.finish_of` takes them.
    """
    from intone.cli.finishing import finish_of
    from intone.data.prepared import PreparedCorpus
    from intone.evaluate.judge import judge_of
    from intone.train.runs import needs_of, train_from_settings

    corpus = PreparedCorpus(recipe.corpus)
    language = corpus.frontend().language
    if recipe.room == "acoustic" and needs_of(recipe).speaker_vector:
        add_speaker_vectors(corpus)
    return train_from_settings(
        recipe,
        run,
        resume=resume,
        start=start,
        judge=judge_of(language) if recipe.room == "acoustic" else None,
        finish=finish_of(recipe, vocoder=vocoder, command=command),
    )
