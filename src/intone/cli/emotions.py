"""`intone emotions`: which emotion each utterance of a prepared corpus has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intone.core.errors import SettingsError


def emotions(
    corpus: Annotated[Path, typer.Argument(help="prepared corpus")],
    labels: Annotated[
        Path | None, typer.Argument(help="a file of lines: utterance, tab, emotion")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="take them from the texts instead: a text encoder's name or folder"),
    ] = None,
) -> None:
    """Keep the emotion of each utterance beside a prepared corpus, for models that take one."""
    from intone.data.emotions import by_name, read_labels, write_emotions
    from intone.data.prepared import PreparedCorpus

    if (labels is None) == (encoder is None):
        raise SettingsError("give a file of labels, or a text encoder by --encoder")
    prepared = PreparedCorpus(corpus)
    if encoder is not None:
        from intone.train.bert_frontend import BERTFrontEnd, emotions_of_texts

        found = emotions_of_texts(prepared, BERTFrontEnd(encoder))
    else:
        assert labels is not None
        found = by_name(read_labels(labels))
    missing = [key for key in prepared.entries if key not in found.rows]
    write_emotions(corpus, found)
    told = f"{len(found.names)} emotions" if found.names else "one of its own each"
    print(f"{corpus}: {len(prepared.entries) - len(missing)} utterances, {told}")
    if missing:
        print(f"  {len(missing)} have none and are left out (first: {missing[0]})")
