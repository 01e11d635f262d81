"""`RussianFrontend`: Russian text → phonemes with stress, boundaries and marks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intone.core.errors import TextError
from intone.core.types import Symbols
from intone.text.inventory import Inventory
from intone.text.layout import SPACE, Layout
from intone.text.russian.lexicon import check_stresses, read_stress_dictionary
from intone.text.russian.normalise import normalise
from intone.text.russian.phonemes import INVENTORY, NARROW_INVENTORY
from intone.text.russian.processor import RussianPhonemeProcessor


class RussianFrontend:
    """Makes `^`, phonemes with one separator between words, and a closing mark.

    Stressed vowels have a 1 behind. `stresses` (lower-case word → syllable from 0) go
    before the built-in lexicon. Latin words are said as a Russian reads them.
    """

    name = "russian"

    def __init__(
        self,
        language: str = "ru",
        stresses: Mapping[str, int] | None = None,
        narrow: bool = False,
        inventory: Inventory | None = None,
    ) -> None:
        if language.lower().split("-")[0].split("_")[0] != "ru":
            raise TextError(
                f"frontend 'russian' does not speak language {language!r}; use frontend 'espeak'"
            )
        own = NARROW_INVENTORY if narrow else INVENTORY
        self.inventory = inventory or own
        if missing := [token for token in own.tokens if token not in self.inventory]:
            raise TextError(
                f"the inventory lacks {' '.join(missing)}; use the one of frontend 'russian'"
            )
        self.language = language
        self.narrow = narrow
        self.stresses = dict(stresses or {})
        self._processor = RussianPhonemeProcessor(stresses=self.stresses, narrow=narrow)

    def symbols(self, text: str) -> Symbols:
        """The symbols of `text`; see the class. `TextError` if nothing can be spoken."""
        items = [item for item in normalise(text) if item.spoken]
        row: list[str] = []
        for item in items:
            row += item.spoken or []
            if item.mark != SPACE:
                row.append(item.mark)
        sounds = iter(self._processor.row(row))
        layout = Layout()
        for item in items:
            layout.word(item.text)
            for _ in item.spoken or []:
                layout.speak(next(sounds)[2])
                layout.separate(SPACE)
            if item.mark != SPACE:
                next(sounds)
                layout.separate(item.mark)
        return layout.symbols(self.inventory, text)

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same frontend again; JSON-able."""
        return {
            "frontend": self.name,
            "language": self.language,
            "stresses": dict(self.stresses),
            "narrow": self.narrow,
            "inventory": self.inventory.to_dict(),
        }


def build(
    language: str = "ru", lexicon: Path | str | None = None, narrow: bool = False
) -> RussianFrontend:
    """The frontend; `lexicon` is a file of lines `word<TAB>stressed syllable from 0`."""
    stresses = read_stress_dictionary(Path(lexicon)) if lexicon is not None else None
    return RussianFrontend(language, stresses, narrow)


def from_state(state: Mapping[str, Any]) -> RussianFrontend:
    """The frontend whose `state()` this is, with the inventory it had."""
    stresses = dict(state.get("stresses", {}))
    check_stresses(stresses, "the saved frontend")
    return RussianFrontend(
        state.get("language", "ru"),
        stresses,
        bool(state.get("narrow", False)),
        Inventory.from_dict(state["inventory"]),
    )
