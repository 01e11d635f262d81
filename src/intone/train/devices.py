"""Where training computes, and the randomness it draws there."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import nn

from intone.core.errors import TrainingError
from intone.train.settings import TrainSettings


def open_accelerator(settings: TrainSettings) -> Accelerator:
    """The device, precision and processes that `settings` ask for.

    Raises `TrainingError` if the device is not there.
    """
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("train.device is cuda, but torch sees no CUDA GPU; use auto or cpu")
    if settings.device == "mps" and not torch.backends.mps.is_available():
        raise TrainingError("train.device is mps, but torch sees no Apple GPU; use auto or cpu")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if not torch.distributed.is_initialized():
        # accelerate remembers the first device and precision of the process; a second
        # training in it (a notebook, a search over settings) may want others.
        AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(mixed_precision=settings.precision, cpu=settings.device == "cpu")


def device_of(settings: TrainSettings) -> str:
    """Where work ahead of the training itself computes: on its GPU where it uses CUDA."""
    wanted = settings.device in ("auto", "cuda")
    return "cuda" if wanted and torch.cuda.is_available() else "cpu"


def seed_step(seed: int, step: int, process: int) -> None:
    """Seed torch, numpy and `random` for one step of one process.

    A step's randomness depends on nothing but these three numbers: not on how often was
    validated or saved before it, so resuming needs no stored random states.
    """
    for_torch, for_numpy, for_python = np.random.SeedSequence((seed, step, process)).generate_state(
        3
    )
    torch.manual_seed(int(for_torch))
    np.random.seed(int(for_numpy))
    random.seed(int(for_python))


@torch.no_grad()
def average_gradients(accelerator: Accelerator, parameters: Iterable[nn.Parameter]) -> None:
    """Replace each gradient by its mean over all processes; nothing to do for one process.

    The model is not wrapped in DistributedDataParallel, so no backward pass syncs by
    itself: gradients meet here, once a turn, however many batches were accumulated.
    """
    if accelerator.num_processes == 1:
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        parameter.grad.copy_(accelerator.reduce(parameter.grad, reduction="mean"))
