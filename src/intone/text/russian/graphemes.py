"""Letters → phonemes of one word whose stress is known: the broad transcription."""

from __future__ import annotations

from intone.text.russian.respelling import respell

VOWEL_LETTERS = "аоуыэяёюие"
_CONSONANT = dict(zip("бвгдзклмнпрстфхжшцчщй",
    ("b", "v", "g", "d", "z", "k", "l", "m", "n", "p", "r", "s", "t", "f", "x",
     "ʒ", "ʃ", "ts", "tɕ", "ɕː", "j"), strict=True))  # fmt: skip
_STRESSED = {
    "а": "a", "о": "o", "у": "u", "ы": "ɨ", "э": "e", "я": "a", "ё": "o", "ю": "u", "и": "i",
    "е": "e",
}  # fmt: skip
_SOFTENING = frozenset("еёюяиь")
_IOTATED = frozenset("еёюя")
_ALWAYS_SOFT = frozenset("чщй")
_VOICED = {"b": "p", "v": "f", "g": "k", "d": "t", "z": "s", "ʒ": "ʃ"}
_VOICED |= {a + "ʲ": b + "ʲ" for a, b in _VOICED.items() if a != "ʒ"}
_VOICELESS = {b: a for a, b in _VOICED.items()}
_VOICING = frozenset(_VOICED) - {"v", "vʲ"}
_DEVOICING = frozenset((*_VOICED.values(), "x", "xʲ", "ts", "tɕ", "ɕː"))
_SOFT_DENTALS = frozenset(("tʲ", "dʲ", "nʲ", "sʲ", "zʲ"))
_BEFORE_SOFT = {
    "s": frozenset((*_SOFT_DENTALS, "lʲ")),
    "z": frozenset((*_SOFT_DENTALS, "lʲ")),
    "t": frozenset(("tʲ", "dʲ", "nʲ")),
    "d": frozenset(("tʲ", "dʲ", "nʲ")),
    "n": frozenset((*_SOFT_DENTALS, "tɕ", "ɕː")),
}

VOICED, VOICELESS, OTHER = "voiced", "voiceless", "other"
"""What a sound does to the obstruent before it; in, sonorants and vowels do nothing."""


def vowel_count(word: str) -> int:
    """The number of vowel letters, which is that of syllables."""
    return sum(letter in VOWEL_LETTERS for letter in word)


def effect_of(phoneme: str) -> str:
    """`VOICED`, `VOICELESS` or `OTHER`: what `phoneme` makes of an obstruent before it."""
    if phoneme in _VOICING:
        return VOICED
    return VOICELESS if phoneme in _DEVOICING else OTHER


def transcribe(
    word: str, stress: int, following: str | None = None, after_hard: bool = False
) -> tuple[list[str], int]:
    """The phonemes of `word`, and the index of the stressed one among them, or -1.

    `word` is of lower-case Cyrillic letters; `stress` counts its vowels from 0, and -1 means
    an unstressed word. `following` is the effect of the sound that follows without a pause;
    None devoices the end. `after_hard` says that a hard consonant goes before it without
    a pause, which turns и into ы.
    """
    respelt = respell(word)
    sounds, stressed = _sounds(respelt, stress, after_hard)
    _assimilate(sounds, following)
    return _without_doubles(sounds, stressed, word)


def _sounds(word: str, stress: int, after_hard: bool) -> tuple[list[str], int]:
    sounds: list[str] = []
    stressed = -1
    vowel = 0
    before = "" if not after_hard else "с"
    last = len(word) - 1
    for i, letter in enumerate(word):
        if letter in VOWEL_LETTERS:
            at_start = i == 0 or before in VOWEL_LETTERS or before in "ьъ"
            if (
                (letter in _IOTATED and (at_start or i == 0))
                or (letter == "и" and before == "ь")
                or before == "ь"
                and letter == "о"
            ):
                sounds.append("j")
            if vowel == stress:
                stressed = len(sounds)
                sound = _STRESSED[letter]
                if letter == "и" and before and before in "жшц":
                    sound = "ɨ"
            else:
                sound = _reduced(letter, before, word[i + 1 :], vowel > stress >= 0)
            if letter == "и" and i == 0 and after_hard:
                sound = "ɨ"
            sounds.append(sound)
            vowel += 1
        elif letter in _CONSONANT:
            sound = _CONSONANT[letter]
            following = word[i + 1] if i < last else ""
            if letter not in "жшцчщй" and following in _SOFTENING and following:
                sound += "ʲ"
            sounds.append(sound)
        before = letter
    return sounds, stressed


_ENDINGS = frozenset(("", "м", "х", "ми", "мися", "мся", "сь"))


def _reduced(letter: str, before: str, rest: str, post_tonic: bool) -> str:
    """An unstressed vowel; `rest` is what follows it in its word."""
    if letter in "ую":
        return "u"
    if letter == "ы":
        return "ɨ"
    if letter == "и":
        return "ɨ" if before and before in "жшц" else "i"
    if letter in "ао":
        if letter == "а" and before and before in "чщ":
            return "ə" if rest in _ENDINGS else "ɪ"
        return "ə"
    if letter == "э":
        return "ɪ" if not before or before in VOWEL_LETTERS else "ɨ"
    if letter == "я":
        return "ə" if post_tonic and rest in _ENDINGS else "ɪ"
    return "ɨ" if before and before in "жшц" else "ɪ"


def _assimilate(sounds: list[str], following: str | None) -> None:
    effect = VOICELESS if following is None else following
    soft = ""
    for i in range(len(sounds) - 1, -1, -1):
        sound = sounds[i]
        if effect == VOICELESS:
            sound = _VOICED.get(sound, sound)
        elif effect == VOICED:
            sound = _VOICELESS.get(sound, sound)
        if soft in _BEFORE_SOFT.get(sound, ()):
            sound += "ʲ"
        sounds[i] = soft = sound
        if sound in _VOICED or sound in _DEVOICING:
            # A в that stands before a voiceless sound is one itself by now.
            effect = effect_of(sound)
        else:
            effect = OTHER


_DOUBLING_PREFIXES = (
    "беззаб", "беззв", "беззащ", "без", "вз", "воз", "из", "раз", "рас", "бес", "вос", "ис",
    "над", "под", "от", "в", "с",
)  # fmt: skip


def _without_doubles(sounds: list[str], stressed: int, word: str) -> tuple[list[str], int]:
    """One of two equal consonants goes, unless both are heard.

    They are between vowels behind the stressed one, and at the border of a prefix.
    """
    kept: list[str] = []
    place = stressed
    n = len(sounds)
    for i, sound in enumerate(sounds):
        if i + 1 < n and sound[0] not in "aeiouɨəɪ" and _same(sound, sounds[i + 1]):
            between = i > 0 and i + 2 < n and _is_vowel(sounds[i + 2])
            border = i < 4 and _at_prefix(word)
            heard = between and (i - 1 == stressed or border) and sound not in ("tɕ", "ɕː")
            if not heard and not (i == 0 and between is False and _initial(sounds)):
                if i < stressed:
                    place -= 1
                continue
        kept.append(sound)
    return kept, place


def _initial(sounds: list[str]) -> bool:
    return len(sounds) > 2 and _is_vowel(sounds[2])


def _is_vowel(sound: str) -> bool:
    return sound[0] in "aeiouɨəɪ"


def _same(one: str, other: str) -> bool:
    return one == other or one + "ʲ" == other


def _at_prefix(word: str) -> bool:
    for prefix in _DOUBLING_PREFIXES:
        if word.startswith(prefix) and word[len(prefix) : len(prefix) + 1] == prefix[-1]:
            return True
    return False
