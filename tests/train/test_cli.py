from train_toys import Toy, ToyBatches, settings

from intone.cli.main import main
from intone.train.loop import train
from intone.train.run_folder import RunFolder


def test_analyze_draws_and_tells(tmp_path, capsys):
    train(Toy(), settings=settings(), batches=ToyBatches(), run=RunFolder(tmp_path))
    capsys.readouterr()
    assert main(["analyze", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["figure", "first", "last", "lowest", "at", "step"]
    assert any(line.startswith("train/loss ") for line in lines)
    assert f"last checkpoint: {tmp_path / 'checkpoints' / 'step=12'}" in lines
    assert (tmp_path / "plots" / "losses.png").stat().st_size > 5000


def test_analyze_of_a_checkpoint_ends_at_its_step(tmp_path, capsys):
    given = settings(save_every=4, log_every=2, keep=3)
    train(Toy(), settings=given, batches=ToyBatches(), run=RunFolder(tmp_path))
    capsys.readouterr()
    assert main(["analyze", str(tmp_path / "checkpoints" / "step=8")]) == 0
    told = capsys.readouterr().out
    assert (tmp_path / "plots" / "step=8" / "losses.png").is_file()
    rate = next(line for line in told.splitlines() if line.startswith("train/loss "))
    assert int(rate.split()[4]) <= 8


def test_analyze_of_another_folder_is_one_line(tmp_path, capsys):
    assert main(["analyze", str(tmp_path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_describe_lists_models_and_settings(capsys):
    assert main(["describe"]) == 0
    listed = capsys.readouterr().out
    assert "fastspeech2" in listed
    assert "vocos" in listed
    assert main(["describe", "vocos"]) == 0
    told = capsys.readouterr().out
    for setting in ("model.channels = 256", "train.learning_rate = ", "data.segment_frames = ",
                    "losses.mel = 15.0", "tiny: model.channels=32"):  # fmt: skip
        assert setting in told
    assert main(["describe", "vocoss"]) == 2
    assert "did you mean 'vocos'?" in capsys.readouterr().err


def test_every_setting_has_a_meaning():
    from intone.core.settings import describe
    from intone.train.settings import DataSettings, TrainSettings

    for cls in (TrainSettings, DataSettings):
        assert all(meaning for _, _, meaning in describe(cls))
