"""Russian words and sentences have the phonemes and the stress that they should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from intone.core.errors import SettingsError, TextError
from intone.text.russian import RussianPhonemeProcessor

HERE = Path(__file__).parent
WORDS = [line.split("\t") for line in (HERE / "words.tsv").read_text("utf-8").splitlines()]
SENTENCES = [line.split("\t") for line in (HERE / "sentences.tsv").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def processor() -> RussianPhonemeProcessor:
    return RussianPhonemeProcessor()


def test_the_tables_are_large() -> None:
    assert len(WORDS) >= 600 and len(SENTENCES) >= 60


@pytest.mark.parametrize(("word", "phonemes", "stress"), WORDS, ids=[w[0] for w in WORDS])
def test_words(processor: RussianPhonemeProcessor, word: str, phonemes: str, stress: str) -> None:
    made, info = processor.process_word(word)
    assert (" ".join(made), info.position) == (phonemes, int(stress))


@pytest.mark.parametrize(("text", "spoken"), SENTENCES, ids=[s[0] for s in SENTENCES])
def test_sentences(processor: RussianPhonemeProcessor, text: str, spoken: str) -> None:
    shown = (
        " ".join(p + "1" * (i == info.vowel_index) for i, p in enumerate(phonemes))
        for _, phonemes, info in processor.process_text(text)
    )
    assert " | ".join(shown) == spoken


@pytest.mark.parametrize(
    ("word", "broad", "narrow", "stress"),
    [
        ("говорить", "gəvərʲitʲ", "ɡəvɐˈrʲitʲ", 2),
        ("привет", "prʲivʲet", "prʲɪˈvʲet", 1),
        ("как", "kak", "kak", 0),
        ("дела", "dʲɪla", "dʲɪˈɫa", 1),
        ("что", "ʃto", "ʂto", 0),
        ("конечно", "kənʲeʃnə", "kɐˈnʲeʂnə", 1),
        ("его", "jɪvo", "jɪˈvo", 1),
        ("сегодня", "sʲɪvodʲnʲə", "sʲɪˈvodʲnʲə", 1),
    ],
)
def test_the_promised_examples(
    processor: RussianPhonemeProcessor, word: str, broad: str, narrow: str, stress: int
) -> None:
    phonemes, info = processor.process_word(word)
    assert ("".join(phonemes), info.position) == (broad, stress)
    other = RussianPhonemeProcessor(narrow=True)
    assert other.to_ipa(*other.process_word(word)) == narrow


def test_the_stress_pattern_has_a_value_a_phoneme(processor: RussianPhonemeProcessor) -> None:
    text = "говорить по-русски"
    pattern = processor.get_stress_pattern(text)
    assert len(pattern) == len(processor.text_to_indices(text))
    assert sum(pattern) == 2
    stressed = [i for i, value in enumerate(pattern) if value]
    row = [p for _, phonemes, _ in processor.process_text(text) for p in phonemes]
    assert [row[i] for i in stressed] == ["i", "u"]


@pytest.mark.parametrize("mark", ["за\u0301мок", "за\u0300мок", "за\u0341мок", "з+амок"])
def test_marks_decide(processor: RussianPhonemeProcessor, mark: str) -> None:
    phonemes, info = processor.process_word(mark)
    assert (info.position, info.is_marked, phonemes[1]) == (0, True, "a")
    assert processor.process_word("замо\u0301к")[1].position == 1


def test_a_users_dictionary_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("# mine\nзамок\t1\n", encoding="utf-8")
    assert RussianPhonemeProcessor(path).process_word("замок")[1].position == 1
    path.write_text("замок\t7\n", encoding="utf-8")
    with pytest.raises(TextError, match="замок"):
        RussianPhonemeProcessor(path)
    path.write_text("замок первый\n", encoding="utf-8")
    with pytest.raises(TextError, match="line 1"):
        RussianPhonemeProcessor(path)


@pytest.mark.parametrize(
    ("plain", "restored"),
    [("идет", "идёт"), ("зеленый", "зелёный"), ("ее", "её"), ("огонек", "огонёк")],
)
def test_yo_is_restored(processor: RussianPhonemeProcessor, plain: str, restored: str) -> None:
    assert processor.process_word(plain) == processor.process_word(restored)


def test_it_comes_back_from_its_description(processor: RussianPhonemeProcessor) -> None:
    made = RussianPhonemeProcessor(stresses={"замок": 1}, narrow=True)
    again = RussianPhonemeProcessor.from_dict(made.to_dict())
    assert again.process_word("замок") == made.process_word("замок")
    assert again.get_phoneme_list() == made.get_phoneme_list()
    with pytest.raises(SettingsError, match="colour"):
        RussianPhonemeProcessor.from_dict({"colour": 1})


def test_caches_count_and_are_cleared() -> None:
    made = RussianPhonemeProcessor()
    made.process_word("дом")
    made.process_word("дом")
    assert made.get_cache_info()["word_cache"].hits == 1
    made.clear_cache()
    assert made.get_cache_info()["word_cache"].currsize == 0


def test_indices_are_within_the_vocabulary(processor: RussianPhonemeProcessor) -> None:
    ids = processor.text_to_indices("Съешь ещё этих мягких французских булок, да выпей чаю.")
    assert 0 not in ids and max(ids) < processor.get_vocab_size()
    assert len(processor.get_phoneme_list()) == processor.get_vocab_size()


@given(some.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=14))
def test_any_word_has_known_phonemes(word: str) -> None:
    made = RussianPhonemeProcessor(narrow=False)
    phonemes, info = made.process_word(word)
    assert set(phonemes) <= set(made.get_phoneme_list()[1:])
    assert -1 <= info.vowel_index < max(1, len(phonemes))


def test_letters_that_are_not_russian_are_refused(processor: RussianPhonemeProcessor) -> None:
    with pytest.raises(TextError, match="hello"):
        processor.process_word("hello")


def test_it_needs_neither_torch_nor_espeak() -> None:
    code = (
        "import sys\n"
        "from intone.text import frontend\n"
        "frontend.build('russian', 'ru').symbols('Привет, мир!')\n"
        "assert not {'torch', 'espeakng_loader'} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("word", "syllable"),
    [
        ("плюхирует", 1),
        ("плюхировал", 1),
        ("глокающая", 1),
        ("глокающих", 1),
        ("кудрячивает", 1),
        ("кудрячивающий", 1),
        ("бокрирующий", 1),
        ("будланный", 0),
        ("хватит", 0),
        ("подслушанному", 1),
        ("достигает", 2),
        ("молодец", 2),
    ],
)
def test_words_in_no_lexicon_follow_their_endings_and_mended_ones_the_norm(
    word: str, syllable: int
) -> None:
    assert RussianPhonemeProcessor().process_word(word)[1].position == syllable


def test_all_the_same_has_yo() -> None:
    assert "o" in RussianPhonemeProcessor().process_word("все-таки")[0]
