"""What a person sees of a run: trackers, samples, plots, summaries, progress."""

import logging
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from train_toys import Toy, ToyBatches, batch_of, settings

from intone.audio.files import read_audio
from intone.core.errors import MissingExtra, TrainingError
from intone.core.types import Audio
from intone.train.hearing import Heard
from intone.train.loop import train
from intone.train.meter import Trend
from intone.train.plots import draw, smoothed
from intone.train.progress import duration, open_display
from intone.train.run_folder import RunFolder, changes
from intone.train.summary import curves, summarise
from intone.train.trackers import CsvTracker, PlotTracker, WandbTracker, coloured, read_metrics


def spoken(model):
    assert not model.training
    tone = np.sin(np.arange(2205) / 10).astype(np.float32)
    return Heard(
        {"one": Audio(tone, 22_050)}, {"one": "a tone"}, {"mel": np.eye(4, 9, dtype=np.float32)}
    )


def run(path, **given):
    return train(
        Toy(),
        settings=settings(**{"log_every": 2, "validate_every": 4, "samples_every": 4, **given}),
        batches=ToyBatches(),
        validation=lambda: [batch_of(ToyBatches().mels[0])],
        run=RunFolder(path),
        hear=spoken,
        judge=lambda audio, texts: {"cer": len(audio) / len(texts)},
    )


def test_samples_and_the_judges_figures_are_kept(tmp_path):
    result = run(tmp_path, watch="cer", trackers=["csv", "tensorboard"])
    assert sorted(p.name for p in (tmp_path / "samples").iterdir()) == [
        "step=12",
        "step=4",
        "step=8",
    ]
    assert len(read_audio(tmp_path / "samples/step=4/one.wav").samples) == 2205
    assert Image.open(tmp_path / "samples/step=4/mel.png").size == (9, 4)
    assert result.best == 1.0
    assert result.best_step == 4
    assert (4, "validation/cer", 1.0) in read_metrics(tmp_path / "logs/metrics.csv")

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "logs"))
    events.Reload()
    tags = events.Tags()
    assert {"train/loss", "validation/l1", "learning_rate"} <= set(tags["scalars"])
    assert tags["audio"] == ["samples/one"]
    assert tags["images"] == ["samples/mel"]
    assert [e.step for e in events.Scalars("train/loss")] == [2, 4, 6, 8, 10, 12]


def test_a_failing_sample_never_stops_training(tmp_path, caplog):
    def broken(model):
        raise ZeroDivisionError("no speech")

    result = train(
        Toy(),
        settings=settings(samples_every=4),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
        hear=broken,
    )
    assert result.step == 12
    assert "no samples at step 4: ZeroDivisionError: no speech" in caplog.text


def test_validation_and_samples_do_not_change_what_is_learned(tmp_path):
    run(tmp_path / "watched")
    run(tmp_path / "alone", validate_every=0, samples_every=0)
    watched, alone = (
        torch.cat([v.flatten() for v in load(tmp_path / name).values()])
        for name in ("watched", "alone")
    )
    assert torch.equal(watched, alone)


def load(path):
    from intone.train.checkpoint import voice_weights

    return voice_weights(RunFolder(path).find("last"))


def test_plots_and_summary_of_a_run(tmp_path):
    run(tmp_path)
    figures = curves(RunFolder(tmp_path))
    paths = draw(figures, tmp_path / "plots")
    names = {path.name for path in paths}
    assert names == {
        "losses.png", "components.png", "held_out.png", "learning_rate.png",
        "gradient_norm.png", "pace.png",
    }  # fmt: skip
    for path in paths:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        assert min(pixels.shape[:2]) > 250
        assert (np.ptp(pixels.reshape(-1, 3).astype(int), axis=1) > 60).sum() > 100  # a blue line
    rows = summarise(figures)
    assert rows[0].name.startswith("train/")
    losses = figures["train/loss"][1]
    loss = next(row for row in rows if row.name == "train/loss")
    assert (loss.first, loss.last, loss.lowest) == (losses[0], losses[-1], min(losses))


