"""`BPEFrontend`: pieces of words as symbols, byte-level byte-pair encoding as GPT-2 has it.

Pieces are learned from a corpus by `tokenizers`, or taken from published merges; using them
needs no library. Every text can be written in pieces, since each byte is one.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from intone.core.errors import MissingExtra, SettingsError, TextError
from intone.core.files import read_json
from intone.core.types import Symbols
from intone.text.inventory import Inventory
from intone.text.layout import MARKS, SPACE, START, Layout, written_words
from intone.text.merging import merged

MOST_PIECES = 512
"""So many pieces are learned where nobody says; few, since each must be heard often."""

_PIECE = "="
"""Stands before each piece's name, so that a comma of a word is not the mark."""


@lru_cache(maxsize=1)
def byte_letters() -> tuple[str, ...]:
    """The letter that stands for each byte: itself where it can be seen, else one from 256 up."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return tuple(chr(b) if b in seen else chr(next(others)) for b in range(256))


class BPEFrontend:
    """Writes lower-case words in pieces: `merges` are pairs that become one, the first first.

    Knows nothing of numbers, abbreviations or sounds: the corpus must write what is said.
    """

    name = "bpe"

    def __init__(self, language: str, merges: Iterable[Sequence[str]]) -> None:
        pairs = [tuple(pair) for pair in merges]
        if not all(
            len(pair) == 2 and all(isinstance(p, str) and p for p in pair) for pair in pairs
        ):
            raise SettingsError("each merge of a bpe frontend is a pair of pieces")
        self.language = language
        self.merges = [(left, right) for left, right in pairs]
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        pieces = dict.fromkeys([*byte_letters(), *("".join(pair) for pair in pairs)])
        self.inventory = Inventory.of(
            optional=(START, SPACE, *MARKS), lasting=[_PIECE + piece for piece in pieces]
        )

    @classmethod
    def learn(
        cls, texts: Iterable[str], language: str = "en", pieces: int = MOST_PIECES
    ) -> BPEFrontend:
        """The frontend of the `pieces` that write the words of `texts` shortest.

        Raises `MissingExtra` without `tokenizers`, `SettingsError` for fewer pieces than bytes.
        """
        try:
            from tokenizers import Tokenizer, models, trainers
        except ImportError:
            raise MissingExtra("tokenizers", "gpt2", "learning pieces of words") from None
        if pieces < 256:
            raise SettingsError(f"{pieces} pieces are fewer than the 256 bytes; give more")
        tokenizer = Tokenizer(models.BPE())
        trainer = trainers.BpeTrainer(
            vocab_size=pieces, initial_alphabet=list(byte_letters()), show_progress=False
        )
        words = Counter(w.text for text in texts for w in written_words(text, language))
        tokenizer.train_from_iterator((_as_bytes(w) for w in words.elements()), trainer)
        return cls(language, _merges_of(tokenizer.to_str(), "what was learned"))

    @classmethod
    def published(cls, name_or_path: str, language: str = "en") -> BPEFrontend:
        """The frontend of published merges, such as GPT-2's: a `tokenizer.json`, or a name.

        Raises `SettingsError` if they cannot be had.
        """
        path = Path(name_or_path)
        if path.is_file():
            return cls(language, _merges_of(read_json(path), str(path)))
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise MissingExtra("tokenizers", "gpt2", "loading published pieces") from None
        try:
            found = Tokenizer.from_pretrained(name_or_path)
        # The library raises its hub's errors, which have no base of their own.
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise SettingsError(
                f"the pieces {name_or_path!r} cannot be had ({reason}); give the path of a "
                "tokenizer.json"
            ) from None
        return cls(language, _merges_of(found.to_str(), name_or_path))

    def pieces(self, word: str) -> list[str]:
        """The pieces of one word."""
        return merged(_as_bytes(word), self._ranks)

    def symbols(self, text: str) -> Symbols:
        """The pieces of `text`; `TextError` if there is no word in it."""
        layout = Layout()
        for written in written_words(text, self.language):
            layout.word(written.text)
            if any(map(str.isalnum, written.text)):
                layout.speak([_PIECE + piece for piece in self.pieces(written.text)])
            layout.separate(written.mark)
        return layout.symbols(self.inventory, text)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {
            "frontend": self.name,
            "language": self.language,
            "merges": [list(pair) for pair in self.merges],
        }


def _as_bytes(word: str) -> str:
    """The letters that stand for the bytes of a word in lower case."""
    plain = unicodedata.normalize("NFC", word.lower()).replace("’", "'")
    letters = byte_letters()
    return "".join(letters[byte] for byte in plain.encode("utf-8", "replace"))


def _merges_of(description: Any, where: str) -> list[tuple[str, str]]:
    """The merges in what `tokenizers` writes; pairs, or in older files two pieces and a space."""
    import json

    found = json.loads(description) if isinstance(description, str) else description
    try:
        merges = found["model"]["merges"]
        pairs = [tuple(m.split(" ", 1)) if isinstance(m, str) else tuple(m) for m in merges]
        return [(left, right) for left, right in pairs]
    except (KeyError, TypeError, ValueError):
        raise TextError(f"{where} holds no merges of byte-pair encoding") from None


def build(language: str = "en", published: str | None = None) -> BPEFrontend:
    """The frontend of `published` merges (a name, or the path of a tokenizer.json)."""
    if published is None:
        raise SettingsError(
            "pieces of words are learned from a corpus: intone prepare CORPUS --frontend bpe"
        )
    return BPEFrontend.published(published, language)


def learn(texts: Iterable[str], language: str = "en", vocab_size: int = MOST_PIECES) -> BPEFrontend:
    """The frontend of a corpus' `texts`."""
    return BPEFrontend.learn(texts, language, vocab_size)


def from_state(state: Mapping[str, Any]) -> BPEFrontend:
    """The frontend whose `state()` this is."""
    return BPEFrontend(state["language"], state["merges"])
