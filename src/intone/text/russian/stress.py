"""Which syllable of a word is stressed: marks, the user's words, the lexicon, then form."""

from __future__ import annotations

from collections.abc import Mapping

from intone.text.russian.graphemes import VOWEL_LETTERS, vowel_count
from intone.text.russian.lexicon import known

ACUTE, GRAVE, TONE = "\u0301", "\u0300", "\u0341"
MARKS = ACUTE + GRAVE + TONE


def without_marks(word: str) -> tuple[str, int | None]:
    """`word` without stress marks, and the syllable they were on, or None.

    A combining accent stands behind its vowel, `+` before it. Of several, the last acute
    (or +) counts; a grave counts if there is none.
    """
    letters: list[str] = []
    main: int | None = None
    secondary: int | None = None
    waiting = False
    syllable = -1
    for letter in word:
        if letter == "+":
            waiting = True
        elif letter in MARKS:
            if syllable >= 0 and letters[-1] in VOWEL_LETTERS:
                if letter == GRAVE:
                    secondary = syllable
                else:
                    main = syllable
        else:
            letters.append(letter)
            if letter in VOWEL_LETTERS:
                syllable += 1
                if waiting:
                    main = syllable
                waiting = False
    return "".join(letters), main if main is not None else secondary


def find(word: str, own: Mapping[str, int]) -> tuple[str, int]:
    """`word` with its ё restored, and its stressed syllable; `word` is lower-case, unmarked."""
    if (syllable := own.get(word)) is not None:
        return word, syllable
    count = vowel_count(word)
    if count == 0:
        return word, -1
    if found := known(word):
        return found
    if count == 1:
        return word, 0
    if "ё" in word:
        return word, vowel_count(word[: word.rindex("ё")])
    if found := _derived(word):
        return found
    return word, _by_form(word, count)


_PREFIXES = tuple(
    sorted(
        "по за на до от у при пере про раз рас с со из ис воз вос под над об о в во вз вс обо "
        "подо разо изо ото взо не без бес пред недо пре наи сверх контр анти авто видео фото "
        "теле радио аэро гидро электро микро макро мульти супер гипер меж между само псевдо "
        "экс вице квази нано био эко ультра лже полу кино мото вело "
        "невы непо не бес без небез".split(),
        key=len,
        reverse=True,
    )
)
_IMPERFECTIVE = ("ать", "ять", "ает", "яет", "ают", "яют", "аю", "яю", "аешь", "яешь", "аем",
    "яем", "ал", "ала", "али", "ял", "яла", "яли", "аете", "яете")  # fmt: skip


def _derived(word: str) -> tuple[str, int] | None:
    """By a known word behind a prefix, or in front of -ся."""
    if word[-2:] in ("ся", "сь") and (found := known(word[:-2])):
        return found[0] + word[-2:], found[1]
    bare = word[:-2] if word[-2:] in ("ся", "сь") else word
    ending = word[len(bare) :]
    if word.startswith("вы") and len(word) > 4 and known(bare[2:]):
        found = known(bare[2:])
        assert found is not None
        if bare.endswith(_IMPERFECTIVE):
            return "вы" + found[0] + ending, found[1] + 1
        return word, 0
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(bare) - len(prefix) > 2:
            rest = bare[len(prefix) :].lstrip("ъ")
            if found := known(rest):
                shift = vowel_count(prefix)
                whole = bare[: len(bare) - len(rest)] + found[0] + ending
                return whole, found[1] + shift
    return None


