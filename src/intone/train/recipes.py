"""A recipe: which model, on what data, trained how; resolved from presets, YAML and overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intone.core.errors import SettingsError
from intone.core.registry import Family, family
from intone.core.settings import Settings, check, merge, read_yaml
from intone.train.settings import DataSettings, TrainSettings

ROOMS = ("acoustic", "vocoder", "codec")
SECTIONS = ("room", "family", "preset", "corpus", "model", "train", "data", "losses")
PRESET = "laptop"

PRESETS: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "acoustic": {
        "tiny": {
            "train": {"steps": 60, "warmup_steps": 10, "save_every": 30, "validate_every": 30},
            "data": {"max_frames": 2_000, "held_out": 2},
        },
        "laptop": {
            "train": {"learning_rate": 2e-3, "ema_decay": 0.999},
            "data": {"max_frames": 3_000},
        },
        "full": {
            "train": {
                "steps": 200_000, "warmup_steps": 4_000, "schedule": "noam", "precision": "bf16",
                "ema_decay": 0.9999, "save_every": 5_000, "validate_every": 5_000,
                "samples_every": 10_000, "log_every": 100,
            },
            "data": {"max_frames": 24_000},
        },
    },
    "vocoder": {
        "tiny": {
            "train": {"steps": 60, "warmup_steps": 10, "save_every": 30, "validate_every": 30},
            "data": {"max_utterances": 4, "held_out": 2, "segment_frames": 16},
            "losses": {"warmup_steps": 30},
        },
        "laptop": {
            "train": {
                "learning_rate": 5e-4, "betas": [0.8, 0.99], "watch": "mel", "ema_decay": 0.999,
            },
            "data": {"max_utterances": 12, "segment_frames": 32},
            "losses": {"warmup_steps": 2_500, "critic_every": 2},
        },
        "full": {
            "train": {
                "steps": 1_000_000, "learning_rate": 5e-4, "betas": [0.8, 0.99], "watch": "mel",
                "save_every": 10_000, "validate_every": 10_000, "samples_every": 20_000,
                "log_every": 100,
            },
            "data": {"max_utterances": 16, "segment_frames": 64},
            "losses": {"warmup_steps": 20_000},
        },
    },
    "codec": {
        "tiny": {
            "train": {"steps": 60, "warmup_steps": 10, "save_every": 30, "validate_every": 30},
            "data": {"max_utterances": 4, "held_out": 2, "segment_frames": 12},
            "losses": {"warmup_steps": 30},
        },
        "laptop": {
            "train": {
                "learning_rate": 1e-3, "betas": [0.8, 0.99], "watch": "mel", "ema_decay": 0.999,
            },
            "data": {"max_utterances": 8, "segment_frames": 48},
            "losses": {"warmup_steps": 20_000},
        },
        "full": {
            "train": {
                "steps": 500_000, "learning_rate": 3e-4, "betas": [0.8, 0.99], "watch": "mel",
                "ema_decay": 0.9999, "save_every": 10_000, "validate_every": 10_000,
                "samples_every": 20_000, "log_every": 100,
            },
            "data": {"max_utterances": 32, "segment_frames": 75},
            "losses": {"warmup_steps": 20_000},
        },
    },
}  # fmt: skip
"""What a preset of a model means for its training: over the defaults, under a recipe."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, checked. `losses` is set for what learns against critics."""

    room: str
    family: Family
    preset: str
    corpus: Path
    model: Settings
    train: TrainSettings
    data: DataSettings
    losses: Settings | None = None

    def config(self) -> dict[str, Any]:
        """The recipe as a mapping that `resolve` turns into the same recipe."""
        config: dict[str, Any] = {
            "room": self.room,
            "family": self.family.name,
            "preset": self.preset,
            "corpus": str(self.corpus),
            "model": self.model.model_dump(mode="json"),
            "train": self.train.model_dump(mode="json"),
            "data": self.data.model_dump(mode="json"),
        }
        if self.losses is not None:
            config["losses"] = self.losses.model_dump(mode="json")
        return config


