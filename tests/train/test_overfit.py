import pytest
import torch
from torch import nn
from train_toys import Toy, ToyBatches, ToyGan, batch_of, settings

from intone.core.errors import TrainingError
from intone.core.protocols import Turn
from intone.train.loop import train
from intone.train.overfit import handful, overfit
from intone.train.run_folder import RunFolder
from intone.train.starting import start_from, weights_in


def test_a_sound_model_learns_a_handful_by_heart():
    batch = handful(batch_of(ToyBatches().mels[0]), 2)
    assert len(batch) == 2
    assert batch.mel.shape[0] == 2
    result = overfit(Toy(), batch, settings=settings(steps=300, learning_rate=0.02))
    assert result.passed
    assert result.failed == []
    assert result.after["l2"] < 0.5 * result.before["l2"]
    assert set(result.below) == {"l1", "l2", "loss"}


def test_a_model_that_cannot_learn_is_found_out():
    class Deaf(Toy):
        def losses(self, batch):
            return {"l1": (self(batch.mel) * 0 + self.decoder.bias.mean() * 0 + 1).mean()}

    result = overfit(Deaf(), batch_of(ToyBatches().mels[0]), settings=settings(steps=5))
    assert not result.passed
    assert result.failed == ["l1", "loss"]


def test_thresholds_of_ones_own():
    batch = batch_of(ToyBatches().mels[0])
    result = overfit(Toy(), batch, settings=settings(steps=2), share=9.0, below={"l1": 1e-9})
    assert result.failed == ["l1"]


def test_a_fine_tuned_model_starts_from_the_best_of_a_run(tmp_path):
    trained = Toy()
    train(trained, settings=settings(), batches=ToyBatches(), run=RunFolder(tmp_path / "run"))
    for place in ("run", "run/voice", "run/checkpoints/step=12"):
        model = Toy(seed=3)
        started = start_from(model, weights_in(tmp_path / place))
        assert torch.equal(model.decoder.weight, trained.decoder.weight)
        assert started.anew == ()


def test_what_does_not_fit_starts_anew_and_facts_stay(caplog):
    class Known(nn.Module):
        def __init__(self, speakers, deviation):
            super().__init__()
            self.table = nn.Embedding(speakers, 4)
            self.out = nn.Linear(4, 4)
            self.norm = nn.BatchNorm1d(4)
            self.register_buffer("pitch_deviation", torch.tensor([deviation]))

        def turns(self):
            return [Turn("all", self.parameters, lambda batch: {}, {})]

    old, new = Known(3, 0.2), Known(1, 0.5)
    old.norm.running_mean += 7
    with caplog.at_level("INFO"):
        started = start_from(new, old.state_dict())
    assert started.anew == ("table.weight",)
    assert torch.equal(new.out.weight, old.out.weight)
    assert new.norm.running_mean[0] == 7
    assert new.pitch_deviation.item() == 0.5
    assert "1 start anew: table.weight" in caplog.text


def test_weights_of_another_model_are_an_error(tmp_path):
    with pytest.raises(TrainingError, match="none of the weights"):
        start_from(Toy(), ToyGan().state_dict())
    with pytest.raises(TrainingError, match="no weights to start from"):
        weights_in(tmp_path)
