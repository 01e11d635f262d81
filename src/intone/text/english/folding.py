"""Letters of other alphabets, accents and pictures, brought down to what English speaks."""

from __future__ import annotations

import re
import unicodedata

from intone.core.errors import TextError

KEPT = frozenset("%°$£€¥₹¢§¶²³½¼¾⅓⅔⅛×÷±≈≠≤≥…—–")
"""Characters beyond ASCII that have rules of their own."""

_SAME = str.maketrans(
    {
        "‘": "'", "’": "'", "ʼ": "'", "＇": "'", "′": "'", "´": "'", "`": "'",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"', "‹": '"', "›": '"',
        "‐": "-", "‑": "-", "‒": "–", "−": "-", "―": "—", "⁃": "-",
        "。": ".", "！": "!", "？": "?", "，": ",", "、": ",", "；": ";", "：": ":", "।": ".",
        "؟": "?", "،": ",", "¡": "", "¿": "", "⁄": "/", "⋅": "×", "·": "",
        "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "th", "þ": "th", "Þ": "Th", "ı": "i",
        "™": "", "®": "", "©": "", "ª": "", "º": "°", "№": "no.",
        "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\u2060": "",
    }
)  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma sigma tau upsilon phi chi psi omega".split(),
        strict=True,
    )
)
_GREEK_LETTERS = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",
        "a|b|v|g|d|e|yo|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch||y||e|yu|ya|i|yi|ye|g".split(
            "|"
        ),
        strict=True,
    )
)


_MICRO = re.compile(r"[µμ](?=(?:g|m|s|l|L|F|A|V|W|Hz)\b)")
"""Micro before a unit: Greek letters are read otherwise, and a thousandfold dose must not be."""


def fold(token: str) -> str:
    """`token` in ASCII and the characters of `KEPT`; what English cannot speak is dropped.

    Accents go (café → cafe), Greek and Cyrillic letters are transliterated.
    """
    if token.isascii():
        return token
    if len(token.strip(".,;:!?")) == 1 and (name := _GREEK.get(token.strip(".,;:!?").lower())):
        return token.lower().translate({ord(token.strip(".,;:!?").lower()): name})
    kept: list[str] = []
    for character in _MICRO.sub("u", token).translate(_SAME):
        if character.isascii() or character in KEPT:
            kept.append(character)
            continue
        plain = unicodedata.normalize("NFKD", character).translate(_SAME)
        for part in plain:
            if part.isascii() or part in KEPT:
                kept.append(part)
            elif part.isdecimal():
                kept.append(str(unicodedata.decimal(part)))
            elif not unicodedata.combining(part):
                kept.append(_letter(part))
    return "".join(c for c in kept)


def _letter(character: str) -> str:
    low = character.lower()
    latin = _CYRILLIC.get(low) or _GREEK_LETTERS.get(low) or ""
    return latin.capitalize() if low != character else latin


# A script, by the first word of a letter's Unicode name: what a person calls it, and a
# language code that speaks it.
_SCRIPTS = {
    "CYRILLIC": ("Cyrillic", "ru"),
    "GREEK": ("Greek", "el"),
    "CJK": ("Chinese", "cmn"),
    "HIRAGANA": ("Japanese", "ja"),
    "KATAKANA": ("Japanese", "ja"),
    "HANGUL": ("Korean", "ko"),
    "ARABIC": ("Arabic", "ar"),
    "HEBREW": ("Hebrew", "he"),
    "DEVANAGARI": ("Devanagari", "hi"),
    "BENGALI": ("Bengali", "bn"),
    "TAMIL": ("Tamil", "ta"),
    "TELUGU": ("Telugu", "te"),
    "THAI": ("Thai", "th"),
    "GEORGIAN": ("Georgian", "ka"),
    "ARMENIAN": ("Armenian", "hy"),
    "GUJARATI": ("Gujarati", "gu"),
    "GURMUKHI": ("Gurmukhi", "pa"),
    "KANNADA": ("Kannada", "kn"),
    "MALAYALAM": ("Malayalam", "ml"),
    "ETHIOPIC": ("Ethiopic", "am"),
}


def script_of(text: str) -> tuple[str, str] | None:
    """The script, and the code of a language, that most letters of `text` are in.

    None if they are Latin, or there are none.
    """
    counts: dict[tuple[str, str], int] = {}
    for character in text[:2_000]:
        if not character.isalpha():
            continue
        name = unicodedata.name(character, "").split(" ")[0]
        if name in _SCRIPTS:
            counts[_SCRIPTS[name]] = counts.get(_SCRIPTS[name], 0) + 1
        elif name != "LATIN":
            other = (name.capitalize() or "an unknown", "")
            counts[other] = counts.get(other, 0) + 1
    return max(counts, key=lambda key: counts[key]) if counts else None


def require_english(text: str) -> None:
    """Raise `TextError` unless `text` has a letter or digit that English can speak.

    The message names the script that the text is in, and what to use instead.
    """
    if text.isascii():
        if any(map(str.isalnum, text)):
            return
    elif any(c.isascii() and c.isalnum() for c in text) or any(
        "LATIN" in unicodedata.name(c, "") or c.isdecimal() or c in "½¼¾²³"
        for c in text
        if c.isalnum()
    ):
        return
    # Letters in disguise (full width, mathematical) are those that they look like.
    plain = unicodedata.normalize("NFKC", text)
    if any(c.isascii() and c.isalnum() for c in plain):
        return
    script = script_of(text)
    shown = " ".join(text.split())[:40]
    if script is None:
        raise TextError(
            f"there is nothing to speak in {shown!r}; write some words"
            if shown
            else "the text is empty; write some words"
        )
    name, code = script
    own = "" if code == "ru" else " with frontend 'espeak' or 'characters'"
    hint = (
        f"say which language, such as language {code!r}{own}"
        if code
        else "use frontend 'characters' or 'espeak' with its language"
    )
    raise TextError(f"{shown!r} is in {name} letters, which English does not speak; {hint}")
