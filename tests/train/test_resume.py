"""A run can be stopped or killed at any instant and loses nothing."""

import multiprocessing
import random
import signal
import sys
import time
from pathlib import Path

import pytest
import torch
import train_toys
from train_toys import Toy, ToyBatches, ToyGan, batch_of, settings

from intone.core.errors import TrainingError
from intone.train import checkpoint as checkpoints
from intone.train.interrupt import Interrupt, TrainingInterrupted
from intone.train.loop import train
from intone.train.run_folder import RunFolder
from intone.train.trackers import read_metrics


def last(path):
    return checkpoints.read(RunFolder(path).find("last"))


def assert_same(one, other):
    assert one.model.keys() == other.model.keys()
    for kind in ("model", "ema", "optimiser"):
        mine, theirs = getattr(one, kind) or {}, getattr(other, kind) or {}
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(value, theirs[name]) for name, value in mine.items())


def run(path, model=None, *, batches=None, resume=None, **given):
    return train(
        model or Toy(),
        settings=settings(**given),
        batches=batches or ToyBatches(),
        run=RunFolder(Path(path)),
        resume=resume,
        config={"train": settings(**given).model_dump()},
    )


@pytest.mark.parametrize("model", [Toy, ToyGan])
def test_a_resumed_run_equals_one_that_never_stopped(tmp_path, model):
    class Stop(Exception):
        pass

    class Failing(ToyBatches):
        def epoch(self, seed, epoch, skip):
            for count, batch in enumerate(super().epoch(seed, epoch, skip)):
                if epoch == 1 and count == 7:
                    raise Stop
                yield batch

    run(tmp_path / "whole", model(), steps=30, ema_decay=0.9)
    with pytest.raises(Stop):
        run(tmp_path / "cut", model(), steps=30, ema_decay=0.9, batches=Failing())
    assert last(tmp_path / "cut").state.step == 16
    run(tmp_path / "cut", model(seed=5) if model is Toy else model(), steps=30, ema_decay=0.9,
        resume="auto")  # fmt: skip
    assert_same(last(tmp_path / "whole"), last(tmp_path / "cut"))


@pytest.mark.skipif(sys.platform == "win32", reason="forkserver")
def test_kill_9_at_any_instant_loses_nothing(tmp_path):
    context = multiprocessing.get_context("forkserver")
    # What the first optimiser would import; the children are forked with it.
    context.set_forkserver_preload(["torch._dynamo", "intone.train.loop"])
    whole = context.Process(target=train_toys.slowly, args=(str(tmp_path / "whole"), 0.0))
    whole.start()
    rng = random.Random(7)
    log, kills = tmp_path / "cut" / "train.log", 0

    def starts():
        return log.read_text(encoding="utf-8").count("from step") if log.exists() else 0

    while True:
        process = context.Process(target=train_toys.slowly, args=(str(tmp_path / "cut"), 0.01))
        before = starts()
        process.start()
        while starts() == before and process.exitcode is None:
            time.sleep(0.005)
        process.join(rng.uniform(0.05, 0.4))
        if process.exitcode is not None:
            break
        process.kill()
        process.join()
        kills += 1
    whole.join()
    assert process.exitcode == 0
    assert kills >= 3
    assert last(tmp_path / "cut").state.step == 60
    assert_same(last(tmp_path / "whole"), last(tmp_path / "cut"))
    rows = [row[:2] for row in read_metrics(tmp_path / "cut/logs/metrics.csv")]
    assert len(rows) == len(set(rows))
    expected = [row[:2] for row in read_metrics(tmp_path / "whole/logs/metrics.csv")]
    assert rows == expected


def test_a_run_cut_off_before_its_last_look_has_it_after_all(tmp_path):
    class Cut(Exception):
        pass

    def cut():
        raise Cut

    def going(validation):
        train(
            Toy(),
            settings=settings(steps=6, save_every=3, validate_every=4),
            batches=ToyBatches(),
            validation=validation,
            run=RunFolder(tmp_path),
            resume="auto",
        )

    looks = iter([lambda: [batch_of(ToyBatches().mels[0])], cut])
    with pytest.raises(Cut):
        going(lambda: next(looks)())
    going(lambda: [batch_of(ToyBatches().mels[0])])
    rows = read_metrics(tmp_path / "logs/metrics.csv")
    assert [step for step, name, _ in rows if name == "validation/loss"] == [4, 6]


def test_metrics_after_a_resume_have_every_step_once(tmp_path):
    run(tmp_path, steps=10, save_every=4, log_every=1)
    (tmp_path / "logs/metrics.csv").open("a", encoding="utf-8").write("11,train/lo")
    run(tmp_path, steps=14, log_every=1, resume="step=8")
    steps = [
        step
        for step, name, _ in read_metrics(tmp_path / "logs/metrics.csv")
        if name == "train/loss"
    ]
    assert steps == list(range(1, 15))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, number):
    class Pressing(ToyBatches):
        def epoch(self, seed, epoch, skip):
            for count, batch in enumerate(super().epoch(seed, epoch, skip)):
                if count == 5:
                    signal.raise_signal(number)
                yield batch

    before = signal.getsignal(number)
    with pytest.raises(
        TrainingInterrupted, match="step 6, everything is saved.*--resume auto"
    ) as e:
        run(tmp_path / "cut", batches=Pressing(), save_every=100)
    assert e.value.exit_code == 128 + number
    assert last(tmp_path / "cut").state.step == 6
    assert signal.getsignal(number) is before
    run(tmp_path / "cut", resume="auto")
    run(tmp_path / "whole")
    assert_same(last(tmp_path / "whole"), last(tmp_path / "cut"))


