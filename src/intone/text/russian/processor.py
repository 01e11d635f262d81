"""`RussianPhonemeProcessor`: words and texts of Russian → phonemes and stress."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intone.core.errors import SettingsError, TextError
from intone.text.inventory import PAD
from intone.text.russian.graphemes import OTHER, VOICED, VOWEL_LETTERS, effect_of, transcribe
from intone.text.russian.lexicon import check_stresses, read_stress_dictionary
from intone.text.russian.narrow import narrow
from intone.text.russian.phonemes import IS_VOWEL, NARROW_PHONEMES, PHONEMES
from intone.text.russian.stress import find, without_marks

CacheInfo = namedtuple("CacheInfo", "hits misses maxsize currsize")
"""What a cache has done, as `functools` reports it."""

_CACHE_WORDS = 65_536
PROCLITICS = frozenset(
    "в во с со к ко о об обо у на по за до из изо от ото под подо над при про без безо для "
    "через из-за из-под не ни".split()
)
"""Unstressed words that join the next."""
ENCLITICS = frozenset("же ж бы б ли ль".split())
"""Unstressed words that join the one before."""
UNSTRESSED = frozenset("и а но".split())
"""Unstressed words that stand for themselves."""
_TAILS = frozenset("то ка либо нибудь таки с де".split())
_HEADS = frozenset("по во в кое кой".split())
_HARD_ENDS = frozenset("в с к об из от под над без через из-под".split())
_WORD = re.compile("[а-яё]+")


@dataclass(frozen=True)
class StressInfo:
    """Where a word is stressed; both are -1 if it is not.

    `position` counts syllables from 0, `vowel_index` phonemes. `is_marked` says that a mark
    in the text decided.
    """

    position: int
    vowel_index: int
    is_marked: bool


Spoken = tuple[tuple[str, ...], StressInfo]


class RussianPhonemeProcessor:
    """Phonemes of Russian words and texts, broad, or narrow with `narrow=True`.

    `stress_dict_path` is a file of lines `word<TAB>syllable`; `stresses` is the same as a
    mapping. Blind to meaning: a homograph has its commonest stress unless it is marked.
    """

    def __init__(
        self,
        stress_dict_path: Path | str | None = None,
        stresses: Mapping[str, int] | None = None,
        narrow: bool = False,
    ) -> None:
        self.narrow = narrow
        self.stresses: dict[str, int] = {}
        if stress_dict_path is not None:
            self.stresses.update(read_stress_dictionary(Path(stress_dict_path)))
        self.stresses.update(stresses or {})
        check_stresses(self.stresses, "stresses")
        self.phoneme_to_id = {
            phoneme: i
            for i, phoneme in enumerate((PAD, *(NARROW_PHONEMES if narrow else PHONEMES)))
        }
        self._cache: dict[tuple[str, str | None, bool, bool], Spoken] = {}
        self._hits = 0
        self._misses = 0
        self._texts: dict[str, tuple[str, ...]] = {}
        self._text_hits = 0
        self._text_misses = 0

    def process_word(self, word: str) -> tuple[list[str], StressInfo]:
        """The phonemes of one word by itself, and its stress.

        Raises `TextError` if the word has a letter that is not Russian.
        """
        phonemes, stress = self.spoken(word.lower().strip())
        return list(phonemes), stress

    def process_text(self, text: str) -> list[tuple[str, list[str], StressInfo]]:
        """Each spoken word of a text, with its phonemes and its stress, in their order.

        Numbers and signs are written out; a preposition is a word of its own, said as its
        neighbour has it. A text without words gives an empty list.
        """
        words = self._words(text)
        return [
            (without_marks(word)[0], list(phonemes), stress)
            for word, (phonemes, stress, _) in zip(
                (w for w in words if w[0].isalpha() or w[0] == "+"),
                (s for w, s in zip(words, self.row(words), strict=True)
                 if w[0].isalpha() or w[0] == "+"),
                strict=True,
            )
        ]  # fmt: skip

    def to_ipa(self, phonemes: Sequence[str], stress: StressInfo | None = None) -> str:
        """Phonemes in one word; with `stress`, ˈ before the stressed syllable."""
        if stress is None or stress.vowel_index < 0 or sum(p in IS_VOWEL for p in phonemes) < 2:
            return "".join(phonemes)
        at = _syllable_start(phonemes, stress.vowel_index)
        return "".join(phonemes[:at]) + "ˈ" + "".join(phonemes[at:])

    def text_to_indices(self, text: str) -> list[int]:
        """The number of each phoneme of `text` in `phoneme_to_id`; 0 is the pad."""
        ids = self.phoneme_to_id
        return [ids[p] for _, phonemes, _ in self.process_text(text) for p in phonemes]

    def get_vocab_size(self) -> int:
        """The number of phonemes, with the pad."""
        return len(self.phoneme_to_id)

    def get_phoneme_list(self) -> list[str]:
        """The phonemes in the order of their numbers; the first is the pad."""
        return list(self.phoneme_to_id)

    def get_stress_pattern(self, text: str) -> list[int]:
        """A number for each phoneme of `text`: 1 for a stressed vowel, 0 for all others."""
        pattern: list[int] = []
        for spoken in self.row(self._words(text)):
            pattern.extend(int(p[-1] == "1") for p in spoken[2])
        return pattern

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able description, for `from_dict`."""
        return {"narrow": self.narrow, "stresses": dict(self.stresses)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> RussianPhonemeProcessor:
        """The processor that `to_dict` described; `SettingsError` for an unknown key."""
        if unknown := sorted(set(value) - {"narrow", "stresses"}):
            raise SettingsError(f"a phoneme processor has no {unknown[0]!r}; see to_dict")
        return cls(stresses=value.get("stresses"), narrow=bool(value.get("narrow", False)))

    def clear_cache(self) -> None:
        """Forget the words that were spoken and the texts that were written out."""
        self._cache.clear()
        self._texts.clear()
        self._hits = self._misses = self._text_hits = self._text_misses = 0

    def get_cache_info(self) -> dict[str, CacheInfo]:
        """What the caches of words and of written-out texts have done."""
        return {
            "word_cache": CacheInfo(self._hits, self._misses, _CACHE_WORDS, len(self._cache)),
            "normalize_text_cache": CacheInfo(
                self._text_hits, self._text_misses, 256, len(self._texts)
            ),
        }

    def _words(self, text: str) -> tuple[str, ...]:
        found = self._texts.get(text)
        if found is not None:
            self._text_hits += 1
            return found
        self._text_misses += 1
        from intone.text.russian.normalise import normalise

        words: list[str] = []
        for item in normalise(text):
            words += item.spoken or []
            if item.mark != " ":
                words.append(item.mark)
        if len(self._texts) >= 256:
            self._texts.clear()
        self._texts[text] = made = tuple(words)
        return made

    def row(
        self, words: Sequence[str]
    ) -> list[tuple[tuple[str, ...], StressInfo, tuple[str, ...]]]:
        """The phonemes, stress and tokens of spoken words in a row; marks have none of them.

        Tokens are phonemes with a 1 behind stressed vowels. Clitics are said with the word
        they join.
        """
        made: list[tuple[tuple[str, ...], StressInfo, tuple[str, ...]]] = []
        following: str | None = None
        later = ""
        for i in range(len(words) - 1, -1, -1):
            word = words[i]
            if not (word[0].isalpha() or word[0] == "+"):
                made.append(((), _NO_STRESS, ()))
                following, later = None, ""
                continue
            effect: str | None = None
            unstressed = False
            if later:
                if word in PROCLITICS:
                    effect, unstressed = following, True
                elif later in ENCLITICS and following == VOICED:
                    effect = VOICED
                elif word in UNSTRESSED:
                    unstressed = True
            if word in ENCLITICS and i > 0 and words[i - 1][0].isalpha():
                unstressed = True
            after_hard = word[0] == "и" and i > 0 and words[i - 1] in _HARD_ENDS
            phonemes, stress = self._said(word, effect, after_hard, unstressed)
            made.append((phonemes, stress, _tokens(phonemes, stress)))
            following = _effect(phonemes)
            later = word
        made.reverse()
        return made

    def spoken(self, word: str) -> Spoken:
        """The phonemes of one lower-case word by itself, and its stress, from the cache."""
        return self._said(word, None, False, False)

    def _said(self, word: str, effect: str | None, after_hard: bool, unstressed: bool) -> Spoken:
        key = (word, effect, after_hard, unstressed)
        found = self._cache.get(key)
        if found is not None:
            self._hits += 1
            return found
        self._misses += 1
        if len(self._cache) >= _CACHE_WORDS:
            self._cache.clear()
        made = self._cache[key] = self._make(*key)
        return made

    def _make(self, word: str, effect: str | None, after_hard: bool, unstressed: bool) -> Spoken:
        spelt = "всё-таки" if word == "все-таки" else word
        parts = [part for part in spelt.split("-") if part.strip("+")]
        if not parts:
            raise TextError(f"there is no Russian word in {word!r}; write one")
        phonemes: list[str] = []
        main = -1
        place = -1
        syllables = 0
        marked = False
        whole = self.stresses.get(word)
        said: list[tuple[list[str], int]] = []
        for n in range(len(parts) - 1, -1, -1):
            clitic = unstressed or (
                len(parts) > 1
                and ((n == 0 and parts[0] in _HEADS) or (n > 0 and parts[n] in _TAILS))
            )
            after = effect if n == len(parts) - 1 else _effect(tuple(said[-1][0]))
            said.append(self._part(parts[n], after, after_hard and n == 0, clitic))
            marked = marked or without_marks(parts[n])[1] is not None
        said.reverse()
        for part, stressed in said:
            if stressed >= 0:
                main = len(phonemes) + stressed
                place = syllables + sum(p in IS_VOWEL for p in part[:stressed])
            phonemes += part
            syllables += sum(p in IS_VOWEL for p in part)
        if whole is not None and len(parts) > 1:
            main = [i for i, p in enumerate(phonemes) if p in IS_VOWEL][whole]
            place = whole
        if self.narrow:
            phonemes = narrow(phonemes, main)
        return tuple(phonemes), StressInfo(place, main, marked)

    def _part(
        self, part: str, effect: str | None, after_hard: bool, unstressed: bool
    ) -> tuple[list[str], int]:
        bare, syllable = without_marks(part)
        if not _WORD.fullmatch(bare):
            raise TextError(f"{part!r} has letters that are not Russian; write it in Cyrillic")
        if syllable is None:
            if unstressed:
                syllable = -1
            else:
                bare, syllable = find(bare, self.stresses)
        if not any(letter in VOWEL_LETTERS for letter in bare):
            syllable = -1
        return transcribe(bare, syllable, effect, after_hard)


_NO_STRESS = StressInfo(-1, -1, False)


def _effect(phonemes: Iterable[str]) -> str:
    for phoneme in phonemes:
        return effect_of(phoneme)
    return OTHER


def _tokens(phonemes: tuple[str, ...], stress: StressInfo) -> tuple[str, ...]:
    at = stress.vowel_index
    return phonemes if at < 0 else (*phonemes[:at], phonemes[at] + "1", *phonemes[at + 1 :])


def _syllable_start(phonemes: Sequence[str], vowel: int) -> int:
    """Where the syllable of a vowel begins: behind the vowel before, or the coda it closes."""
    start = vowel
    while start > 0 and phonemes[start - 1] not in IS_VOWEL:
        start -= 1
    if start == 0:
        return 0
    consonants = vowel - start
    if consonants > 1 and phonemes[start][0] in "jlɫrmn":
        return start + 1
    return start
