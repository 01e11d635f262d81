"""Texts in words, as a recogniser that knows no figures would write them."""

from __future__ import annotations


def spoken_form(text: str, language: str) -> str:
    """`text` with its figures and signs in words; itself where it has none to put.

    English and Russian are known, any other language stays as it is.
    """
    base = language.split("-")[0]
    if base == "en":
        return _english(text)
    if base == "ru":
        from intone.text.russian.normalise import normalise

        return " ".join(word for item in normalise(text) for word in item.spoken or [])
    return text


def _english(text: str) -> str:
    if not any(c.isnumeric() or c in "$£€%°" for c in text):
        return text
    from intone.text.english.normalise import normalise

    words = [
        item.core if word.startswith("{") else word.removesuffix(".")
        for item in normalise(text)
        for word in item.spoken or []
    ]
    return " ".join(words)
