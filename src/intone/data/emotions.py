"""`Emotions`: what an utterance's emotion is, as a vector, kept beside the shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import CorpusError
from intone.core.files import replacing

if TYPE_CHECKING:
    from intone.core.types import FloatArray

EMOTIONS_FILE = "emotions.npz"


@dataclass(frozen=True)
class Emotions:
    """`vectors` float32 (N, E), and which of them each utterance has, by id.

    `names` are of the first of them, those that can be asked for by name in speech.
    """

    names: tuple[str, ...]
    vectors: FloatArray
    rows: Mapping[str, int]

    def of(self, key: str) -> FloatArray:
        """The vector (E) of an utterance; `CorpusError` if it has none."""
        if key not in self.rows:
            raise CorpusError(f"the utterance {key!r} has no emotion; run: intone emotions")
        found: FloatArray = self.vectors[self.rows[key]]
        return found


def by_name(labels: Mapping[str, str]) -> Emotions:
    """Named emotions from each utterance's name of one; their vectors are those of a table."""
    names = tuple(sorted(set(labels.values())))
    rows = {key: names.index(name) for key, name in labels.items()}
    return Emotions(names, np.eye(len(names), dtype=np.float32), rows)


def read_labels(path: Path) -> dict[str, str]:
    """Lines of `utterance<TAB>emotion`; `CorpusError` names the first that is something else."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); give a UTF-8 text file") from None
    labels: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        key, _, name = (part.strip(" \r") for part in line.partition("\t"))
        if not key or not name:
            raise CorpusError(f"{path}, line {number}: write utterance, a tab, and its emotion")
        labels[key] = name
    if not labels:
        raise CorpusError(f"{path} names no emotions; write utterance, a tab, and its emotion")
    return labels


def write_emotions(corpus: Path, emotions: Emotions) -> Path:
    """Keep `emotions` of the prepared corpus in `corpus`, whole or not at all."""
    path = corpus / EMOTIONS_FILE
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            names=_texts(emotions.names),
            vectors=emotions.vectors.astype(np.float32),
            ids=_texts(tuple(emotions.rows)),
            rows=np.array(list(emotions.rows.values()), dtype=np.int64),
        )
    return path


def read_emotions(corpus: Path) -> Emotions | None:
    """The emotions kept in `corpus`, None if there are none; `CorpusError` if they are damaged."""
    path = corpus / EMOTIONS_FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            ids, rows = found["ids"].tolist(), found["rows"].tolist()
            return Emotions(
                tuple(found["names"].tolist()), found["vectors"], dict(zip(ids, rows, strict=True))
            )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise CorpusError(f"{path} cannot be read ({error}); run intone emotions again") from None


def _texts(values: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    return np.array(values, dtype=np.str_) if values else np.zeros(0, dtype="<U1")