def test_a_second_ctrl_c_is_left_to_the_system_which_ends_at_once():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.signal == signal.SIGINT
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before


def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path, monkeypatch):
    real = checkpoints._write_tensors

    def full(path, tensors):
        if "step=8" in str(path) and path.name.startswith("optimiser"):
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        real(path, tensors)

    monkeypatch.setattr(checkpoints, "_write_tensors", full)
    with pytest.raises(TrainingError, match="No space left on device") as error:
        run(tmp_path / "cut")
    assert "\n" not in str(error.value)
    assert last(tmp_path / "cut").state.step == 4
    assert [p.name for p in (tmp_path / "cut/checkpoints").glob("*step*")] == ["step=4"]
    monkeypatch.undo()
    run(tmp_path / "cut", resume="auto")
    run(tmp_path / "whole")
    assert_same(last(tmp_path / "whole"), last(tmp_path / "cut"))


def test_changed_settings_are_reported_and_hold(tmp_path, caplog):
    run(tmp_path, steps=4)
    caplog.clear()
    run(tmp_path, steps=8, learning_rate=0.5, schedule="constant", resume="auto", log_every=8)
    changed = [r.getMessage() for r in caplog.records if "changed since" in r.getMessage()]
    assert "changed since the checkpoint: train.learning_rate: 0.01 → 0.5" in changed
    assert "changed since the checkpoint: train.steps: 4 → 8" in changed
    assert len(changed) == 4  # and the schedule, and log_every
    assert (8, "learning_rate", 0.5) in read_metrics(tmp_path / "logs/metrics.csv")


def test_other_batch_sizes_keep_the_share_of_the_epoch(tmp_path):
    run(tmp_path, steps=4, save_every=4)
    seen = []

    class Double(ToyBatches):
        def epoch(self, seed, epoch, skip):
            seen.append((epoch, skip))
            return super().epoch(seed, epoch, skip)

    run(tmp_path, steps=5, batches=Double(count=20), resume="auto")
    assert seen == [(0, 8)]


def test_unfreezing_a_part_goes_on_with_the_optimiser_of_the_others(tmp_path):
    run(tmp_path, steps=4, freeze=["encoder.*"])
    run(tmp_path, steps=8, resume="auto")
    steps = {
        name: int(value) for name, value in last(tmp_path).optimiser.items() if "/step" in name
    }
    assert steps["model/decoder.weight/step"] == 8
    assert steps["model/encoder.0.weight/step"] == 4


def test_a_run_is_not_overwritten_unasked(tmp_path):
    run(tmp_path)
    with pytest.raises(TrainingError, match="holds a run already; go on with --resume auto"):
        run(tmp_path)


def test_a_finished_run_resumes_to_nothing(tmp_path):
    run(tmp_path)
    before = (tmp_path / "checkpoints/step=12/state.json").stat().st_mtime_ns
    assert run(tmp_path, resume="auto").step == 12
    assert (tmp_path / "checkpoints/step=12/state.json").stat().st_mtime_ns == before


def test_two_trainers_cannot_share_a_run(tmp_path):
    with RunFolder(tmp_path).locked(), pytest.raises(TrainingError, match="another training"):
        run(tmp_path)


def test_another_model_is_an_error(tmp_path):
    run(tmp_path)
    with pytest.raises(TrainingError, match="model with other dimensions"):
        run(tmp_path, ToyGan(), resume="auto")


def test_a_missing_checkpoint_is_named(tmp_path):
    run(tmp_path)
    with pytest.raises(TrainingError, match=r"no checkpoint step=5; .*step=4, step=8, step=12"):
        run(tmp_path, resume="step=5")


def test_old_checkpoints_go_and_the_best_stays(tmp_path):
    class Rising(Toy):
        def losses(self, batch):
            if not self.training:
                self.judged = getattr(self, "judged", 0) + 1
                return {"l2": torch.tensor(float(self.judged))}
            return super().losses(batch)

    train(
        Rising(),
        settings=settings(steps=20, save_every=2, validate_every=2, keep=2),
        batches=ToyBatches(),
        validation=lambda: [batch_of(ToyBatches().mels[0])],
        run=RunFolder(tmp_path),
    )
    assert RunFolder(tmp_path).names() == ["step=2", "step=18", "step=20"]
    assert RunFolder(tmp_path).find("best").name == "step=2"


def test_the_newest_stands_in_where_a_kill_left_no_pointer(tmp_path):
    run(tmp_path)
    (tmp_path / "checkpoints/last.json").unlink()
    (tmp_path / "checkpoints/.step=16.unfinished").mkdir()
    assert RunFolder(tmp_path).find("last").name == "step=12"
