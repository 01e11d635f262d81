"""`TokenIdsFrontend`: symbols that somebody else's frontend made, written as numbers.

For corpora whose texts are numbers already. A voice of such a corpus is given "5 12 3" to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intone.core.errors import SettingsError, TextError
from intone.core.types import Symbols, Word
from intone.text.inventory import Inventory

MOST = 100_000


class TokenIdsFrontend:
    """Speaks the numbers from 0 to `count` - 1, each as a symbol and a word of its own."""

    name = "token-ids"

    def __init__(self, language: str, count: int) -> None:
        if not 1 <= count <= MOST:
            raise SettingsError(f"{count} token ids cannot be; give a number from 1 to {MOST}")
        self.language = language
        self.count = count
        self.inventory = Inventory.of(optional=(), lasting=[str(i) for i in range(count)])

    def symbols(self, text: str) -> Symbols:
        """The numbers of `text`, parted by spaces; `TextError` names what is none of them."""
        tokens = []
        for written in text.split():
            if not written.isdecimal() or int(written) >= self.count:
                raise TextError(
                    f"{written[:20]!r} is no token id; write numbers from 0 to {self.count - 1}"
                )
            tokens.append(str(int(written)))
        if not tokens:
            raise TextError("the text is empty; write some token ids, such as 5 12 3")
        words = tuple(Word(token, at, at + 1) for at, token in enumerate(tokens))
        return Symbols(self.inventory.ids(tokens), tuple(tokens), words)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {"frontend": self.name, "language": self.language, "count": self.count}


def build(language: str = "en", count: int = 256) -> TokenIdsFrontend:
    """The frontend of `count` token ids."""
    return TokenIdsFrontend(language, count)


def learn(texts: Iterable[str], language: str = "en") -> TokenIdsFrontend:
    """The frontend of the numbers from 0 to the largest in a corpus' `texts`."""
    numbers = [int(word) for text in texts for word in text.split() if word.isdecimal()]
    return TokenIdsFrontend(language, max(numbers, default=0) + 1)


def from_state(state: Mapping[str, Any]) -> TokenIdsFrontend:
    """The frontend whose `state()` this is."""
    return TokenIdsFrontend(state["language"], state["count"])
