"""`model.yaml` and `train.yaml` as Echolancer's own description has them, as a recipe of ours."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from intone.core.errors import SettingsError
from intone.core.settings import read_yaml

log = logging.getLogger("intone.train")

MODEL = {
    "use_alibi": "model.use_alibi",
    "alibi_alpha": "model.alibi_alpha",
    "activation": "model.activation",
    "dropout": "model.dropout",
    "encoder_layers": "model.encoder_layers",
    "decoder_layers": "model.layers",
    "encoder_dim": "model.channels",
    "decoder_dim": "model.channels",
    "hidden_dim": "model.channels",
    "ff_dim": "model.hidden",
    "num_heads": "model.heads",
    "heads": "model.heads",
}
TRAIN = {
    "optimizer.learning_rate": "train.learning_rate",
    "optimizer.weight_decay": "train.weight_decay",
    "optimizer.betas": "train.betas",
    "scheduler.type": "train.schedule",
    "scheduler.warmup_steps": "train.warmup_steps",
    "loss.label_smoothing": "model.label_smoothing",
    "training.batch_size": "data.max_utterances",
    "training.epochs": "train.max_epochs",
    "training.steps": "train.steps",
    "training.max_steps": "train.steps",
    "training.seed": "train.seed",
    "training.gradient_clip": "train.clip_norm",
    "training.gradient_accumulation": "train.accumulation",
    "training.val_step": "train.validate_every",
    "training.save_step": "train.save_every",
    "training.test_step": "train.test_every",
    "training.log_step": "train.log_every",
    "early_stopping.patience": "train.patience",
}
FROM_CORPUS = frozenset(
    {"vocab_size", "mel_channels", "mel_vocab_size", "speaker_channels", "num_speakers",
     "emotion_channels"}
)  # fmt: skip
"""What follows from corpus and codec here, so that it cannot contradict them."""

_ENDLESS = 1_000_000


def described(model: Path | None, train: Path | None) -> dict[str, Any]:
    """The sections `model`, `train` and `data` of a recipe that two files describe.

    Sizes that follow from the corpus are passed over with a line in the log. Raises
    `SettingsError` for a key that neither has, or two values for one setting.
    """
    recipe: dict[str, Any] = {}
    if model is not None:
        values = read_yaml(model)
        for key, value in _leaves(values.get("model", values)):
            if key in FROM_CORPUS:
                log.info("%s: %s follows from the corpus and the codec", model, key)
                continue
            _place(recipe, MODEL, key, value, model)
    if train is not None:
        values = read_yaml(train)
        for key, value in _leaves(values):
            _take_training(recipe, key, value, train)
        training = recipe.setdefault("train", {})
        if values.get("early_stopping", {}).get("enabled") is False:
            training["patience"] = 0
        if "max_epochs" in training and "steps" not in training:
            training["steps"] = _ENDLESS
    return recipe


def _take_training(recipe: dict[str, Any], key: str, value: Any, path: Path) -> None:
    section, _, name = key.partition(".")
    if key == "optimizer.type":
        if str(value).lower() != "adamw":
            raise SettingsError(f"{path}: optimizer.type is {value!r}, but there is adamw alone")
    elif section == "wandb":
        if name == "enabled" and value:
            recipe.setdefault("train", {})["trackers"] = ["csv", "tensorboard", "wandb"]
        elif name != "enabled":
            log.info("%s: wandb.%s is passed over; runs are in its project intone", path, name)
    elif key != "early_stopping.enabled":
        _place(recipe, TRAIN, key, value, path)


def _place(
    recipe: dict[str, Any], known: Mapping[str, str], key: str, value: Any, path: Path
) -> None:
    """Put `value` where `known` says that `key` belongs."""
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise SettingsError(f"{path}: {key!r} is unknown; {hint}")
    section, _, name = known[key].partition(".")
    own = recipe.setdefault(section, {})
    if own.get(name, value) != value:
        raise SettingsError(
            f"{path}: {key} is {value!r}, but {known[key]} was {own[name]!r} already; "
            "give both the same value"
        )
    own[name] = value


def _leaves(values: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of nested mappings, with its dotted key."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
