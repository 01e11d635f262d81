"""`intone phonemize`: the symbols that a text becomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

BOUNDARY = "|"
"""Shown for the symbol between two words, which is a space."""


def phonemize(
    text: Annotated[str | None, typer.Argument(help="the text; - reads standard input")] = None,
    language: Annotated[str, typer.Option(help="language code, such as en, de, fr")] = "en",
    frontend: Annotated[
        str | None,
        typer.Option(help="english, russian, espeak or characters [default: by the language]"),
    ] = None,
    lexicon: Annotated[
        Path | None, typer.Option(help="own pronunciations: lines of word<TAB>PHONES")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="read the text from this file")] = None,
    narrow: Annotated[
        bool, typer.Option("--narrow", help="the linguist's transcription (russian)")
    ] = False,
) -> None:
    """Print the symbols of a text, a line a sentence; "|" stands between words."""
    from intone.core.errors import SettingsError, TextError
    from intone.text import frontend as frontends
    from intone.text.sentences import sentences

    if (text is None) == (file is None):
        raise SettingsError("give either a text (or - for standard input) or --file FILE")
    options = {"lexicon": lexicon, "narrow": narrow or None}
    options = {name: value for name, value in options.items() if value is not None}
    speaker = frontends.build(frontend or frontends.default_name(language), language, **options)
    spoken = False
    for sentence in sentences(_pieces(text, file), language):
        if not any(map(str.isalnum, sentence)):
            continue
        tokens = speaker.symbols(sentence).tokens
        print(" ".join(BOUNDARY if token == " " else token for token in tokens), flush=True)
        spoken = True
    if not spoken:
        raise TextError("there is nothing to speak in the text; write some words")


def _pieces(text: str | None, file: Path | None) -> Iterator[str]:
    import sys

    from intone.core.errors import TextError

    if text is not None:
        yield from sys.stdin if text == "-" else [text]
        return
    assert file is not None
    try:
        with file.open(encoding="utf-8-sig") as opened:
            yield from opened
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(f"{file} cannot be read as UTF-8 text: {error}") from None
