"""`intone compare`: voices side by side on one page, with figures, sounds and a blind test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intone.evaluate.comparison import VoiceFigures


def compare(
    voices: Annotated[
        list[str],
        typer.Argument(
            metavar="VOICE...",
            help="a voice's name or folder, or a folder of recordings 001.wav, 002.wav, ...; "
            "NAME=VOICE calls it NAME",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="the page")] = (
        Path("compare.html")
    ),
    sentence_set: Annotated[
        str | None,
        typer.Option(
            "--sentences", "--set", help="a set of ours, or a text file, a sentence a line"
        ),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="only so many")] = 30,
    speaker: Annotated[
        list[str] | None,
        typer.Option(help="who speaks, for every voice; NAME=WHO for the voice of that name"),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="of the sentences, where only recordings are compared")
    ] = None,
    dnsmos: Annotated[
        bool, typer.Option("--dnsmos", help="also predict an opinion of each sound; slow")
    ] = False,
) -> None:
    """Let several voices say the same sentences, and put them side by side on one page."""
    from intone.cli.corridor import shown
    from intone.core.errors import SettingsError
    from intone.evaluate.compare_page import write_compare_page
    from intone.evaluate.comparing import compare as compared
    from intone.evaluate.comparison import figures_of
    from intone.evaluate.recogniser import recogniser_of
    from intone.evaluate.sentences import PLAIN, sentences_of
    from intone.evaluate.sources import language_of, open_sources

    if output.is_dir() or output.suffix.lower() not in (".html", ".htm"):
        raise SettingsError(f"the page {output} must be a file that ends in .html")
    sources = open_sources(voices, _speakers(speaker or []))
    language = language_of(sources, language)
    chosen = sentence_set or PLAIN.get(language.split("-")[0])
    if chosen is None:
        raise SettingsError(f"there are no sentences in {language!r}; give some: --sentences FILE")
    texts = sentences_of(chosen)[:count]
    recogniser = recogniser_of(language)
    if recogniser is None:
        typer.echo(
            f"no recogniser of {language!r} is installed, so nothing is read; English needs: "
            "pip install 'intone[eval]'",
            err=True,
        )
    kept = output.with_name(f"{output.stem}-sounds")
    try:
        with shown("comparing") as progress:
            found = compared(
                sources,
                texts,
                language=language,
                kept=kept,
                recogniser=recogniser,
                opinions=dnsmos,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo(f"what is done is in {kept}; the same command goes on", err=True)
        raise
    write_compare_page(output, found, source=Path(chosen).name)
    for line in _lines([figures_of(contender) for contender in found.contenders]):
        typer.echo(line)
    typer.echo(f"listen: open {output}")


def _speakers(given: Sequence[str]) -> dict[str, str]:
    """Who speaks, by the voice's name; "" is every voice."""
    found = {}
    for each in given:
        name, _, who = each.rpartition("=")
        found[name] = who
    return found


def _lines(figures: Sequence[VoiceFigures]) -> list[str]:
    """A line about each voice, the best first where somebody read them."""
    width = max(len(each.name) for each in figures)
    lines = []
    for each in sorted(figures, key=lambda f: f.character_error.value if f.character_error else 0):
        parts = []
        if each.character_error is not None:
            error = each.character_error
            parts.append(
                f"character error {100 * error.value:.1f} % "
                f"({100 * error.low:.1f} to {100 * error.high:.1f})"
            )
        if each.dnsmos is not None:
            parts.append(f"DNSMOS {each.dnsmos.value:.2f}")
        if each.real_time_factor is not None:
            parts.append(f"real-time factor {each.real_time_factor.value:.3f}")
        parts.append(f"{each.seconds.value:.1f} s a sentence")
        lines.append(f"{each.name:<{width}}  {', '.join(parts)}")
    return lines
