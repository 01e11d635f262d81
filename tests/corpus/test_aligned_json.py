"""One long recording and the JSON of its words: cut at pauses, the last tenth held out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from intone.audio.files import read_audio, write_audio
from intone.core.errors import CorpusError
from intone.core.types import Audio
from intone.corpus.readers import read_corpus
from intone.corpus.set_aside import read_set_aside

RATE = 16_000
Words = list[dict[str, Any]]


def recording(path: Path, sentences: int = 12) -> Words:
    """A tone for each word: three words of 0.4 s a sentence, 0.1 s between, 1 s after it."""
    words: Words = []
    sound = [np.zeros(RATE // 2)]
    for number in range(sentences):
        for i, name in enumerate(("Tone", f"number{number}", "sounds")):
            start = sum(map(len, sound)) / RATE
            words.append({"word": name, "start": start, "end": start + 0.4, "score": 0.9})
            tone = np.sin(2 * np.pi * (200 + 100 * i) * np.arange(int(0.4 * RATE)) / RATE)
            sound += [0.3 * tone, np.zeros(RATE // 10)]
        sound.append(np.zeros(RATE * 9 // 10))
    write_audio(path, Audio(np.concatenate(sound).astype("f4"), RATE))
    return words


def transcribe(path: Path, words: Words, **more: Any) -> None:
    text = " ".join(w["word"] + (", then." if w["word"] == "sounds" else "") for w in words)
    content = {"text": text, "segments": [{"words": words}], **more}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac"])
def test_fragments_end_at_pauses_and_the_last_tenth_is_held_out(
    tmp_path: Path, suffix: str
) -> None:
    words = recording(tmp_path / f"speech{suffix}")
    transcribe(tmp_path / "speech_transcription.json", words)
    utterances, rejections = read_corpus(tmp_path, language="en")
    assert rejections == []
    assert 3 <= len(utterances) <= 12
    spoken = " ".join(u.text for u in utterances)
    assert spoken.split() == [
        w for n in range(12) for w in ("Tone", f"number{n}", "sounds,", "then.")
    ]
    assert all(u.text.startswith("Tone") and u.text.endswith("then.") for u in utterances)
    for utterance in utterances:
        audio = read_audio(utterance.audio_path)
        sentences = utterance.text.count("then.")
        assert audio.seconds == pytest.approx(2.4 * sentences - 0.6, abs=0.2)
        assert np.abs(audio.samples[:800]).max() < 0.05 > np.abs(audio.samples[-800:]).max()
    held = read_set_aside(tmp_path / "speech_fragments" / "held_out.txt")
    assert list(held) == [utterances[-1].id]
    assert {u.speaker for u in utterances} == {"speech"}


def test_a_second_reading_leaves_the_fragments_alone_until_a_file_changes(tmp_path: Path) -> None:
    words = recording(tmp_path / "speech.wav", 3)
    transcribe(tmp_path / "speech.json", words)
    first, _ = read_corpus(tmp_path / "speech.json")
    times = [u.audio_path.stat().st_mtime_ns for u in first]
    second, _ = read_corpus(tmp_path / "speech.json")
    assert second == first
    assert [u.audio_path.stat().st_mtime_ns for u in second] == times
    words[0]["word"] = "Bell"
    transcribe(tmp_path / "speech.json", words)
    assert read_corpus(tmp_path / "speech.json")[0][0].text.startswith("Bell")


def test_ends_may_be_missing_and_words_may_have_no_time(tmp_path: Path) -> None:
    words = recording(tmp_path / "speech.wav")
    for word in words:
        del word["end"]
    del words[4]["start"]
    transcribe(tmp_path / "speech.json", words, metadata={"language": "de"})
    utterances, rejections = read_corpus(tmp_path)
    assert rejections == []
    assert " ".join(u.text for u in utterances).count("Tone") == 12
    assert {u.language for u in utterances} == {"de"}


def test_characters_alone_serve_and_so_do_segments(tmp_path: Path) -> None:
    words = recording(tmp_path / "speech.wav", 4)
    characters: Words = []
    for word in words:
        step = (word["end"] - word["start"]) / len(word["word"])
        characters += [
            {"char": c, "start": word["start"] + i * step, "word": word["word"], "segment_id": 0}
            for i, c in enumerate(word["word"])
        ]
    text = " ".join(w["word"] for w in words)
    content: dict[str, Any] = {"text": text, "character_alignments": characters}
    (tmp_path / "speech.json").write_text(json.dumps(content), encoding="utf-8")
    by_letter, _ = read_corpus(tmp_path)
    assert " ".join(u.text for u in by_letter) == text
    segments = [
        {"text": " ".join(w["word"] for w in words[i : i + 3]), "start": words[i]["start"],
         "end": words[i + 2]["end"]}
        for i in range(0, 12, 3)
    ]  # fmt: skip
    (tmp_path / "speech.json").write_text(json.dumps({"segments": segments}), encoding="utf-8")
    by_segment, _ = read_corpus(tmp_path)
    assert [u.text for u in by_segment] == [u.text for u in by_letter]


def test_a_text_without_times_is_one_utterance_or_must_be_aligned(tmp_path: Path) -> None:
    (tmp_path / "speech.json").write_text('{"text": "Tone number sounds."}', encoding="utf-8")
    recording(tmp_path / "speech.wav", 3)
    (utterance,), _ = read_corpus(tmp_path)
    assert utterance.text == "Tone number sounds."
    recording(tmp_path / "speech.wav", 12)
    with pytest.raises(CorpusError, match="align it first"):
        read_corpus(tmp_path)


def test_times_outside_the_recording_set_their_fragment_aside(tmp_path: Path) -> None:
    words = recording(tmp_path / "speech.wav")
    words[-1].update(start=500.0, end=501.0)
    words[3]["start"] = -2.0
    words[4]["start"] = "soon"
    transcribe(tmp_path / "speech.json", words)
    utterances, rejections = read_corpus(tmp_path)
    assert utterances
    reasons = " ".join(r.reason for r in rejections)
    assert "'sounds' begins at 500 s, outside the recording of" in reasons
    assert "'Tone' begins at -2 s" in reasons
    said = " ".join(u.text for u in utterances)
    assert "number6 " in said and "number1 " not in said and "number11" not in said


def test_stereo_is_mixed(tmp_path: Path) -> None:
    words = recording(tmp_path / "mono.wav", 2)
    mono, rate = soundfile.read(tmp_path / "mono.wav")
    (tmp_path / "mono.wav").unlink()
    soundfile.write(tmp_path / "speech.wav", np.stack([mono, 0 * mono], axis=1), rate)
    transcribe(tmp_path / "speech.json", words)
    (utterance,), _ = read_corpus(tmp_path)
    made = read_audio(utterance.audio_path)
    assert np.abs(made.samples).max() == pytest.approx(0.15, abs=0.01)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not valid JSON"),
        ("{}", "holds no words"),
        ("[1]", "must hold an object"),
        ('{"segments": "none"}', "'segments' must be a list"),
        ('{"segments": [{"words": [{"word": " ", "start": 1}]}]}', "holds no words"),
        ('{"segments": [{"words": [{"word": "a", "start": 900}]}]}', "no time fits"),
    ],
)
def test_a_transcription_of_no_use_says_why(tmp_path: Path, content: str, reason: str) -> None:
    recording(tmp_path / "speech.wav", 2)
    (tmp_path / "speech.json").write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=reason):
        read_corpus(tmp_path)


def test_a_missing_or_broken_recording_says_why(tmp_path: Path) -> None:
    (tmp_path / "speech.json").write_text('{"text": "Hello."}', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"speech\.mp3"):
        read_corpus(tmp_path, "aligned-json")
    (tmp_path / "speech.mp3").write_bytes(b"no sound at all")
    with pytest.raises(CorpusError, match=r"speech\.mp3"):
        read_corpus(tmp_path)
