from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from intone.core.errors import CorpusError, SettingsError
from intone.core.types import Utterance
from intone.corpus.manifest import write_manifest
from intone.corpus.readers import read_corpus

Record = Callable[..., Path]


def test_ljspeech_takes_the_normalised_text_and_sets_bad_lines_aside(
    tmp_path: Path, record: Record
) -> None:
    corpus = tmp_path / "MyVoice"
    for name in ("LJ1", "LJ2", "LJ3", "LJ4"):
        record(corpus / "wavs" / f"{name}.wav")
    (corpus / "wavs" / "LJ4.wav").write_bytes(b"")
    (corpus / "metadata.csv").write_bytes(
        b'LJ1|It cost $5, "he" said.|It cost five dollars, "he" said.\r\n'
        b"LJ2|Plain.\n"
        b"no bars here\n"
        b"LJ3|Not UTF-8: \xe9\xe8.\n"
        b"\n"
        b"LJ9|Where is it?|\n"
        b"LJ4|Empty.|\n"
    )
    utterances, rejections = read_corpus(corpus)
    assert [(u.id, u.text, u.speaker) for u in utterances] == [
        ("LJ1", 'It cost five dollars, "he" said.', "MyVoice"),
        ("LJ2", "Plain.", "MyVoice"),
    ]
    reasons = {r.id: r.reason for r in rejections}
    assert "id|text" in reasons["metadata.csv, line 3"]
    assert "UTF-8" in reasons["metadata.csv, line 4"]
    assert "LJ9.wav" in reasons["LJ9"]
    assert "empty" in reasons["LJ4"]
    assert len(rejections) == 4


def test_the_russian_variant_is_read(tmp_path: Path, record: Record) -> None:
    record(tmp_path / "005559_RUSLAN.wav")
    (tmp_path / "metadata_RUSLAN_22200.csv").write_text(
        '\ufeff005559_RUSLAN|Он сказал: "Ёж".\n', encoding="utf-8"
    )
    (utterance,), rejections = read_corpus(tmp_path, language="ru")
    assert (utterance.text, utterance.language) == ('Он сказал: "Ёж".', "ru")
    assert utterance.audio_path == tmp_path / "005559_RUSLAN.wav"
    assert rejections == []


def test_speaker_folders(tmp_path: Path, record: Record) -> None:
    for name in ("ann/a.wav", "ann/b.flac", "bob/chapter/a.ogg", "bob/alone.wav"):
        record(tmp_path / name)
    (tmp_path / "ann/a.lab").write_text("First\ntext.\n", encoding="utf-8")
    (tmp_path / "ann/b.txt").write_text("Second.", encoding="utf-16")
    (tmp_path / "ann/._a.wav").write_bytes(b"of another system")
    (tmp_path / "bob/chapter/a.normalized.txt").write_text("Third.", encoding="utf-8")
    utterances, rejections = read_corpus(tmp_path)
    assert [(u.id, u.speaker, u.text) for u in utterances] == [
        ("ann_a", "ann", "First text."),
        ("ann_b", "ann", "Second."),
        ("bob_chapter_a", "bob", "Third."),
    ]
    assert [(r.id, "no text" in r.reason) for r in rejections] == [("bob_alone", True)]


@pytest.mark.parametrize("texts", ["{}/a.txt", "{}/wavs/a.lab", "{}/texts/a.txt"])
def test_one_speaker_without_a_folder_of_its_own(
    tmp_path: Path, record: Record, texts: str
) -> None:
    root = tmp_path / "carol"
    text = Path(texts.format(root))
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text("Hello.", encoding="utf-8")
    record(root / ("a.wav" if text.parent == root else "wavs/a.wav"))
    (utterance,), _ = read_corpus(root)
    assert (utterance.id, utterance.speaker, utterance.text) == ("a", "carol", "Hello.")


def test_a_manifest_goes_first_and_missing_sound_is_rejected(
    tmp_path: Path, record: Record
) -> None:
    (tmp_path / "metadata.csv").write_text("x|y\n", encoding="utf-8")
    sound = record(tmp_path / "wavs/a.wav")
    write_manifest(
        tmp_path,
        [
            Utterance("a", "A.", sound, "ann", "de"),
            Utterance("b", "B.", tmp_path / "wavs/b.wav", "ann"),
            Utterance("c", "  ", sound, "ann"),
        ],
    )
    utterances, rejections = read_corpus(tmp_path)
    assert [(u.id, u.language) for u in utterances] == [("a", "de")]
    assert [r.id for r in rejections] == ["b", "c"]


