"""One long recording and its text become a voice, by one command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import read_audio, write_audio
from intone.cli.main import main
from intone.core.types import Audio, Conditions
from intone.corpus.teachers import teacher
from intone.evaluate.ctc import CTCRecogniser
from intone.evaluate.word_times import word_times
from intone.speech import Voice

LINES = (
    "The ship left the harbour before the sun came up.",
    "Nobody had told the children about the letter.",
    "Seven birds sat on the roof of the old mill.",
    "She asked for bread, milk and a box of matches.",
    "In the evening the rain began to fall again.",
    "The teacher closed his book and went home.",
    "They waited for the train in the cold wind.",
    "A small boat was lying under the bridge.",
    "The garden behind the house was full of roses.",
    "He paid for the ticket and took his seat.",
    "There was no light in any of the windows.",
    "At last the long winter came to an end.",
)
QUICK = [
    "--preset", "tiny", "--steps", "4", "--cpu-only", "--vocab-size", "60", "train.save_every=4",
    "train.log_every=2", "train.validate_every=4", "train.samples_every=0", "train.threads=1",
    "train.trackers=[csv]", "train.warmup_steps=1", "data.max_frames=600",
]  # fmt: skip


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """A folder with an mp3 and a JSON without times; and where each line truly begins."""
    folder = tmp_path_factory.mktemp("story")
    takes = list(teacher("espeak").speak("en-us", list(LINES)))
    starts, sounds, at = [], [], 0
    for take in takes:
        starts.append(at / take.audio.sample_rate)
        pause = np.zeros(take.audio.sample_rate // 3, np.float32)
        sounds += [take.audio.samples, pause]
        at += len(take.audio.samples) + len(pause)
    write_audio(folder / "story.mp3", Audio(np.concatenate(sounds), takes[0].audio.sample_rate))
    content = {"text": " ".join(LINES), "metadata": {"language": "en"}}
    (folder / "words.json").write_text(json.dumps(content), encoding="utf-8")
    return folder, starts


def test_words_of_a_long_recording_are_found(recording: tuple[Path, list[float]]) -> None:
    folder, starts = recording
    audio = read_audio(folder / "story.mp3")
    words = word_times(audio, " ".join(LINES), CTCRecogniser("en"))
    assert [w.text for w in words] == " ".join(LINES).split()
    firsts = np.cumsum([0, *(len(line.split()) for line in LINES[:-1])])
    for first, start in zip(firsts, starts, strict=True):
        assert words[first].start_seconds == pytest.approx(start, abs=0.25)
    for one, other in zip(words[:-1], words[1:], strict=True):
        assert one.start_seconds <= one.end_seconds <= other.start_seconds + 1e-6


@pytest.fixture(scope="module")
def run(recording: tuple[Path, list[float]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that `intone pipeline` leaves, its aligner being of few steps."""
    from intone.train import align

    folder, _ = recording
    out = tmp_path_factory.mktemp("runs")
    command = ["pipeline", "mamba-conv", "--audio", str(folder / "story.mp3")]
    command += ["--transcription", str(folder / "words.json"), "-o", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(align, "STEPS_FROM_SCRATCH", 4)
        assert main([*command, *QUICK]) == 0
    return out / "story"


def test_the_last_tenth_is_kept_from_learning_and_spoken(run: Path) -> None:
    folder = run / "recording" / "story_fragments"
    manifest = [json.loads(x) for x in (folder / "manifest.jsonl").read_text().splitlines()]
    assert " ".join(row["text"] for row in manifest) == " ".join(LINES)
    held = [x.split("\t")[0] for x in (folder / "held_out.txt").read_text().splitlines()]
    assert held == [manifest[-1]["id"]]
    learned = json.loads((run / "prepared" / "story" / "corpus.json").read_text())
    assert learned["utterances"] <= len(manifest) - 1
    report = json.loads((run / "test" / "test.json").read_text())
    assert [row["passes"] for row in report["rows"]] == [1, 4, 8, 16]
    for key in held:
        for what in ("1iter", "8iter", "recorded"):
            assert read_audio(run / "test" / f"{key}_{what}.wav").seconds > 0


def test_the_voice_speaks_like_a_reference(run: Path) -> None:
    voice = Voice.load(run / "voice", threads=1)
    (heard,) = (run / "test").glob("*_recorded.wav")
    reference = Conditions(reference=read_audio(heard))
    styled = voice.speak("The birds came home.", reference).audio
    again = voice.speak("The birds came home.", reference).audio
    assert len(styled.samples) > 0 and np.array_equal(styled.samples, again.samples)


def test_another_checkpoint_and_other_passes_can_be_tested(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing a checkpoint as a voice takes long and is tested elsewhere."""
    asked: list[object] = []

    def export(run: Path, output: Path, checkpoint: str, *others: object) -> None:
        asked.append(checkpoint)
        shutil.copytree(run / "voice", output)

    monkeypatch.setattr("intone.cli.export.export", export)
    assert main(["test", str(run), "--model", "step=4", "-i", "2"]) == 0
    assert asked == ["step=4"]
    assert "1 held-out texts" in capsys.readouterr().out
    assert list((run / "test").glob("*_2iter.wav"))
    assert main(["analyze", str(run)]) == 0


def test_what_lacks_is_said_before_anything_is_done(
    recording: tuple[Path, list[float]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = recording
    audio, words = str(folder / "story.mp3"), str(folder / "words.json")
    given = ["train", "mamba-conv", "-o", str(tmp_path)]
    assert main([*given, "--audio", audio]) == 2
    assert "--transcription" in capsys.readouterr().err
    two = ["--audio", audio, "--transcription", words]
    assert main([*given, *two, "--corpus", str(folder)]) == 2
    assert "give one" in capsys.readouterr().err
    assert main(["train", "vocoder", *two, "-o", str(tmp_path)]) == 2
    assert "is none" in capsys.readouterr().err
    wrong = [*given, "--audio", audio, "--transcription", words, "model.chanels=3"]
    assert main(wrong) == 2
    assert "chanels" in capsys.readouterr().err
    deaf = [*given, "--audio", audio, "--transcription", words, "--language", "pl"]
    assert main(deaf) == 1
    assert "give each word a 'start'" in capsys.readouterr().err
