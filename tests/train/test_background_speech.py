"""Speech of novel sentences while training goes on."""

import logging
import sys

import pytest
import torch
from train_toys import Toy, ToyBatches, settings

from intone.audio.files import read_audio
from intone.core.errors import SettingsError
from intone.train.background_speech import FOLDER, BackgroundSpeech, script_of
from intone.train.checkpoint import voice_weights
from intone.train.loop import train
from intone.train.run_folder import RunFolder

WAITS = """
import os, sys, time, wave
go, busy, out = sys.argv[1:]
os.close(os.open(busy, os.O_CREAT | os.O_EXCL))
for _ in range(3000):
    if os.path.exists(go):
        break
    time.sleep(0.01)
else:
    sys.exit("nobody said go")
with wave.open(out + "/anna-1.wav", "wb") as sound:
    sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(8000)
    sound.writeframes(bytes(1600))
os.remove(busy)
"""


class SaysGo(Toy):
    """Writes the file `go` in its eighth step."""

    def __init__(self, go):
        super().__init__()
        self.go, self.steps = go, 0

    def losses(self, batch):
        self.steps += 1
        if self.steps == 8:
            self.go.touch()
        return super().losses(batch)


def test_steps_go_on_while_one_speech_at_a_time_is_made(tmp_path, caplog):
    caplog.set_level(logging.INFO, "intone.train")
    go, busy = tmp_path / "go", tmp_path / "busy"

    def command(weights, out):
        assert voice_weights(weights).keys() == Toy().state_dict().keys()
        return [sys.executable, "-c", WAITS, str(go), str(busy), str(out)]

    folder = tmp_path / "run" / FOLDER
    result = train(
        SaysGo(go),
        settings=settings(test_every=2, trackers=["csv", "tensorboard"]),
        batches=ToyBatches(),
        run=RunFolder(tmp_path / "run"),
        test=BackgroundSpeech(folder, command),
    )
    # The speech of step 2 waited for a later step: had training waited for it, there were none.
    assert result.step == 12
    assert len(read_audio(folder / "step=2" / "anna-1.wav").samples) == 800
    assert "no test speech at step 4: that of 2 is not over" in caplog.text
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert not list(folder.glob("*/weights"))

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "run" / "logs"))
    events.Reload()
    assert events.Tags()["audio"] == ["test/anna-1"]
    assert events.Audio("test/anna-1")[0].step == 2


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('it has no voice')"], "it has no voice"),
        ([sys.executable, "-c", "import os; os._exit(3)"], "exit status 3"),
        (["/there/is/no/such/program"], "No such file"),
    ],
)
def test_a_speech_that_fails_is_a_warning(tmp_path, caplog, command, told):
    result = train(
        Toy(),
        settings=settings(test_every=12),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
        test=BackgroundSpeech(tmp_path / FOLDER, lambda weights, out: command),
    )
    assert result.step == 12
    (warning,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert warning.startswith("no test speech at step 12") and told in warning


def test_an_aborted_training_leaves_no_speech_behind(tmp_path):
    class Broken(Toy):
        def losses(self, batch):
            if (tmp_path / "busy").exists():
                raise ZeroDivisionError
            return super().losses(batch)

    def command(weights, out):
        return [sys.executable, "-c", WAITS, *(str(tmp_path / n) for n in ("go", "busy", "out"))]

    speech = BackgroundSpeech(tmp_path / FOLDER, command)
    with pytest.raises(ZeroDivisionError):
        train(
            Broken(),
            settings=settings(steps=10**6, test_every=1, save_every=10**6),
            batches=ToyBatches(),
            run=RunFolder(tmp_path),
            test=speech,
        )
    (tmp_path / "busy").unlink()
    speech.begin({"a": torch.zeros(1)}, 9)  # nothing is running any more
    speech.close()
    assert [p.name for p in (tmp_path / FOLDER).glob("step=9")] == ["step=9"]


def test_who_says_what():
    ours = script_of(settings(), "en-us", ("a", "b", "c", "d"))
    assert ours.speakers == ("a", "b", "c") and len(ours.sentences) >= 2
    asked = settings(test_sentences=["Ahoj."], test_speakers=["d"])
    assert script_of(asked, "cs", ("a", "d")).sentences == ("Ahoj.",)
    with pytest.raises(SettingsError, match="no speaker 'd'"):
        script_of(asked, "cs", ("a",))
    with pytest.raises(SettingsError, match="no sentences in 'cs'"):
        script_of(settings(), "cs", ("a",))
