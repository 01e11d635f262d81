"""Who speaks what: sentences from a file or our own, dealt to voices."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from intone.core.errors import CorpusError
from intone.corpus.readers.sound_files import decoded
from intone.corpus.sentences_en import sentences, word_salad


def sentences_from(path: Path) -> list[str]:
    """The sentences of a text file, one a line, each once; `CorpusError` if there are none."""
    try:
        text = decoded(Path(path).read_bytes())
    except FileNotFoundError:
        raise CorpusError(f"there is no file {path}") from None
    except (OSError, CorpusError) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from None
    found = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines()))
    if not (found := [line for line in found if line]):
        raise CorpusError(f"{path} holds no sentences; write one a line")
    return found


def english_sentences(count: int, salads: int = 0, seed: int = 0) -> list[str]:
    """`count` English sentences, of which `salads` are rows of words with rare sounds, mixed."""
    if not 0 <= salads <= count:
        raise CorpusError(f"{salads} of {count} sentences cannot be salads of words")
    mixed = sentences(count - salads, seed) + word_salad(salads, seed)
    random.Random(seed).shuffle(mixed)
    return mixed


def deal(available: Sequence[str], voices: Sequence[str], count: int) -> Mapping[str, list[str]]:
    """`count` sentences for each voice, no sentence twice.

    Raises `CorpusError` if there are too few.
    """
    if len(available) < count * len(voices):
        raise CorpusError(
            f"{len(voices)} voices need {count * len(voices)} sentences, but there are "
            f"{len(available)}; ask for fewer, give more, or let all speak the same"
        )
    return {voice: list(available[i * count : (i + 1) * count]) for i, voice in enumerate(voices)}


def shared(available: Sequence[str], voices: Sequence[str], count: int) -> Mapping[str, list[str]]:
    """The first `count` sentences for every voice; `CorpusError` if there are too few."""
    if len(available) < count:
        raise CorpusError(f"{count} sentences are wanted, but there are {len(available)}")
    return {voice: list(available[:count]) for voice in voices}
