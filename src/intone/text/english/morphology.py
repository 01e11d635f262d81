"""Unknown words made of known ones: plurals, -ed, -ing, prefixes, compounds."""

from __future__ import annotations

from collections.abc import Callable

from intone.text.english.phones import is_vowel

Phones = tuple[str, ...]
LookUp = Callable[[str], Phones | None]

_HISSING = frozenset(["S", "Z", "SH", "ZH", "CH", "JH"])
_VOICELESS = frozenset(["P", "T", "K", "F", "TH"])
# Only endings that, on held-out words, are spoken better so than by the letter-to-sound net.
_PREFIXES: dict[str, Phones] = {
    "re": ("R", "IY0"),
    "non": ("N", "AA0", "N"),
    "pre": ("P", "R", "IY0"),
    "super": ("S", "UW1", "P", "ER0"),
    "anti": ("AE1", "N", "T", "IY0"),
    "multi": ("M", "AH1", "L", "T", "IY0"),
    "cyber": ("S", "AY1", "B", "ER0"),
}
_SUFFIXES: dict[str, Phones] = {
    "ness": ("N", "AH0", "S"),
    "less": ("L", "AH0", "S"),
    "ful": ("F", "AH0", "L"),
    "ers": ("ER0", "Z"),
    "ish": ("IH0", "SH"),
    "able": ("AH0", "B", "AH0", "L"),
    "ment": ("M", "AH0", "N", "T"),
    "ments": ("M", "AH0", "N", "T", "S"),
    "like": ("L", "AY2", "K"),
    "ship": ("SH", "IH2", "P"),
    "hood": ("HH", "UH2", "D"),
    "wise": ("W", "AY2", "Z"),
}
_APOSTROPHES: dict[str, tuple[Phones, Phones]] = {
    # After a consonant, after a vowel.
    "'ll": (("AH0", "L"), ("L",)),
    "'d": (("AH0", "D"), ("D",)),
    "'ve": (("AH0", "V"), ("V",)),
    "'re": (("ER0",), ("R",)),
    "'m": (("AH0", "M"), ("M",)),
    "n't": (("AH0", "N", "T"), ("N", "T")),
}


def plural(phones: Phones) -> Phones:
    """`phones` with the ending of plurals and possessives: S, Z or IH0 Z."""
    last = phones[-1]
    if last in _HISSING:
        return (*phones, "IH0", "Z")
    return (*phones, "S" if last in _VOICELESS else "Z")


def past(phones: Phones) -> Phones:
    """`phones` with the ending -ed: T, D or IH0 D."""
    last = phones[-1]
    if last in ("T", "D"):
        return (*phones, "IH0", "D")
    return (*phones, "T" if last in _VOICELESS | _HISSING - {"Z", "ZH", "JH"} else "D")


def with_apostrophe(word: str, speak: Callable[[str], Phones]) -> Phones | None:
    """A word that ends in 's, s', 'll, 'd, 've, 're, 'm or n't; `speak` gives the rest."""
    if word.endswith("'s") and len(word) > 2:
        return plural(speak(word[:-2]))
    if word.endswith("'") and len(word) > 1:
        return speak(word[:-1])
    for ending, (after_consonant, after_vowel) in _APOSTROPHES.items():
        if word.endswith(ending) and len(word) > len(ending):
            base = speak(word[: -len(ending)])
            return base + (after_vowel if is_vowel(base[-1]) else after_consonant)
    return None


def inflected(word: str, look_up: LookUp) -> Phones | None:
    """An inflected or derived form of a word that `look_up` knows; None if it is none."""
    for found in (
        _plural(word, look_up),
        _verb_form(word, "ed", look_up),
        _verb_form(word, "ing", look_up),
        _verb_form(word, "in'", look_up),
        _derived(word, look_up),
    ):
        if found:
            return found
    return None


