"""The layouts that vocoders are published in: which files, and what reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from intone.vocoder.published.found import Published
from intone.vocoder.published.generators import hifigan_layout, speechbrain_layout
from intone.vocoder.published.vocos_files import vocos_layout


@dataclass(frozen=True)
class Layout:
    """How one project publishes: the description's file, patterns of the weights' file."""

    name: str
    description: str
    weights: tuple[str, ...]
    read: Callable[[Path, Path], Published]


LAYOUTS: Sequence[Layout] = (
    Layout("SpeechBrain", "hyperparams.yaml", ("generator.ckpt",), speechbrain_layout),
    Layout("Vocos", "config.yaml", ("pytorch_model.bin",), vocos_layout),
    Layout("HiFi-GAN", "config.json", ("generator*", "g_*"), hifigan_layout),
)
