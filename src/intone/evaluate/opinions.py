"""Judges of how good speech sounds, by name: DNSMOS, or UTMOS from a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import DownloadError, MissingExtra, SettingsError
from intone.core.types import Audio
from intone.evaluate.quality import dnsmos

_RATE = 16_000

Opinion = Callable[[Audio], float]
"""From a sound to a predicted opinion, 1 to 5."""


def opinion_judge(name: str) -> Opinion:
    """The judge that `name` spells: dnsmos, or utmos:FILE.

    FILE is a TorchScript module that takes samples float32 (1, T) at 16 kHz and gives one
    number, as UTMOS (Saeki et al. 2022) does once it is traced. Raises `SettingsError` for
    another spelling, `DownloadError` for a file that is none, `MissingExtra` without torch.
    """
    kind, _, file = name.partition(":")
    if name == "dnsmos":
        return dnsmos
    if kind == "utmos" and file:
        return partial(_scripted_opinion, _scripted(Path(file)))
    raise SettingsError(f"there is no judge {name!r}; there are: dnsmos and utmos:FILE")


def _scripted(path: Path) -> Any:
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch", "hub", "predicting opinions by UTMOS") from None
    try:
        return torch.jit.load(str(path), map_location="cpu").eval()
    # torch raises ValueError for no file and RuntimeError, many lines long, for a wrong one.
    except (OSError, RuntimeError, ValueError):
        what = "is no TorchScript module" if path.is_file() else "is not there"
        raise DownloadError(f"the judge {path} {what}; make it with torch.jit.save") from None


def _scripted_opinion(module: Any, audio: Audio) -> float:
    import torch

    samples = resample(audio.samples, audio.sample_rate, _RATE)
    with torch.inference_mode():
        found = module(torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None])
    if found.numel() != 1:
        raise SettingsError(
            f"the judge gives {found.numel()} numbers for a sound, not one; "
            "take a module that predicts a whole sound's opinion"
        )
    return float(found)
