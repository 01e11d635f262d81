from __future__ import annotations

from pathlib import Path

import pytest

from intone.core.errors import CorpusError
from intone.core.types import Phone, Utterance
from intone.corpus.manifest import read_manifest, write_manifest


def utterance(folder: Path, name: str, **fields: object) -> Utterance:
    return Utterance(
        **{
            "id": name,
            "text": "Ещё «quoted» \\ text.",
            "audio_path": folder / "wavs" / f"{name}.wav",
            "speaker": "ann",
            **fields,
        }
    )


def test_what_is_written_is_read_again_also_after_a_move(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    written = [
        utterance(folder, "a", phones=(Phone("pau", 0.125), Phone("ˈɛɹ", 0.5)), language="ru"),
        utterance(folder, "b"),
        utterance(folder, "c", audio_path=tmp_path / "elsewhere.flac"),
    ]
    write_manifest(folder, written)
    assert read_manifest(folder) == written

    moved = folder.rename(tmp_path / "second")
    paths = [u.audio_path for u in read_manifest(moved)]
    assert paths == [moved / "wavs/a.wav", moved / "wavs/b.wav", tmp_path / "elsewhere.flac"]


def test_two_utterances_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="'a'"):
        write_manifest(tmp_path, [utterance(tmp_path, "a"), utterance(tmp_path, "a")])
    assert list(tmp_path.iterdir()) == []


GOOD = '{"id": "a", "audio": "a.wav", "text": "A.", "speaker": "ann"}'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "valid JSON"),
        ("[]", "JSON object"),
        ('{"id": "b", "audio": "b.wav", "text": "B."}', "'speaker'"),
        ('{"id": 7, "audio": "b.wav", "text": "B.", "speaker": "ann"}', "'id'"),
        ('{"id": "b", "audio": "b.wav", "text": "B.", "speaker": "ann", "txt": 1}', "'txt'"),
        (GOOD, "already on line 1"),
        (
            GOOD.replace('"a"', '"b"').replace("}", ', "phones": [["x", 2], ["y", 1]]}'),
            "back in time",
        ),
        (GOOD.replace('"a"', '"b"').replace("}", ', "phones": [["x"]]}'), "end in seconds"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "manifest.jsonl").write_text(f"{GOOD}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 3") as caught:
        read_manifest(tmp_path)
    assert expected in str(caught.value)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="manifest"):
        read_manifest(tmp_path)