# An ending of a word, and how many vowels before the word's end its stress is (1: the last).
_ENDINGS = {
    "ация": 3, "ации": 3, "ацию": 3, "ацией": 3, "аций": 2, "ациям": 3, "ациях": 3, "ациями": 4,
    "иция": 3, "иции": 3, "ицию": 3, "яция": 3, "яции": 3, "енция": 3, "енции": 3,
    "ение": 3, "ения": 3, "ению": 3, "ением": 3, "ении": 3, "ений": 2, "ениям": 3, "ениях": 3,
    "ениями": 4, "ание": 3, "ания": 3, "анию": 3, "анием": 3, "ании": 3, "аний": 2,
    "ировать": 3, "ирует": 3, "ируют": 3, "ирую": 3, "ировал": 3, "ировала": 4, "ировали": 4,
    "ирование": 5, "ирования": 5, "ированию": 5, "ированием": 5, "ировании": 5,
    "ический": 3, "ическая": 4, "ическое": 4, "ические": 4, "ического": 4, "ическому": 4,
    "ическим": 3, "ической": 3, "ическую": 4, "ических": 3, "ическими": 4, "ическом": 3,
    "ически": 3, "альный": 2, "альная": 3, "альное": 3, "альные": 3, "ального": 3,
    "альному": 3, "альным": 2, "альной": 2, "альную": 3, "альных": 2, "альными": 3,
    "альном": 2, "ально": 2, "ивный": 2, "ивная": 3, "ивное": 3, "ивные": 3, "ивного": 3,
    "ивной": 2, "ивных": 2, "ивным": 2, "ивную": 3, "ивно": 2,
    "ательный": 3, "ательная": 4, "ательное": 4, "ательные": 4, "ательного": 4,
    "ательной": 3, "ательных": 3, "ательным": 3, "ательно": 3,
    "ительный": 3, "ительная": 4, "ительное": 4, "ительные": 4, "ительного": 4,
    "ительной": 3, "ительных": 3, "ительным": 3, "ительно": 3,
    "ывать": 3, "ивать": 3, "ывает": 4, "ивает": 4, "ывают": 4, "ивают": 4, "ывал": 3,
    "ивал": 3, "ывала": 4, "ивала": 4, "ывали": 4, "ивали": 4, "ываю": 4, "иваю": 4,
    "ываешь": 4, "иваешь": 4, "ываем": 4, "иваем": 4, "ывай": 3, "ивай": 3, "ывание": 5,
    "ивание": 5,
    "ывания": 5, "ивания": 5, "анность": 3, "анности": 4, "анностью": 4,
    "ировка": 2, "ировки": 2,
    "изм": 1, "изма": 2, "изму": 2, "измом": 2, "изме": 2, "ист": 1, "иста": 2, "исту": 2,
    "истов": 2, "исты": 2, "истам": 2, "ент": 1, "ента": 2, "енты": 2, "ентов": 2,
    "ант": 1, "анта": 2, "анты": 2, "антов": 2, "ировщик": 2, "овщик": 1,
    "атор": 2, "атора": 3, "аторы": 3, "аторов": 3, "атору": 3, "атором": 3,
    "тель": 2, "теля": 3, "телю": 3, "телем": 3, "тели": 3, "телей": 3, "телям": 3, "телями": 4,
    "логия": 3, "логии": 3, "логию": 3, "логией": 3, "графия": 3, "графии": 3, "графию": 3,
    "метр": 1, "метра": 2, "метров": 2, "ура": 2, "уры": 2, "уру": 2, "атура": 2,
    "овать": 1, "евать": 1, "ует": 2, "уют": 2,
    "ость": 2, "ости": 3, "остью": 3, "остей": 3, "остям": 3, "остях": 3, "остями": 4,
    "ович": 3, "овича": 4, "овна": 3, "евич": 3, "евна": 3, "ский": 2, "ская": 3,
    "ское": 3, "ские": 3, "ского": 3, "скому": 3, "ским": 2, "ской": 2, "скую": 3, "ских": 2,
    "скими": 3, "ском": 2, "ный": 2, "ная": 3, "ное": 3, "ные": 3, "ного": 3, "ному": 3,
    "ным": 2, "ной": 2, "ную": 3, "ных": 2, "ными": 3, "ном": 2, "ить": 1, "ать": 1, "еть": 1,
    "ять": 1, "уть": 1, "ила": 2, "или": 2, "ил": 1, "ило": 2, "ала": 2, "али": 2, "ал": 1,
    "ало": 2, "яла": 2, "яли": 2, "ял": 1, "ает": 2, "ают": 2, "яет": 2, "яют": 2, "аешь": 2,
    "аем": 2, "аю": 2, "яю": 2, "ировав": 2, "очка": 2, "очки": 2, "очку": 2,
    "ушка": 2, "ушки": 2, "енька": 2, "онька": 2, "ища": 2, "ина": 2, "ник": 2,
    "ница": 3, "овый": 2, "овая": 3, "овое": 3, "овые": 3, "ого": 3, "его": 3,
    "ому": 3, "ему": 3, "ыми": 3, "ими": 3, "ый": 2, "ий": 2, "ая": 3, "яя": 3, "ое": 3, "ее": 3,
    "ые": 3, "ие": 3, "ую": 3, "юю": 3, "ых": 2, "их": 2, "ым": 2, "им": 2, "ой": 2,
    "ия": 3, "ию": 3, "ии": 3, "ией": 3, "ами": 3, "ями": 3, "ах": 2, "ях": 2, "ам": 2, "ям": 2,
    "ов": 2, "ев": 2, "ом": 2, "ем": 2,
}  # fmt: skip
# Endings of adjectives behind a suffix, and how many vowels from the suffix's end the stress is.
_HARD_ENDINGS = "ый ая ое ые ого ому ым ой ую ых ыми ом".split()
_SOFT_ENDINGS = "ий ая ее ие его ему им ей ую их ими ем".split()
_SUFFIXES = {
    "ающ": 2, "яющ": 2, "ующ": 2, "ывающ": 4, "ивающ": 4, "ирующ": 3, "ствующ": 3,
}  # fmt: skip
_HARD_SUFFIXES = {"анн": 2, "ованн": 2, "ированн": 3, "ственн": 2, "аем": 2, "яем": 2}
for _suffixes, _endings in ((_SUFFIXES, _SOFT_ENDINGS), (_HARD_SUFFIXES, _HARD_ENDINGS)):
    _ENDINGS.update(
        (suffix + ending, place + vowel_count(ending))
        for suffix, place in _suffixes.items()
        for ending in _endings
    )
_LONGEST = max(map(len, _ENDINGS))
_OPEN = frozenset(VOWEL_LETTERS)


def _by_form(word: str, count: int) -> int:
    bare = word[:-2] if word[-2:] in ("ся", "сь") and count > 2 else word
    lost = count - vowel_count(bare)
    for length in range(min(_LONGEST, len(bare) - 1), 1, -1):
        place = _ENDINGS.get(bare[-length:])
        if place is not None:
            return max(0, count - lost - place)
    if bare[-1] in _OPEN or bare[-1] == "ь":
        return max(0, count - lost - 2)
    return max(0, count - lost - 1)
