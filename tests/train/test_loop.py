"""The loop: it learns, stops when it should, and says what is wrong."""

import pytest
import torch
from train_toys import Toy, ToyBatches, ToyGan, batch_of, settings

from intone.core.errors import SettingsError, TrainingError
from intone.train.checkpoint import read
from intone.train.loop import train
from intone.train.run_folder import RunFolder
from intone.train.trackers import read_metrics


def held_out():
    return [batch_of(ToyBatches().mels[0])]


def test_it_learns_and_says_so(tmp_path):
    result = train(
        Toy(),
        settings=settings(steps=150, log_every=10),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
    )
    losses = [
        v for _, name, v in read_metrics(tmp_path / "logs/metrics.csv") if name == "train/loss"
    ]
    assert (result.step, result.epoch, result.because) == (150, 14, "steps")
    assert len(losses) == 15
    assert losses[-1] < 0.7 * losses[0]
    assert "frames/s" in (tmp_path / "train.log").read_text(encoding="utf-8")


def test_the_total_weighs_the_losses_and_leaves_out_underscored_ones(tmp_path):
    train(
        Toy(),
        settings=settings(steps=1, log_every=1, loss_weights={"l2": 3.0}),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
    )
    row = {name: value for _, name, value in read_metrics(tmp_path / "logs/metrics.csv")}
    assert row["train/loss"] == pytest.approx(3 * row["train/l2"] + 0.5 * row["train/l1"])
    assert "train/_largest" in row


def test_accumulated_turns_of_a_gan_equal_one_big_batch(tmp_path):
    small, big = ToyBatches(count=8, size=4), ToyBatches(count=2, size=16)
    big.mels = small.mels.reshape(2, 16, 5, 3)
    for batches in (small, big):  # in the order they stand in
        batches.epoch = lambda s, e, skip, b=batches: map(batch_of, b.mels[skip:])
    models = []
    for name, batches, accumulation in (("small", small, 4), ("big", big, 1)):
        model = ToyGan().double()
        batches.mels = batches.mels.double()
        train(
            model,
            settings=settings(steps=2, accumulation=accumulation, clip_norm=0.5),
            batches=batches,
            run=RunFolder(tmp_path / name),
        )
        models.append(model.state_dict())
    for name, value in models[0].items():
        assert torch.allclose(value, models[1][name], rtol=0, atol=1e-6), name
    assert not torch.equal(models[0]["critic.0.weight"], ToyGan().critic[0].weight.double())


def test_each_turn_moves_its_own_parameters_only(tmp_path):
    model = ToyGan()
    seen = []

    def watched(batch):
        seen.append([p.requires_grad for p in model.generator.parameters()])
        return {"critic": model.critic(batch.mel).mean()}

    model.critic_losses = watched
    train(model, settings=settings(steps=1), batches=ToyBatches(), run=RunFolder(tmp_path))
    assert seen == [[False, False]]
    assert all(p.requires_grad for p in model.parameters())


def test_a_turn_without_losses_is_sat_out(tmp_path):
    model = ToyGan()
    before = {name: value.clone() for name, value in model.critic.state_dict().items()}
    model.critic_losses = lambda batch: {}
    train(model, settings=settings(steps=3), batches=ToyBatches(), run=RunFolder(tmp_path))
    assert all(
        torch.equal(value, before[name]) for name, value in model.critic.state_dict().items()
    )


def test_frozen_parts_stay_and_others_learn(tmp_path):
    model, before = Toy(), Toy().state_dict()
    train(
        model,
        settings=settings(freeze=["encoder.*"]),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
    )
    after = model.state_dict()
    assert torch.equal(after["encoder.0.weight"], before["encoder.0.weight"])
    assert not torch.equal(after["decoder.weight"], before["decoder.weight"])


def test_a_step_without_a_finite_loss_is_skipped(tmp_path, caplog):
    class Stumbling(Toy):
        calls = 0

        def losses(self, batch):
            self.calls += 1
            losses = super().losses(batch)
            return {**losses, "l2": losses["l2"] * (float("nan") if self.calls == 2 else 1.0)}

    model = Stumbling()
    train(model, settings=settings(), batches=ToyBatches(), run=RunFolder(tmp_path))
    assert all(torch.isfinite(p).all() for p in model.parameters())
    assert "step 2: the model loss is not finite; skipped" in caplog.text