def read_recipe(path: Path) -> dict[str, Any]:
    """The mapping in a recipe; `SettingsError` if it cannot be read or has an unknown section."""
    values = read_yaml(path)
    for name in values:
        if name not in SECTIONS:
            raise SettingsError(f"{path}: there is no section {name!r}; there are: {_listed()}")
    return values


def resolve(recipe: Mapping[str, Any], overrides: Iterable[str] = ()) -> Recipe:
    """Defaults, under the preset's settings, under `recipe`, under `key=value` overrides.

    Raises `SettingsError` that names the first unknown or impossible setting.
    """
    given = merge(recipe, overrides=_placed(overrides))
    room = str(given.get("room", "acoustic"))
    if room not in ROOMS:
        raise SettingsError(f"room is {room!r}; it may be: {', '.join(ROOMS)}")
    if not given.get("family"):
        raise SettingsError("no family is given; name one or write it into the recipe")
    chosen = family(room, str(given["family"]))
    if not given.get("corpus"):
        raise SettingsError("no corpus is given; give --corpus DIR or write it into the recipe")
    preset = str(given.get("preset", PRESET))
    if preset not in chosen.presets:
        raise SettingsError(
            f"{chosen.name} has no preset {preset!r}; there are: {', '.join(chosen.presets)}"
        )
    under: dict[str, Any] = {"model": dict(chosen.presets[preset])}
    learns_as = learning_of(room, chosen)
    under |= {name: dict(values) for name, values in trained_as(learns_as, preset).items()}
    merged = merge(under, given)
    losses = None
    if (cls := losses_of(learns_as)) is not None:
        losses = check(cls, merged.get("losses", {}), where="losses")
    elif "losses" in merged:
        raise SettingsError(
            "losses belongs to vocoders and codecs of samples; the others' are weighed by "
            "train.loss_weights"
        )
    return Recipe(
        room=room,
        family=chosen,
        preset=preset,
        corpus=Path(str(merged["corpus"])),
        model=check(chosen.settings, merged["model"], where="model"),
        train=check(TrainSettings, merged.get("train", {}), where="train"),
        data=check(DataSettings, merged.get("data", {}), where="data"),
        losses=losses,
    )


def learning_of(room: str, chosen: Family) -> str:
    """Which room's way of learning a family of `room` has, a key of `PRESETS`.

    A codec of frames learns like an acoustic model: from whole utterances, by itself. Raises
    `SettingsError` for one that does not learn here.
    """
    if room != "codec" or hasattr(chosen.model, "rebuild"):
        return room
    if hasattr(chosen.model, "losses"):
        return "acoustic"
    raise SettingsError(f"{chosen.name} comes trained and is used as it is; train another codec")


def trained_as(learns_as: str, preset: str) -> Mapping[str, Mapping[str, Any]]:
    """What `preset` means for training; one of a family's own, such as v2, is trained as full."""
    known = PRESETS[learns_as]
    return known.get(preset, known["full"])


def losses_of(learns_as: str) -> type[Settings] | None:
    """The settings of the losses of what learns against critics, None for the others."""
    if learns_as == "vocoder":
        from intone.vocoder.training import AdversarialSettings

        return AdversarialSettings
    if learns_as == "codec":
        from intone.train.codec_task import CodecLossSettings

        return CodecLossSettings
    return None


def _placed(overrides: Iterable[str]) -> list[str]:
    """Overrides with a known section; `SettingsError` for one without."""
    placed = list(overrides)
    for item in placed:
        section = item.partition("=")[0].partition(".")[0]
        if "=" in item and section not in SECTIONS:
            raise SettingsError(
                f"there is no section {section!r} for {item!r}; settings begin with one of: "
                f"{_listed()}"
            )
    return placed


def _listed() -> str:
    return ", ".join(SECTIONS)
