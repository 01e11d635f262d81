"""`intone align`: when each symbol is spoken, learned from the corpus itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def align(
    corpus: Annotated[Path, typer.Argument(help="prepared corpus")],
    aligner: Annotated[str, typer.Option(help="own or mfa")] = "own",
    steps: Annotated[int | None, typer.Option(help="training steps; by default enough")] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="do not start from the shipped aligner")
    ] = False,
    textgrids: Annotated[
        Path | None, typer.Option(help="take durations from TextGrids in this folder instead")
    ] = None,
    write_textgrids: Annotated[
        Path | None, typer.Option(help="also write the alignment as TextGrids to this folder")
    ] = None,
) -> None:
    """Align a prepared corpus, and name the recordings whose text does not match."""
    from intone.cli.corridor import align_folder

    report = align_folder(
        corpus,
        aligner=aligner,
        steps=steps,
        from_scratch=from_scratch,
        textgrids=textgrids,
        write_to=write_textgrids,
    )
    typer.echo(f"{corpus}: {report.aligned} utterances aligned")
    for suspect in report.suspects[:10]:
        typer.echo(
            f"  set aside {suspect.id}: its text does not match its sound "
            f"(score {suspect.score:.2f}, usual {suspect.usual:.2f})"
        )
    if len(report.suspects) > 10:
        typer.echo(f"  and {len(report.suspects) - 10} more, listed in {corpus / 'suspects.jsonl'}")
    for key in report.impossible[:10]:
        typer.echo(f"  set aside {key}: shorter than its text can be spoken")
    for aside in report.set_aside[:10]:
        typer.echo(f"  set aside {aside.id}: {aside.reason}")
    if len(report.set_aside) > 10:
        typer.echo(f"  and {len(report.set_aside) - 10} more")
