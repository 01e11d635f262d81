"""HiFi-GAN and iSTFTNet: the published sizes, and settings that cannot be built."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from intone.core.errors import FormatError, SettingsError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family
from intone.core.settings import check
from intone.core.types import MEL_22K

FACTS = CorpusFacts(symbols=0, speakers=(), format=MEL_22K)


def parameters(name: str, preset: str) -> float:
    found = family("vocoder", name)
    with torch.device("meta"):
        model = found.model(check(found.settings, found.presets[preset], where=preset), FACTS)
    return sum(p.numel() for p in model.parameters()) / 1e6


@pytest.mark.parametrize(("preset", "millions"), [("full", 13.92), ("v2", 0.92), ("v3", 1.46)])
def test_the_presets_are_as_large_as_the_paper_says(preset: str, millions: float) -> None:
    assert parameters("hifigan", preset) == pytest.approx(millions, abs=0.02)


def test_istftnet_is_hifigan_without_its_last_stages() -> None:
    assert parameters("istftnet", "full") == pytest.approx(13.26, abs=0.05)


@pytest.mark.parametrize("name", ["hifigan", "istftnet"])
@pytest.mark.parametrize(
    "changes",
    [
        {"rates": (8, 8)},
        {"kernels": (15, 16, 4, 4)},
        {"channels": 30},
        {"block_kernels": (3, 6, 11)},
        {"dilations": ((1, 2),)},
    ],
)
def test_sizes_that_do_not_fit_are_named(name: str, changes: dict[str, object]) -> None:
    settings = family("vocoder", name).settings
    base = {"rates": (8, 8, 2, 2), "kernels": (16, 16, 4, 4)}
    with pytest.raises(SettingsError, match=next(iter(changes))):
        check(settings, base | changes, where="here")


@pytest.mark.parametrize("name", ["hifigan", "istftnet"])
def test_rates_must_make_the_hop(name: str) -> None:
    found = family("vocoder", name)
    other = replace(FACTS, format=replace(MEL_22K, hop_samples=300))
    with pytest.raises(FormatError, match="300"):
        found.model(found.settings(), other)
