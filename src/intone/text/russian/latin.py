"""Latin words in Russian text, as a Russian reads them out: by letters, or by sound."""

from __future__ import annotations

import re
import unicodedata

LETTERS = {
    "a": "эй", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "эф", "g": "джи", "h": "эйч",
    "i": "ай", "j": "джей", "k": "кей", "l": "эл", "m": "эм", "n": "эн", "o": "оу", "p": "пи",
    "q": "кью", "r": "ар", "s": "эс", "t": "ти", "u": "ю", "v": "ви", "w": "дабл-ю", "x": "икс",
    "y": "уай", "z": "зед",
}  # fmt: skip
"""English names of the letters, as they are said in Russian."""

_KNOWN = {
    "google": "гугл", "apple": "эпл", "windows": "виндоус", "linux": "линукс",
    "youtube": "ютуб", "facebook": "фейсбук", "microsoft": "майкрософт", "android": "андроид",
    "iphone": "айфон", "internet": "интернет", "email": "имейл", "online": "онлайн",
    "ok": "окей", "wifi": "вайфай", "wi-fi": "вайфай", "python": "пайтон", "java": "джава",
    "telegram": "телеграм", "whatsapp": "вотсап", "bluetooth": "блютус", "the": "зэ",
    "and": "энд", "of": "оф", "you": "ю", "are": "ар", "is": "из", "hello": "хэллоу",
    "world": "уорлд", "love": "лав", "time": "тайм", "new": "нью", "york": "йорк",
    "mail": "мейл", "com": "ком", "ru": "ру", "org": "орг", "net": "нет", "www": "вэ вэ вэ",
    "http": "аш тэ тэ пэ", "https": "аш тэ тэ пэ эс", "github": "гитхаб", "news": "ньюс",
    "one": "уан", "two": "ту", "my": "май", "game": "гейм", "star": "стар", "wars": "уорс",
    "name": "нейм", "code": "код", "data": "дата", "house": "хаус", "music": "мьюзик",
    "example": "экзампл",
    "gmail": "джимейл", "yandex": "яндекс", "vip": "вип", "usb": "ю эс би", "pdf": "пэ дэ эф",
}  # fmt: skip

# What a group of letters sounds like, longest first; # stands for a border of the word.
_SOUNDS = (
    ("tion", "шен"), ("sion", "жн"), ("ough", "оу"), ("eigh", "эй"), ("tch", "ч"), ("sch", "ш"),
    ("igh", "ай"), ("ght", "т"), ("ing", "инг"), ("ious", "иус"), ("ous", "ус"), ("dge", "дж"),
    ("oo", "у"), ("ee", "и"), ("ea", "и"), ("ou", "ау"), ("ow", "оу"), ("ai", "эй"), ("ay", "эй"),
    ("oa", "оу"), ("au", "о"), ("aw", "о"), ("ew", "ью"), ("ey", "и"), ("oy", "ой"), ("oi", "ой"),
    ("ie", "и"), ("sh", "ш"), ("ch", "ч"), ("ph", "ф"), ("th", "т"), ("wh", "у"), ("ck", "к"),
    ("gh", "г"), ("qu", "кв"), ("kn", "н"), ("zh", "ж"), ("kh", "х"), ("ya", "я"), ("yu", "ю"),
    ("yo", "йо"), ("ye", "е"), ("ce", "се"), ("ci", "си"), ("cy", "си"), ("ge", "дже"),
    ("gi", "джи"), ("ss", "сс"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"),
    ("h", "х"), ("i", "и"), ("j", "дж"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"),
    ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"),
    ("v", "в"), ("w", "в"), ("x", "кс"), ("y", "и"), ("z", "з"), ("'", ""),
)  # fmt: skip
_GROUP = re.compile("|".join(group for group, _ in _SOUNDS))
_SILENT_E = re.compile("([aiou])([bdfgklmnpstvz])e$")
_LONG = {"a": "эй", "i": "ай", "o": "оу", "u": "ю"}


def is_usual(word: str) -> bool:
    """Whether a Latin word has a reading of its own."""
    return word.lower() in _KNOWN


def spelt(word: str) -> list[str]:
    """The names of the letters of a Latin word."""
    return [name for letter in word.lower() if (name := LETTERS.get(letter))]


def said(word: str) -> list[str]:
    """A Latin word in Cyrillic: its usual reading, by letters if it is an acronym, or by sound."""
    low = "".join(
        letter for letter in unicodedata.normalize("NFD", word.lower()) if letter in _ALPHABET
    )
    if usual := _KNOWN.get(low):
        return usual.split()
    vowels = sum(letter in "aeiouy" for letter in low)
    if not low or len(low) == 1 or vowels == 0 or (word.isupper() and len(low) <= 4):
        return spelt(low)
    if match := _SILENT_E.search(low):
        stem = _by_sound(low[: match.start()])
        return [stem + _LONG[match[1]] + _by_sound(match[2])]
    if low.endswith("e") and vowels > 1 and low[-2] not in "aeiouy":
        low = low[:-1]
    return [_by_sound(low)]


_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz'-")


def _by_sound(letters: str) -> str:
    table = dict(_SOUNDS)
    made = _GROUP.sub(lambda match: table[match[0]], letters.replace("-", ""))
    made = re.sub(r"(.)\1\1+", r"\1\1", made)
    return "э" + made[1:] if made.startswith("е") and letters[0] == "e" else made
