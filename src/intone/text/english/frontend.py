"""`EnglishFrontend`: English text → phones of CMUdict's ARPAbet, boundaries and marks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intone.core.errors import TextError
from intone.core.types import Symbols
from intone.text.english.folding import require_english
from intone.text.english.lexicon import Lexicon, Phones, phones_of, read_lexicon
from intone.text.english.normalise import normalise
from intone.text.english.phones import INVENTORY
from intone.text.english.pronounce import Pronouncer
from intone.text.inventory import Inventory
from intone.text.layout import SPACE, Layout


class EnglishFrontend:
    """Makes `^`, phones with one separator between words, and a closing mark.

    `words` (lower-case word → phones) go before the built-in lexicon. Blind to meaning
    beyond a few words' distance.
    """

    name = "english"

    def __init__(
        self,
        language: str = "en",
        words: Mapping[str, Phones] | None = None,
        inventory: Inventory = INVENTORY,
    ) -> None:
        if language.lower().split("-")[0].split("_")[0] != "en":
            raise TextError(
                f"frontend 'english' does not speak language {language!r}; use frontend 'espeak'"
            )
        missing = [token for token in INVENTORY.tokens if token not in inventory]
        if missing:
            raise TextError(
                f"the inventory lacks {' '.join(missing)}; use the one of frontend 'english'"
            )
        self.language = language
        self.inventory = inventory
        self._own = dict(words or {})
        self._speak = Pronouncer(Lexicon(self._own))

    def symbols(self, text: str) -> Symbols:
        """The symbols of `text`; see the class. `TextError` if nothing can be spoken."""
        require_english(text)
        items = [item for item in normalise(text, self._own) if item.spoken]
        flat: list[str] = []
        capitals: list[bool] = []
        for item in items:
            spoken = item.spoken or []
            flat += spoken
            capitals += [item.core[0].isupper()] * len(spoken)
            if item.mark != SPACE:
                flat.append(item.mark)
                capitals.append(False)
        phones = self._speak.phones(flat, capitals)
        layout = Layout()
        sounds = iter(phones)
        for item in items:
            layout.word(item.text)
            for word in item.spoken or []:
                layout.speak(next(sounds))
                layout.separate(word)
            if item.mark != SPACE:
                next(sounds)
                layout.separate(item.mark)
        return layout.symbols(self.inventory, text)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {
            "frontend": self.name,
            "language": self.language,
            "words": {word: " ".join(phones) for word, phones in self._own.items()},
            "inventory": self.inventory.to_dict(),
        }


def build(language: str = "en", lexicon: Path | str | None = None) -> EnglishFrontend:
    """The frontend, with the words of a user's `lexicon` file if one is given."""
    words = read_lexicon(Path(lexicon)) if lexicon is not None else None
    return EnglishFrontend(language, words)


def from_state(state: Mapping[str, Any]) -> EnglishFrontend:
    """The frontend whose `state()` this is, with the inventory it had."""
    return EnglishFrontend(
        state.get("language", "en"),
        {
            word: phones_of(phones, f"word {word!r} of the saved frontend")
            for word, phones in state.get("words", {}).items()
        },
        Inventory.from_dict(state["inventory"]),
    )
