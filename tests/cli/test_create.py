"""From recordings to a voice by one command, and a voice out of a run again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import read_audio, write_audio
from intone.cli.main import main
from intone.core.types import Audio
from intone.train.interrupt import TrainingInterrupted

RATE = 22_050
WORDS = "ab cab bad dab cad abc add".split()
QUICK = [
    "--preset", "tiny", "--minutes", "0", "--frontend", "characters", "train.steps=4",
    "train.save_every=4", "train.log_every=2", "train.validate_every=4", "train.samples_every=0",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "train.warmup_steps=1",
    "data.max_frames=600",
]  # fmt: skip


def letter(name: str, source: np.random.Generator) -> np.ndarray:
    time = np.arange(int(RATE * 0.08)) / RATE
    hertz = 110 * (1 + "abcd".index(name))
    tones = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 8))
    return np.hanning(len(time)) * (tones + 0.02 * source.normal(size=len(time)))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve recordings of a speaker whose letters are tones, and one that is not a sound."""
    folder = tmp_path_factory.mktemp("made") / "mine"
    (folder / "ann").mkdir(parents=True)
    source = np.random.default_rng(0)
    for number in range(12):
        text = " ".join(source.choice(WORDS, 4))
        sounds = [letter(c, source) if c != " " else np.zeros(1_500) for c in text]
        sound = 0.15 * np.concatenate([np.zeros(3_000), *sounds, np.zeros(3_000)])
        sound += 1e-4 * source.normal(size=len(sound))
        write_audio(folder / "ann" / f"{number:02}.wav", Audio(sound.astype(np.float32), RATE))
        (folder / "ann" / f"{number:02}.lab").write_text(text, encoding="utf-8")
    (folder / "ann" / "99.wav").write_bytes(b"RIFF no sound")
    (folder / "ann" / "99.lab").write_text("bad", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def created(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that `intone create` leaves, its aligner being of few steps."""
    from intone.train import align

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(align, "STEPS_FROM_SCRATCH", 4)
        runs = tmp_path_factory.mktemp("runs")
        assert main(["create", str(recordings), "-o", str(runs), *QUICK]) == 0
    return runs / "mine"


def test_one_command_leaves_a_voice_that_has_spoken(created: Path) -> None:
    assert (created / "voice" / "voice.json").is_file()
    assert len(read_audio(created / "hello.wav").samples) > 0
    aside = (created / "check" / "set_aside.txt").read_text(encoding="utf-8")
    assert "ann_99" in aside
    card = json.loads((created / "voice" / "voice.json").read_text(encoding="utf-8"))["card"]
    assert card["command"] == "intone create mine"
    assert card["trained_on"].startswith("mine: 12 utterances")


def test_the_same_command_again_does_nothing_twice(
    created: Path, recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = (created / "check" / "report.json").stat().st_mtime_ns
    assert main(["create", str(recordings), "-o", str(created.parent), *QUICK]) == 0
    out = capsys.readouterr().out
    assert "12 of 13 utterances are usable" in out
    assert "(0 computed, 12 kept)" in out
    assert "aligned before" in out
    assert "4. train: 4 steps" in out
    assert f'now try: intone speak "your text" --voice {created / "voice"}' in out
    assert (created / "check" / "report.json").stat().st_mtime_ns == config


def test_stopped_it_says_that_the_same_command_goes_on(
    created: Path,
    recordings: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise TrainingInterrupted("stopped at step 3; go on with --run mine --resume auto", 2)

    monkeypatch.setattr("intone.cli.corridor.train_voice", interrupted)
    assert main(["create", str(recordings), "-o", str(created.parent), *QUICK]) == 130
    error = capsys.readouterr().err
    assert error == "intone: stopped, everything is saved; the same command goes on\n"


def test_a_voice_is_written_again_elsewhere_and_says_the_same(
    created: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ["export", str(created), "-o", str(tmp_path / "again"), "--checkpoint", "step=4"]
    assert main(again) == 0
    assert "from step=4" in capsys.readouterr().out
    sounds = []
    for voice in (created / "voice", tmp_path / "again"):
        out = tmp_path / "said.wav"
        assert main(["speak", "--voice", str(voice), "a bad cab", "-o", str(out)]) == 0
        sounds.append(read_audio(out).samples)
    assert np.array_equal(*sounds)
    assert len(sounds[0]) > 1_000


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["export", "EMPTY"], "give the folder of a training run"),
        (["export", "RUN", "--checkpoint", "step=7"], "there is no checkpoint step=7"),
        (["export", "RUN", "--vocoder", "nonesuch"], "nonesuch"),
        (["create", "EMPTY"], "is no corpus"),
        (["create", "CORPUS", "-o", "NEW", "--frontend", "klingon"], "klingon"),
        (["create", "CORPUS", "-o", "NEW", "--preset", "huge"], "no preset 'huge'"),
        (["create", "CORPUS", "-o", "NEW", "train.sede=1"], "did you mean"),
        (["create", "CORPUS", "-o", "NEW", "--vocoder", "nonesuch"], "nonesuch"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str],
    expected: str,
    created: Path,
    recordings: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    names = {
        "EMPTY": str(tmp_path / "empty"),
        "RUN": str(created),
        "CORPUS": str(recordings),
        "NEW": str(tmp_path / "new"),
    }
    assert main([names.get(a, a) for a in arguments]) in (1, 2)
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert not (tmp_path / "new").exists()
