import torch
from torch import nn
from train_toys import Toy

from intone.train.ema import Ema
from intone.train.parts import groups


def test_groups_hold_every_parameter_once_with_its_factor_and_decay():
    named = dict(Toy().named_parameters())
    made = groups(named, {"encoder.*": 0.1, "encoder.0.bias": 0.5}, weight_decay=0.01)
    found = {
        name: (group["factor"], group["weight_decay"]) for group in made for name in group["names"]
    }
    assert sum(len(group["params"]) for group in made) == len(named)
    assert found["encoder.0.weight"] == (0.1, 0.01)
    assert found["encoder.0.bias"] == (0.5, 0.0)  # the last pattern decides; vectors do not decay
    assert found["decoder.weight"] == (1.0, 0.01)
    assert found["norm.weight"] == (1.0, 0.0)


def test_ema_follows_slowly_and_gives_the_weights_back():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    nn.init.zeros_(model[0].weight)
    ema = Ema(model, 0.9)
    nn.init.ones_(model[0].weight)
    for step in range(1000, 1003):  # past the warm-up of the decay
        ema.update(step)
    expected = torch.full((2, 2), 1 - 0.9**3)
    with ema.applied():
        torch.testing.assert_close(model[0].weight.detach(), expected)
    assert torch.equal(model[0].weight, torch.ones(2, 2))


def test_a_short_run_does_not_average_its_random_start():
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, 100.0)
    ema = Ema(model, 0.9999)
    nn.init.zeros_(model.weight)
    for step in range(1, 101):
        ema.update(step)
    assert abs(ema.averages["weight"].item()) < 1e-3