def test_a_hopeless_run_says_what_to_try(tmp_path):
    class Hopeless(Toy):
        def losses(self, batch):
            return {"l2": super().losses(batch)["l2"] * float("inf")}

    with pytest.raises(TrainingError, match=r"20 steps in a row; .*train.learning_rate"):
        train(
            Hopeless(), settings=settings(steps=50), batches=ToyBatches(), run=RunFolder(tmp_path)
        )
    assert "ended by TrainingError" in (tmp_path / "train.log").read_text(encoding="utf-8")


def test_it_stops_when_the_watched_figure_no_longer_falls(tmp_path):
    class Worse(Toy):
        def losses(self, batch):
            losses = super().losses(batch)
            if self.training:
                return losses
            self.judged = getattr(self, "judged", 0) + 1
            return {"l2": losses["l2"] * 0 + abs(self.judged - 3)}

    result = train(
        Worse(),
        settings=settings(steps=100, validate_every=2, patience=4, watch="l2", save_every=50),
        batches=ToyBatches(),
        validation=held_out,
        run=RunFolder(tmp_path),
    )
    assert (result.because, result.step, result.best, result.best_step) == ("patience", 14, 0.0, 6)
    best = RunFolder(tmp_path).find("best")
    assert best is not None
    assert read(best).state.step == 6


def test_a_budget_of_minutes_ends_the_run_and_its_schedule(tmp_path):
    result = train(
        Toy(),
        settings=settings(steps=10**9, max_minutes=0.6 / 60, log_every=1, save_every=10**6),
        batches=ToyBatches(),
        run=RunFolder(tmp_path),
    )
    rates = [
        v for _, name, v in read_metrics(tmp_path / "logs/metrics.csv") if name == "learning_rate"
    ]
    assert result.because == "minutes"
    assert 0.5 < result.seconds < 3
    assert max(rates) > 0.005
    assert rates[-1] < 0.002


def test_averaged_weights_are_validated_and_saved(tmp_path):
    seen = []

    class Watched(Toy):
        def losses(self, batch):
            if not self.training:
                seen.append(self.decoder.weight.detach().clone())
            return super().losses(batch)

    model = Watched()
    train(
        model,
        settings=settings(steps=8, validate_every=8, ema_decay=0.9),
        batches=ToyBatches(),
        validation=held_out,
        run=RunFolder(tmp_path),
    )
    saved = read(RunFolder(tmp_path).find("last"))
    assert torch.equal(seen[0], saved.ema["decoder.weight"])
    assert torch.equal(model.decoder.weight, saved.model["decoder.weight"])
    assert not torch.equal(seen[0], model.decoder.weight)


def test_bf16_learns_too(tmp_path):
    result = train(
        Toy(),
        settings=settings(precision="bf16", validate_every=12),
        batches=ToyBatches(),
        validation=held_out,
        run=RunFolder(tmp_path),
    )
    assert result.best < 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"freeze": ["encodr.*"]}, r"train.freeze: no parameter matches 'encodr.\*'; did you mean"),
        ({"parts": {"nothing*": 0.1}}, "train.parts: no parameter matches 'nothing"),
        ({"freeze": ["*"]}, "train.freeze matches every parameter"),
        ({"loss_weights": {"mel": 2}}, "there is no loss 'mel'; there are: l1, l2"),
    ],
)
def test_a_name_that_matches_nothing_is_an_error(tmp_path, given, message):
    with pytest.raises(SettingsError, match=message):
        train(Toy(), settings=settings(**given), batches=ToyBatches(), run=RunFolder(tmp_path))


def test_a_missing_gpu_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match="torch sees no CUDA GPU"):
        train(
            Toy(), settings=settings(device="cuda"), batches=ToyBatches(), run=RunFolder(tmp_path)
        )


def test_an_empty_corpus_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="0 batches an epoch"):
        train(Toy(), settings=settings(), batches=ToyBatches(count=0), run=RunFolder(tmp_path))
