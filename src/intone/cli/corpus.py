"""`intone corpus`: fetch, make, check and describe recordings with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from intone.corpus.rejection import Rejection

_FEW = 10

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Fetch, make, check and describe recordings with their texts.",
)

Corpus = Annotated[Path, typer.Argument(help="a folder of recordings and texts")]
Layout = Annotated[
    str, typer.Option(help="auto, manifest, ljspeech, speaker-folders, aligned-json")
]
Language = Annotated[str, typer.Option("--language", "-l", help="language of the texts")]


@app.command()
def download(
    name: Annotated[str, typer.Argument(help="a known corpus: ljspeech, ruslan")],
    out: Annotated[Path, typer.Option("--output", "-o", help="folder to fetch into")] = Path(
        "corpora"
    ),
) -> None:
    """Fetch a published corpus; run it again to go on after a break."""
    from intone.cli.corridor import shown
    from intone.corpus.known import fetch_corpus

    with shown("downloading") as fetching, shown("unpacking") as unpacking:
        stages = {"downloading": fetching, "unpacking": unpacking}
        folder = fetch_corpus(
            name, out, lambda stage, done, total: stages[stage](done // 1_024, total // 1_024)
        )
    typer.echo(str(folder))


@app.command()
def make(
    out: Annotated[Path, typer.Argument(help="folder to make the corpus in")],
    teacher: Annotated[str, typer.Option("--teacher", "-t", help="espeak, flite, festival")] = (
        "espeak"
    ),
    voice: Annotated[
        list[str] | None,
        typer.Option("--voice", "-v", help="who speaks, such as en-us+f3; may be repeated"),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="sentences for each voice")
    ] = None,
    sentences: Annotated[
        Path | None, typer.Option(help="a text file, one sentence a line, in place of our own")
    ] = None,
    same: Annotated[
        bool, typer.Option("--same", help="let all voices speak the same sentences")
    ] = False,
    salads: Annotated[
        int, typer.Option(min=0, help="how many of our sentences are rows of rare words")
    ] = 0,
    seed: Annotated[int, typer.Option(help="another seed makes other sentences")] = 0,
    rate: Annotated[int | None, typer.Option(help="words a minute (espeak)")] = None,
    pitch: Annotated[int | None, typer.Option(help="0 to 99 (espeak)")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="as many as cores")] = None,
) -> None:
    """Let a synthesiser speak sentences; the times of its phones become the corpus' truth."""
    from intone.cli.corridor import shown
    from intone.corpus.make import make_corpus
    from intone.corpus.script import deal, shared
    from intone.corpus.teachers import teacher as find_teacher

    manner = {k: v for k, v in (("rate", rate), ("pitch", pitch)) if v is not None}
    found = find_teacher(teacher, **manner)
    voices = list(dict.fromkeys(voice or [found.usual or found.voices()[0]]))
    available = _sentences(found, voices, count, sentences, same, salads, seed)
    each = count or (len(available) if same else len(available) // len(voices))
    script = (shared if same else deal)(available, voices, each)
    with shown("speaking") as progress:
        utterances, rejections = make_corpus(out, found, script, processes, progress)
    typer.echo(f"{out}: {len(utterances)} utterances by {', '.join(voices)}")
    _tell(rejections, "could not be spoken")


@app.command()
def check(
    corpus: Corpus,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="folder of the report; the corpus itself, if not given"
        ),
    ] = None,
    layout: Layout = "auto",
    language: Language = "en",
    frontend: Annotated[
        str | None, typer.Option(help="also try the texts with this frontend: english, espeak")
    ] = None,
    longest_seconds: Annotated[float, typer.Option(help="set longer recordings aside")] = 20.0,
    processes: Annotated[int | None, typer.Option(min=1, help="as many as cores")] = None,
) -> None:
    """Look for faults in recordings and texts; writes report.html and set_aside.txt."""
    from intone.cli.corridor import shown
    from intone.corpus.check import Limits, check_corpus
    from intone.corpus.check_page import write_report
    from intone.corpus.readers import read_corpus
    from intone.corpus.rejection import Rejection
    from intone.corpus.set_aside import read_set_aside
    from intone.text.frontend import build

    utterances, rejections = read_corpus(corpus, layout, language)
    symbols = build(frontend, language).symbols if frontend else None
    with shown("checking") as progress:
        report = check_corpus(
            utterances, symbols, Limits(longest_seconds=longest_seconds), processes, progress
        )
    own = corpus if corpus.is_dir() else corpus.parent
    folder = out or own
    listed = [Rejection(*line) for line in read_set_aside(own).items()] if folder == own else []
    _, page, aside = write_report(report, folder, listed)
    typer.echo(
        f"{len(report.usable)} of {len(report.checked)} utterances are usable, "
        f"{report.usable_hours:.2f} hours"
    )
    for note in report.notes:
        typer.echo(f"note: {note}")
    for kind, number in report.counts.items():
        typer.echo(f"  {number} {kind}")
    _tell([*rejections, *report.set_aside], "are set aside")
    typer.echo(f"what is not used is listed in {aside}; delete a line to use it again")
    typer.echo(f"report: {page}")


@app.command()
def info(corpus: Corpus, layout: Layout = "auto", language: Language = "en") -> None:
    """Say what a corpus holds: hours, speakers, and what cannot be used."""
    from intone.corpus.describe import describe_corpus

    found = describe_corpus(corpus, layout, language)
    languages = ", ".join(sorted({u.language for u in found.utterances}))
    typer.echo(f"{len(found.utterances)} utterances, {found.hours:.2f} hours, in {languages}")
    for speaker, number in found.speaker_utterances.items():
        minutes = found.speaker_seconds[speaker] / 60
        typer.echo(f"  {speaker}: {number} utterances, {minutes:.1f} minutes")
    timed = sum(bool(u.phones) for u in found.utterances)
    if timed:
        typer.echo(f"{timed} have the times of their phones")
    _tell(found.rejections, "cannot be used")


@app.command()
def samples(
    corpus: Annotated[Path, typer.Argument(help="prepared corpus")],
    out: Annotated[Path, typer.Argument(help="folder to write .pt samples to")],
    codec: Annotated[
        str | None, typer.Option(help="write this codec's codes, or its run's, in place of mels")
    ] = None,
    ids: Annotated[
        bool, typer.Option("--ids", help="write the symbols' numbers in place of the text")
    ] = False,
) -> None:
    """Write a prepared corpus as .pt samples: text, mel, speaker, emotion."""
    from intone.cli.samples import write_samples_of

    number = write_samples_of(corpus, out, codec=codec, ids=ids)
    typer.echo(f"{out}: {number} samples")


def _sentences(
    teacher: Any,
    voices: Sequence[str],
    count: int | None,
    path: Path | None,
    same: bool,
    salads: int,
    seed: int,
) -> list[str]:
    from intone.core.errors import SettingsError
    from intone.corpus.script import english_sentences, sentences_from

    if path is not None:
        return sentences_from(path)
    foreign = [v for v in voices if teacher.language(v) != "en"]
    if foreign:
        raise SettingsError(f"{foreign[0]} does not speak English: give it --sentences FILE")
    return english_sentences((count or 100) * (1 if same else len(voices)), salads, seed)


def _tell(rejections: Sequence[Rejection], what: str) -> None:
    """Print a few of the rejections and how many there are."""
    if not rejections:
        return
    typer.echo(f"{len(rejections)} {what}:")
    for rejection in rejections[:_FEW]:
        typer.echo(f"  {rejection.id}: {rejection.reason}")
    if len(rejections) > _FEW:
        typer.echo(f"  and {len(rejections) - _FEW} more")