def _plural(word: str, look_up: LookUp) -> Phones | None:
    if not word.endswith("s") or word.endswith("ss") or len(word) < 4:
        return None
    stems = [word[:-1]]
    if word.endswith("ies"):
        stems = [word[:-3] + "y"]
    elif word.endswith("es") and word[:-2].endswith(("s", "x", "z", "ch", "sh", "o")):
        stems = [word[:-2], word[:-1]]
    elif word.endswith(("us", "is")):
        return None
    return next((plural(base) for stem in stems if (base := _base(stem, look_up))), None)


def _verb_form(word: str, ending: str, look_up: LookUp) -> Phones | None:
    if not word.endswith(ending) or len(word) < len(ending) + 3:
        return None
    stem = word[: -len(ending)]
    stems = [stem + "e", stem]
    if ending == "ed" and stem.endswith("i"):
        stems = [stem[:-1] + "y"]
    elif stem[-1] == stem[-2] and stem[-1] in "bdfgklmnprstvz":
        stems = [stem[:-1], stem]
    elif not (stem[-1] in "cgsuvz" or (stem[-2] in "aeiou" and stem[-3:-2] not in tuple("aeiou"))):
        stems = [stem, stem + "e"]
    for candidate in stems:
        if base := _base(candidate, look_up):
            if ending == "ed":
                return past(base)
            return (*base, "IH0", "NG" if ending == "ing" else "N")
    return None


def _derived(word: str, look_up: LookUp) -> Phones | None:
    for prefix, phones in _PREFIXES.items():
        if word.startswith(prefix) and len(word) >= len(prefix) + 4:
            rest = look_up(word[len(prefix) :]) or inflected_ending(word[len(prefix) :], look_up)
            if rest:
                light = tuple(p.replace("1", "2") for p in phones)
                return light + rest
    for suffix, phones in _SUFFIXES.items():
        if word.endswith(suffix) and len(word) >= len(suffix) + 4:
            stem = word[: -len(suffix)]
            bases = [stem]
            if stem.endswith("i"):
                bases = [stem[:-1] + "y"]
            elif suffix[0] in "aei":
                bases = [stem[:-1], stem + "e"] if stem[-1] == stem[-2] else [stem, stem + "e"]
            for candidate in bases:
                if base := _base(candidate, look_up):
                    return base + phones
    return None


def inflected_ending(word: str, look_up: LookUp) -> Phones | None:
    """A plural, -ed or -ing form only."""
    return (
        _plural(word, look_up)
        or _verb_form(word, "ed", look_up)
        or _verb_form(word, "ing", look_up)
    )


def _base(stem: str, look_up: LookUp) -> Phones | None:
    return look_up(stem) if len(stem) > 2 else None


_SECOND_WORDS = frozenset(
    "back ball band base bird board boat book bound box break building camp card care case cast "
    "chain chair clip cloth code coin cut deck desk door down drop face fall fire fish "
    "flow fold frame friendly front game gate girl grade graph ground guard gun hand head "
    "holder hole house keeper life light line link list load lock looking maker making "
    "mark master mate meter mill mind model monitor name note pack page paper party path "
    "phone piece pit place plane plate play player point pool port post pot print proof punk "
    "rack rail road roll roof room route sack screen seat set share sheet shelf shell shift "
    "shop shot show sick side sight sign site sitter skin space speak spot stand start stick "
    "stock stone stop storm story stream strike style swap table tail talk test text think time "
    "token track trade trap tube type user wall ware wash watch water wave wear weed wheel wide "
    "wire wood word work worker working world worthy writer writing yard".split()
)
"""Words that English readily puts behind another; names seldom end in them."""


def compound(word: str, look_up: LookUp) -> Phones | None:
    """Two known words in one, the second with its main stress lowered; None if it is none."""
    for cut in range(3, len(word) - 2):
        if word[cut:] not in _SECOND_WORDS:
            continue
        first, second = look_up(word[:cut]), look_up(word[cut:])
        if first and second:
            return first + tuple(phone.replace("1", "2") for phone in second)
    return None
