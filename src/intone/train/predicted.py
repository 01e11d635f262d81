"""The mels that an acoustic model predicts of a corpus, in step with its recordings.

A vocoder that learns from them hears what it will be fed with. They are made once, and lie
beside the vocoder's run.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from filelock import FileLock
from torch import nn

from intone.core.errors import TrainingError
from intone.core.files import read_json, replacing, write_json
from intone.core.protocols import Needs, TeacherForced
from intone.data.loader import in_order
from intone.data.prepared import PreparedCorpus
from intone.train.checkpoint import voice_weights
from intone.train.recipes import Recipe, read_recipe, resolve
from intone.train.run_folder import RunFolder

if TYPE_CHECKING:
    from intone.core.types import FloatArray

log = logging.getLogger("intone.train")

FOLDER = "predicted"
_INDEX, _FRAMES = "index.json", "frames.npy"
_BATCH_FRAMES = 8_000


@dataclass(frozen=True)
class AcousticRun:
    """An acoustic model's run: its recipe, and the checkpoint that is used."""

    recipe: Recipe
    weights: Path


def acoustic_run(path: Path) -> AcousticRun | None:
    """The acoustic model's run that `path` is (its folder, its voice, a checkpoint); else None."""
    for folder in (path, path.parent, path.parent.parent):
        run = RunFolder(folder)
        if not (run.config.is_file() and run.checkpoints.is_dir()):
            continue
        recipe = resolve(read_recipe(run.config))
        if recipe.room != "acoustic":
            return None
        is_checkpoint = (path / "state.json").is_file()
        weights = path if is_checkpoint else run.find(recipe.train.voice_from)
        return AcousticRun(recipe, weights) if weights is not None else None
    return None


def require_acoustic_run(path: Path) -> AcousticRun:
    """As `acoustic_run`, with `TrainingError` where there is none."""
    found = acoustic_run(path)
    if found is None:
        raise TrainingError(
            f"{path} is no run of an acoustic model; give the folder that intone train wrote"
        )
    return found


def require_same_symbols(run: AcousticRun, corpus: PreparedCorpus) -> None:
    """Raise `TrainingError` if the model knows other symbols or speakers than `corpus` has."""
    if run.recipe.corpus.resolve() == corpus.folder.resolve():
        return
    if not (run.recipe.corpus / "corpus.json").is_file():
        log.warning(
            "%s is gone; its symbols and speakers are taken to be those of %s",
            run.recipe.corpus, corpus.folder,
        )  # fmt: skip
        return
    learned = PreparedCorpus(run.recipe.corpus)
    if learned.speakers != corpus.speakers or (
        learned.frontend().inventory.tokens != corpus.frontend().inventory.tokens
    ):
        raise TrainingError(
            f"the model of {run.weights.parent.parent} learned other symbols or speakers "
            f"({run.recipe.corpus}) than {corpus.folder} has; train the vocoder on its corpus"
        )


def predict(model: nn.Module, run: AcousticRun, corpus: PreparedCorpus, folder: Path) -> None:
    """Write to `folder` what `model` makes of each utterance of `corpus`, if it is not there yet.

    The durations, pitch and energy are the recording's, so frames match. Raises
    `TrainingError` if the model cannot be told them, `CorpusError` if the corpus lacks them.
    """
    if not isinstance(model, TeacherForced):
        raise TrainingError(
            f"{run.recipe.family.name} cannot follow a recording's durations; predict the mels "
            "by a model that can, such as fastspeech2"
        )
    needs: Needs = model.needs  # type: ignore[assignment]
    ids = corpus.usable(needs)
    key = _key(run, corpus, ids)
    folder.mkdir(parents=True, exist_ok=True)
    # Several processes of one training share the folder.
    with FileLock(folder / ".lock"):
        if _key_in(folder) != key:
            _write(model.eval(), corpus, ids, needs, folder, key)


def predicted_in(folder: Path) -> Mapping[str, FloatArray] | None:
    """The predicted mels (F, bands) float16 by utterance in `folder`; None if there are none."""
    if not (folder / _INDEX).is_file():
        return None
    index = read_json(folder / _INDEX)
    frames = np.load(folder / _FRAMES, mmap_mode="r")
    return {name: frames[start : start + count] for name, (start, count) in index["at"].items()}


def _key(run: AcousticRun, corpus: PreparedCorpus, ids: list[str]) -> str:
    """What the predictions depend on: weights, and the utterances."""
    digest = hashlib.sha256()
    for name, value in sorted(voice_weights(run.weights).items()):
        digest.update(name.encode())
        digest.update(value.contiguous().numpy().tobytes())
    for name in ids:
        entry = corpus.entries[name]
        durations = corpus.aligned[name].durations if name in corpus.aligned else ()
        told = f"{name} {entry.frames} {entry.fingerprint}"
        digest.update(told.encode() + np.asarray(durations, dtype=np.int64).tobytes())
    return digest.hexdigest()


def _key_in(folder: Path) -> str | None:
    if not ((folder / _INDEX).is_file() and (folder / _FRAMES).is_file()):
        return None
    return str(read_json(folder / _INDEX).get("key"))


def _write(
    model: Any, corpus: PreparedCorpus, ids: list[str], needs: Needs, folder: Path, key: str
) -> None:
    total = sum(corpus.entries[name].frames for name in ids)
    log.info("predicting the mels of %d utterances, %d frames", len(ids), total)
    (folder / _INDEX).unlink(missing_ok=True)
    at: dict[str, tuple[int, int]] = {}
    with replacing(folder / _FRAMES) as temporary:
        shape = (total, corpus.format.bands)
        frames = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float16, shape=shape)
        start = 0
        with torch.inference_mode():
            for batch in in_order(corpus, ids, needs, max_frames=_BATCH_FRAMES):
                assert batch.frame_lengths is not None
                made = model.forced(batch).numpy()
                for name, mel, count in zip(
                    batch.ids, made, batch.frame_lengths.tolist(), strict=True
                ):
                    frames[start : start + count] = mel[:count]
                    at[name] = (start, count)
                    start += count
        frames.flush()
        del frames
    write_json(folder / _INDEX, {"key": key, "at": at})
