"""Judges of how good speech sounds, by name: DNSMOS, or UTMOS, published or from a file."""

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

PUBLISHED = "tarepan/SpeechMOS:v1.2.0"
"""Where `torch.hub` finds UTMOS (Saeki et al. 2022)."""
_ENTRY = "utmos22_strong"
_RATE = 16_000

Opinion = Callable[[Audio], float]
"""From a sound to a predicted opinion, 1 to 5."""


def opinion_judge(name: str) -> Opinion:
    """The judge that `name` spells: dnsmos, utmos, or utmos:FILE.

    Without a file it is what `torch.hub` fetches once, or has fetched, from `PUBLISHED`; that
    is code which is run. FILE is a TorchScript module that takes samples float32 (1, T) at
    16 kHz and gives one number, as UTMOS (Saeki et al. 2022) does once it is traced. Raises
    `SettingsError` for another spelling, `DownloadError` for what cannot be had,
    `MissingExtra` without torch.
    """
    kind, _, file = name.partition(":")
    if name == "dnsmos":
        return dnsmos
    if name == "utmos":
        return partial(_opinion, _published())
    if kind == "utmos" and file:
        return partial(_opinion, _scripted(Path(file)))
    raise SettingsError(f"there is no judge {name!r}; there are: dnsmos, utmos and utmos:FILE")


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch", "hub", "predicting opinions by UTMOS") from None
    return torch


def _published() -> Callable[[Any], Any]:
    """From samples (1, T) at 16 kHz to the published UTMOS' opinion."""
    hub = _torch().hub
    try:
        judge = hub.load(PUBLISHED, _ENTRY, trust_repo=True, verbose=False)
    # No network, no such release, or a library that its code wants and that is not here.
    except (OSError, ImportError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DownloadError(
            f"UTMOS cannot be had from {PUBLISHED} ({reason}); give utmos:FILE, a scripted module"
        ) from None
    return partial(judge, sr=_RATE)


def _scripted(path: Path) -> Any:
    torch = _torch()
    try:
        return torch.jit.load(str(path), map_location="cpu").eval()
    # torch raises ValueError for no file and RuntimeError, many lines long, for a wrong one.
    except (OSError, RuntimeError, ValueError):
        what = "is no TorchScript module" if path.is_file() else "is not there"
        raise DownloadError(f"the judge {path} {what}; make it with torch.jit.save") from None


def _opinion(judge: Callable[[Any], Any], audio: Audio) -> float:
    import torch

    samples = resample(audio.samples, audio.sample_rate, _RATE)
    with torch.inference_mode():
        found = judge(torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None])
    if found.numel() != 1:
        raise SettingsError(
            f"the judge gives {found.numel()} numbers for a sound, not one; "
            "take a module that predicts a whole sound's opinion"
        )
    return float(found)
