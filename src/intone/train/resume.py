"""Going on where a run stood: weights, optimisers, the place in the data."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from torch import nn

from intone.core.errors import TrainingError
from intone.train import checkpoint as checkpoints
from intone.train.checkpoint import Checkpoint, State
from intone.train.feed import Batches, Feed
from intone.train.run_folder import RunFolder, changes
from intone.train.settings import TrainSettings
from intone.train.turns import Player

log = logging.getLogger("intone.train")


def starting_point(run: RunFolder, resume: str | Path | None) -> Checkpoint | None:
    """The checkpoint to go on from; `TrainingError` if the run has some and none was asked for."""
    if resume is None:
        if run.names():
            raise TrainingError(
                f"{run.path} holds a run already; go on with --resume auto, or choose another --run"
            )
        return None
    folder = run.find("last" if resume == "auto" else resume)
    return checkpoints.read(folder) if folder is not None else None


def restore(
    saved: Checkpoint, model: nn.Module, players: Iterable[Player], config: dict[str, Any]
) -> State:
    """Load weights and optimisers; where the run stood, with what changed since in the log."""
    try:
        model.load_state_dict(saved.model)
    except RuntimeError as error:
        what = str(error).splitlines()[-1].strip()
        raise TrainingError(
            f"the checkpoint is of a model with other dimensions ({what}); "
            "give the model settings it was trained with"
        ) from None
    for player in players:
        player.load(saved.optimiser)
    for line in changes(saved.state.config, config) if config else []:
        log.info("changed since the checkpoint: %s", line)
    saved.state.config = config or saved.state.config
    return saved.state


def feed_from(
    batches: Batches, settings: TrainSettings, state: State, accelerator: Accelerator
) -> Feed:
    """The data from where the run stands; as far into the epoch if batches are of another size."""
    index = state.index
    length = batches.length(state.epoch)
    if state.epoch_length and state.epoch_length != length:
        index = round(index / state.epoch_length * length)
    return Feed(
        batches, settings.seed, state.epoch, index,
        accelerator.process_index, accelerator.num_processes,
    )  # fmt: skip
