"""Texts as the phones that a language's own frontend gives them, to count a reading's errors.

A word read as another that sounds the same ("see", "sea") costs nothing here, and one that is
spelled alike but sounds otherwise costs what it should.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from intone.core.errors import TextError
from intone.evaluate.text import Edits, comparable, edits

if TYPE_CHECKING:
    from intone.text.frontend import Frontend


def phones_of(text: str, language: str) -> list[str]:
    """The phones of `text` without stress, boundaries and marks; none if it cannot be spoken.

    The text is made comparable first, so that punctuation, which no recogniser hears, cannot
    sway the frontend. Raises `MissingExtra` where the language needs eSpeak and it is absent.
    """
    frontend = _frontend(language)
    try:
        tokens = frontend.symbols(comparable(text)).tokens
    except TextError:
        return []
    optional = frontend.inventory.optional
    return [token.strip("012ˈˌ") for token in tokens if token not in optional]


def phone_edits(written: str, read: str, language: str) -> Edits:
    """Edits between the phones of two texts."""
    return edits(phones_of(written, language), phones_of(read, language))


@lru_cache(maxsize=4)
def _frontend(language: str) -> Frontend:
    from intone.text.frontend import build, default_name

    return build(default_name(language), language)
