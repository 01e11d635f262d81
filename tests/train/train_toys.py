"""Models and data so small that a training takes milliseconds."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import nn

from intone.core.batch import Batch
from intone.core.protocols import Turn
from intone.train.loop import train
from intone.train.run_folder import RunFolder
from intone.train.settings import TrainSettings


def batch_of(mel: torch.Tensor) -> Batch:
    count, frames = mel.shape[:2]
    return Batch(
        ids=tuple(map(str, range(count))),
        symbols=torch.zeros(count, 1, dtype=torch.int64),
        symbol_lengths=torch.ones(count, dtype=torch.int64),
        speaker=torch.zeros(count, dtype=torch.int64),
        mel=mel,
        frame_lengths=torch.full((count,), frames),
    )


class ToyBatches:
    """Ten batches an epoch, in an order of their own in every epoch."""

    def __init__(self, count: int = 10, size: int = 4) -> None:
        generator = torch.Generator().manual_seed(1)
        self.mels = torch.randn(count, size, 5, 3, generator=generator)

    def epoch(self, seed, epoch, skip):
        generator = torch.Generator().manual_seed(1000 * seed + epoch)
        order = torch.randperm(len(self.mels), generator=generator)
        for index in order[skip:]:
            yield batch_of(self.mels[index])

    def length(self, epoch):
        return len(self.mels)


class Toy(nn.Module):
    """Learns to give frames back through a narrow door, with dropout to need randomness."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.encoder = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.1))
        self.norm = nn.LayerNorm(8)
        self.decoder = nn.Linear(8, 3)

    def forward(self, mel):
        return self.decoder(torch.tanh(self.norm(self.encoder(mel))))

    def losses(self, batch):
        difference = self(batch.mel) - batch.mel
        return {
            "l2": difference.pow(2).mean(),
            "l1": difference.abs().mean(),
            "_largest": difference.abs().amax(),
        }

    def turns(self):
        return [Turn("model", self.parameters, self.losses, {"l1": 0.5})]


class ToyGan(nn.Module):
    """A critic's turn, then a generator's turn against the critic that just moved."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.generator = nn.Linear(3, 3)
        self.critic = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))

    def critic_losses(self, batch):
        made = self.generator(batch.mel)
        real = (self.critic(batch.mel) - 1).pow(2).mean()
        return {"critic": real + self.critic(made).pow(2).mean()}

    def generator_losses(self, batch):
        made = self.generator(batch.mel)
        return {
            "adversarial": (self.critic(made) - 1).pow(2).mean(),
            "mel": (made - batch.mel).abs().mean(),
        }

    def turns(self):
        return [
            Turn("critic", self.critic.parameters, self.critic_losses, {}),
            Turn("generator", self.generator.parameters, self.generator_losses, {"mel": 5.0}),
        ]


def settings(**given) -> TrainSettings:
    return TrainSettings(
        **{
            "steps": 12,
            "learning_rate": 0.01,
            "warmup_steps": 2,
            "save_every": 4,
            "validate_every": 0,
            "samples_every": 0,
            "log_every": 3,
            "device": "cpu",
            "trackers": ["csv"],
            **given,
        }
    )


def slowly(folder: str, seconds_a_step: float) -> None:
    """One training in a process of its own, slow enough to be killed in the middle."""
    torch.set_num_threads(1)

    class Slow(Toy):
        def losses(self, batch):
            time.sleep(seconds_a_step)
            return super().losses(batch)

    train(
        Slow(),
        settings=settings(steps=60, save_every=3, ema_decay=0.9, validate_every=7, keep=2),
        batches=ToyBatches(),
        validation=lambda: [batch_of(ToyBatches().mels[0])],
        run=RunFolder(Path(folder)),
        resume="auto",
    )