def test_curves_are_drawn_while_training_runs(tmp_path, monkeypatch):
    """At the first row that is due, not only at the end; names with accuracy get their own."""
    monkeypatch.setattr("intone.train.trackers._SECONDS_TO_FIRST_PLOT", 0.0)
    tracker = PlotTracker(tmp_path / "metrics.csv", tmp_path / "plots")
    table = CsvTracker(tmp_path / "metrics.csv", 0)
    for step in (1, 2):
        for one in (table, tracker):
            one.figures(step, {"train/loss": 1.0 / step, "train/_accuracy_1": 0.1 * step})
    assert {p.name for p in (tmp_path / "plots").iterdir()} == {"losses.png", "accuracy.png"}
    first = (tmp_path / "plots" / "losses.png").stat().st_mtime_ns
    table.figures(3, {"train/loss": 0.1})
    tracker.close()
    table.close()
    assert (tmp_path / "plots" / "losses.png").stat().st_mtime_ns > first


def test_a_folder_without_figures_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="has no logs/metrics.csv"):
        curves(RunFolder(tmp_path))


def test_smoothing_keeps_a_level_and_halves_noise():
    assert smoothed([3.0] * 50) == pytest.approx([3.0] * 50)
    noise = np.random.default_rng(0).normal(size=400)
    assert np.std(smoothed(list(noise))) < 0.5 * np.std(noise)


def test_trends():
    falling, rising, level = Trend(), Trend(), Trend()
    assert [falling.arrow(1 / (1 + i)) for i in range(5)][-1] == "↓"
    assert [rising.arrow(1.0 + i) for i in range(5)][-1] == "↑"
    assert [level.arrow(1.0) for _ in range(5)][-1] == "→"


def test_lines_are_rare_on_a_pipe_and_all_in_the_log(tmp_path, caplog, capsys):
    row = {
        "train/mel": 1.0, "train/loss": 2.0, "time/step_seconds": 0.1,
        "time/frames_per_second": 1000.0, "time/data_fraction": 0.25,
    }  # fmt: skip
    with open_display(tmp_path / "train.log", every_seconds=60) as display:
        for step in (1, 2, 3):
            display.show(step, step / 10, 100.0, row)
        logging.getLogger("intone.train").info("a note")
    shown = capsys.readouterr().err.splitlines()
    assert shown == [
        " 10% step 1 · loss 2→ mel 1→ · 0.1 s/step, 1000 frames/s, data 25% · 2 min left", "a note",
    ]  # fmt: skip
    assert len((tmp_path / "train.log").read_text(encoding="utf-8").splitlines()) == 4


def test_durations_for_people():
    assert [duration(s) for s in (4.2, 89, 100, 3900, 11100)] == [
        "4 s", "89 s", "2 min", "65 min", "3 h 05 min",
    ]  # fmt: skip


