"""`intone prepare`: a corpus → shards of features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from intone.data.prepare import PrepareReport


def prepare(
    corpus: Annotated[
        Path, typer.Argument(help="recordings and texts: a corpus folder; or one of .pt samples")
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="folder to prepare into")],
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="language of the texts; by default the corpus's own"),
    ] = None,
    frontend: Annotated[
        str | None,
        typer.Option(help="english, russian, espeak, ...; by default the language's own"),
    ] = None,
    vocab_size: Annotated[
        int | None, typer.Option(help="how many symbols the frontend nucleotide or bpe learns")
    ] = None,
    layout: Annotated[
        str, typer.Option(help="auto, ljspeech, speaker-folders, aligned-json")
    ] = "auto",
    set_aside: Annotated[
        Path | None, typer.Option(help="list of ids to leave out, as corpus check writes it")
    ] = None,
    workers: Annotated[int, typer.Option(help="processes; 0 is one a core")] = 0,
    longest_seconds: Annotated[float, typer.Option(help="leave out longer recordings")] = 20.0,
    codec: Annotated[
        str | None, typer.Option(help="the codec, or its run, whose codes .pt samples hold")
    ] = None,
    create_dummy: Annotated[
        int, typer.Option(min=0, help="first write so many made-up .pt samples to the folder")
    ] = 0,
) -> None:
    """Prepare a corpus for training; a second run computes only what is new."""
    if create_dummy:
        from intone.data.dummy_samples import create_dummy as write_dummy

        write_dummy(corpus, create_dummy)
    from intone.cli.samples import holds_samples
    from intone.core.errors import SettingsError

    if holds_samples(corpus):
        from intone.cli.samples import prepare_sample_folder

        if set_aside is not None:
            raise SettingsError("--set-aside is of recordings; move samples out of the folder")
        report = prepare_sample_folder(
            corpus,
            out,
            language=language,
            frontend=frontend,
            vocab_size=vocab_size,
            codec=codec,
        )
    else:
        from intone.cli.corridor import prepare_folder

        if codec is not None:
            raise SettingsError(f"--codec is of .pt samples, and {corpus} holds none; leave it out")

        report = prepare_folder(
            corpus,
            out,
            language=language,
            frontend=frontend,
            layout=layout,
            set_aside=set_aside,
            workers=workers,
            longest_seconds=longest_seconds,
            vocab_size=vocab_size,
        )
    typer.echo(
        f"{out}: {report.utterances} utterances, {report.hours:.2f} h "
        f"({report.computed} computed, {report.kept} kept) in {report.seconds:.0f} s"
        f"{_pace(report)}"
    )
    for aside in report.set_aside[:10]:
        typer.echo(f"  set aside {aside.id}: {aside.reason}")
    if len(report.set_aside) > 10:
        typer.echo(f"  and {len(report.set_aside) - 10} more, listed in {out / 'set_aside.jsonl'}")


def _pace(report: PrepareReport) -> str:
    """How long an hour of speech took, where all of it, and enough to tell, was measured now."""
    if report.kept or report.hours < 0.1:
        return ""
    return f", {report.seconds / report.hours:.0f} s for an hour of speech"
