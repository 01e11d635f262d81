"""A checkpoint: a folder with everything a run needs to go on as if it had not stopped.

`model.safetensors`, `ema.safetensors` (where averaged), `optimiser.safetensors` and
`state.json`. Nothing is pickled. The folder is written under another name and renamed
when it is complete, so one that has its name is whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from intone.core.errors import TrainingError
from intone.core.files import read_json, write_json


@dataclass
class State:
    """Where a run is: everything beside tensors that must outlive a kill."""

    step: int = 0
    epoch: int = 0
    index: int = 0  # batches of the epoch already taken
    epoch_length: int = 0
    elapsed_seconds: float = 0.0
    best: float | None = None
    best_step: int | None = None
    worse_in_row: int = 0
    unusable_in_row: int = 0
    losses: dict[str, float] = field(default_factory=dict)  # averages of the last logged steps
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds."""

    model: Mapping[str, Tensor]
    ema: Mapping[str, Tensor] | None
    optimiser: Mapping[str, Tensor]
    state: State


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `folder`, in place of what is there; whole or not at all.

    Raises `TrainingError`, leaving every earlier checkpoint alone, if it cannot be written.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    replaced = folder.with_name(f".{folder.name}.replaced")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write_tensors(unfinished / "model.safetensors", checkpoint.model)
        _write_tensors(unfinished / "optimiser.safetensors", checkpoint.optimiser)
        if checkpoint.ema is not None:
            _write_tensors(unfinished / "ema.safetensors", checkpoint.ema)
        write_json(unfinished / "state.json", asdict(checkpoint.state))
        if folder.exists():
            os.replace(folder, replaced)
        os.replace(unfinished, folder)
    except OSError as error:
        raise TrainingError(
            f"cannot save the checkpoint {folder}: {error.strerror or error}; the one before it "
            "is whole: free some space and go on with --resume auto"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def read(folder: Path) -> Checkpoint:
    """The checkpoint in `folder`, on the CPU; `TrainingError` if it is not one."""
    try:
        known = {f.name for f in fields(State)}
        state = read_json(folder / "state.json")
        ema = folder / "ema.safetensors"
        return Checkpoint(
            model=safetensors.torch.load_file(folder / "model.safetensors"),
            ema=safetensors.torch.load_file(ema) if ema.exists() else None,
            optimiser=safetensors.torch.load_file(folder / "optimiser.safetensors"),
            state=State(**{name: value for name, value in state.items() if name in known}),
        )
    except (OSError, SafetensorError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"{folder} is not a checkpoint that can be read ({error}); choose another"
        ) from None


def voice_weights(folder: Path) -> dict[str, Tensor]:
    """The weights to speak with from a checkpoint: the averaged ones where there are some."""
    for name in ("ema.safetensors", "model.safetensors"):
        with contextlib.suppress(FileNotFoundError):
            return safetensors.torch.load_file(folder / name)
    raise TrainingError(f"{folder} holds no weights; choose a folder under checkpoints/")


def write_weights(folder: Path, weights: Mapping[str, Tensor]) -> None:
    """Write `weights` alone to `folder`, for `voice_weights`; `OSError` if that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_tensors(folder / "model.safetensors", weights)


def _write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    # Weights that are tied share memory, which the format refuses: each gets its own copy.
    own = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
    # Serialised in memory first, so that a full disk is an OSError like any other.
    with open(path, "wb") as file:
        file.write(safetensors.torch.save(own))
        file.flush()
        os.fsync(file.fileno())