def test_csv_drops_what_a_kill_cut_short(tmp_path):
    path = tmp_path / "logs" / "metrics.csv"
    first = CsvTracker(path, 0)
    for step in (1, 2, 3):
        first.figures(step, {"a": step / 3, "b": float("nan")})
    first.close()
    with path.open("a", encoding="utf-8") as file:
        file.write("4,a")
    second = CsvTracker(path, 2)
    second.figures(3, {"a": 9.0})
    second.close()
    rows = read_metrics(path)
    assert [(step, name) for step, name, _ in rows] == [
        (1, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a"),
    ]  # fmt: skip
    assert rows[0][2] == 1 / 3
    assert rows[-1][2] == 9.0


@pytest.fixture
def wandb(monkeypatch):
    """Stands in for W&B's library, which keeps what it is told, and drops steps that go back."""
    fake = types.ModuleType("wandb")
    fake.told, fake.logged, fake.artifacts, fake.finished = {}, [], {}, 0

    class Run:
        def log(self, values, step):
            if not fake.logged or step >= fake.logged[-1][0]:
                fake.logged.append((step, values))

        def log_artifact(self, artifact):
            fake.artifacts[artifact.name] = artifact

        def finish(self):
            fake.finished += 1

    class Artifact:
        def __init__(self, name, type):
            self.name, self.type, self.files = name, type, []

        def add_dir(self, folder):
            self.files = sorted(path.name for path in Path(folder).iterdir())

    def init(**given):
        fake.told = given
        return Run()

    fake.init, fake.Artifact = init, Artifact
    fake.Audio = lambda samples, sample_rate, caption: ("sound", samples, sample_rate, caption)
    fake.Image = lambda pixels: ("picture", pixels.shape)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    return fake


def test_wandb_gets_all_of_a_run_and_stays_offline_without_a_key(tmp_path, wandb):
    train(
        Toy(),
        settings=settings(
            log_every=2, validate_every=4, samples_every=4, watch="cer", trackers=["wandb"]
        ),
        batches=ToyBatches(),
        validation=lambda: [batch_of(ToyBatches().mels[0])],
        run=RunFolder(tmp_path / "anna"),
        hear=spoken,
        judge=lambda audio, texts: {"cer": 1.0},
        config={"train": {"steps": 12}, "family": "toy"},
    )
    told = wandb.told
    assert (told["mode"], told["project"], told["id"]) == ("offline", "intone", "anna")
    assert told["resume"] == "allow" and told["dir"] == str(tmp_path / "anna" / "logs")
    assert told["config"] == {"train": {"steps": 12}, "family": "toy"}
    figures = {name: step for step, values in wandb.logged for name in values}
    assert {"train/loss", "validation/cer", "learning_rate"} <= figures.keys()
    assert [step for step, values in wandb.logged if "train/loss" in values] == [2, 4, 6, 8, 10, 12]
    sounds = [(s, v["samples/one"]) for s, v in wandb.logged if "samples/one" in v]
    assert [(s, len(v[1]), *v[2:]) for s, v in sounds] == [
        (4, 2205, 22_050, "step 4"), (8, 2205, 22_050, "step 8"), (12, 2205, 22_050, "step 12"),
    ]  # fmt: skip
    pictures = [v["samples/mel"] for _, v in wandb.logged if "samples/mel" in v]
    assert pictures == [("picture", (4, 9, 3))] * 3
    kept = wandb.artifacts["anna-best"]
    assert kept.type == "model" and "model.safetensors" in kept.files
    assert wandb.finished == 1


def test_wandb_hears_a_sound_of_an_earlier_step(tmp_path, wandb):
    tracker = WandbTracker(tmp_path / "logs", "anna", {})
    tracker.figures(9, {"loss": 1.0})
    tracker.sound(3, "test/anna-1", Audio(np.zeros(5, np.float32), 8000))
    assert wandb.logged[-1][0] == 9
    assert wandb.logged[-1][1]["test/anna-1"][3] == "step 3"


def test_wandb_goes_online_where_it_is_told_to(tmp_path, wandb, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    WandbTracker(tmp_path / "logs", "anna", {})
    assert wandb.told["mode"] == "online"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    WandbTracker(tmp_path / "logs", "anna", {})
    assert wandb.told["mode"] == "disabled"


def test_a_missing_wandb_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingExtra, match=r"intone\[wandb\]"):
        WandbTracker(tmp_path, "anna", {})


def test_pictures_have_low_rows_at_the_bottom():
    values = np.zeros((2, 3), np.float32)
    values[0] = 1  # the lowest band is loud
    image = coloured(values)
    assert image.shape == (2, 3, 3)
    assert image[1].mean() > image[0].mean()


def test_changes_between_configurations():
    old = {"train": {"steps": 1, "betas": (0.9, 0.98), "gone": 3}, "room": "acoustic"}
    new = {"train": {"steps": 2, "betas": [0.9, 0.98], "new": 4}, "room": "acoustic"}
    assert changes(old, new) == [
        "train.steps: 1 → 2", "train.gone: 3 → None", "train.new: None → 4",
    ]  # fmt: skip