def test_what_is_set_aside_is_not_read(tmp_path: Path, record: Record) -> None:
    for name in "abc":
        record(tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.lab").write_text(name, encoding="utf-8")
    (tmp_path / "set_aside.txt").write_text("# remark\nb\tit coughs\nc\n", encoding="utf-8")
    utterances, rejections = read_corpus(tmp_path)
    assert [u.id for u in utterances] == ["a"]
    assert {r.id: r.reason for r in rejections} == {
        "b": "listed in set_aside.txt: it coughs",
        "c": "listed in set_aside.txt: listed by hand",
    }


def test_ids_that_collide_are_not_both_used(tmp_path: Path, record: Record) -> None:
    for name in ("a_b/c", "a/b_c"):
        record(tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.lab").write_text(name, encoding="utf-8")
    utterances, rejections = read_corpus(tmp_path)
    assert len(utterances) == 1
    assert "same id" in rejections[0].reason


def test_a_folder_without_a_corpus_says_what_was_looked_for_and_found(tmp_path: Path) -> None:
    for name in ("one.docx", "two.docx", "speech.wav"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CorpusError) as caught:
        read_corpus(tmp_path)
    text = str(caught.value)
    for part in ("manifest.jsonl", "metadata.csv", "a.lab", "2 .docx", "1 .wav"):
        assert part in text


def test_a_layout_can_be_demanded(tmp_path: Path, record: Record) -> None:
    record(tmp_path / "a.wav")
    (tmp_path / "a.lab").write_text("Hello.", encoding="utf-8")
    assert len(read_corpus(tmp_path, "speaker-folders")[0]) == 1
    with pytest.raises(CorpusError, match=r"metadata\.csv"):
        read_corpus(tmp_path, "ljspeech")
    with pytest.raises(SettingsError, match="speaker-folders"):
        read_corpus(tmp_path, "nonsense")
    with pytest.raises(CorpusError, match="no corpus"):
        read_corpus(tmp_path / "missing")


def test_a_corpus_of_nothing_but_bad_lines_says_why(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("a|Text.\nb|Text.\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"2 were rejected, such as a: there is no recording"):
        read_corpus(tmp_path)


def test_a_reader_of_another_package_is_asked_first(
    tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = record(tmp_path / "a.wav")

    class Mine:
        name = "mine"
        looks_for = "anything"

        def recognises(self, path: Path) -> bool:
            return True

        def read(self, path: Path, language: str) -> tuple[list[Utterance], list[object]]:
            return [Utterance("mine", "Text.", sound, "me", language)], []

    class Entry:
        name = "readers/mine"

        def load(self) -> type[Mine]:
            return Mine

    monkeypatch.setattr("intone.corpus.readers.entry_points", lambda group: [Entry()])
    assert read_corpus(tmp_path)[0][0].id == "mine"


def test_a_table_with_commas_says_what_to_put_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("a,one\nb,two\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"metadata\.csv has no line of the form id\|text"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("below", ["", "wavs"])
def test_ruslan_is_read_as_it_is_given_out(tmp_path: Path, record: Record, below: str) -> None:
    """Two columns, no header, quotes that are nothing but quotes; flat or in wavs/."""
    folder = tmp_path / "RUSLAN"
    (folder / below).mkdir(parents=True)
    lines = {"000000_RUSLAN": 'Он сказал: "Нет, спасибо', "000001_RUSLAN": "Ёлка — это дерево."}
    for name in lines:
        record(folder / below / f"{name}.wav")
    text = "\n".join(f"{name}|{line}" for name, line in lines.items())
    (folder / "metadata_RUSLAN_22200.csv").write_text(text + "\n", encoding="utf-8")
    utterances, rejections = read_corpus(folder)
    assert {u.id: u.text for u in utterances} == lines and not rejections
    assert {(u.language, u.speaker) for u in utterances} == {("ru", "ruslan")}


def test_ruslan_without_its_table_is_read_from_its_texts(tmp_path: Path, record: Record) -> None:
    record(tmp_path / "wavs" / "000000_RUSLAN.wav")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "000000_RUSLAN.txt").write_text("Это ёж.", encoding="utf-8")
    (utterance,), rejections = read_corpus(tmp_path, "ruslan")
    assert (utterance.text, utterance.language, utterance.speaker) == ("Это ёж.", "ru", "ruslan")
    assert rejections == []
