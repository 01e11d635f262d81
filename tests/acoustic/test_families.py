"""What every acoustic family promises, checked over the registry: newcomers need no line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from intone.core.batch import Batch
from intone.core.errors import SettingsError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family, names
from intone.core.settings import check
from intone.core.types import Controls, code_format
from intone.nn.masks import mask_of

FAMILIES = names("acoustic")
CODES = code_format(sample_rate=22_050, hop_samples=256, codebooks=1, codebook_size=50)


def build(name: str, facts: CorpusFacts, seed: int = 0) -> Any:
    """The family called `name`, tiny, with weights from a seed; of codes where it speaks those."""
    found = family("acoustic", name)
    settings = check(found.settings, found.presets["tiny"], where="tiny")
    with torch.device("meta"):
        codes = found.model(settings, facts).needs.codes
    torch.manual_seed(seed)
    return found.model(settings, replace(facts, format=CODES) if codes else facts)


def speak(model: Any, batch: Batch) -> Any:
    model.eval()
    generator = torch.Generator().manual_seed(1)
    return model.generate(batch.symbols, batch.symbol_lengths, batch.speaker, Controls(), generator)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("preset", ["tiny", "laptop", "full"])
def test_presets_are_valid_settings(name: str, preset: str) -> None:
    found = family("acoustic", name)
    check(found.settings, found.presets[preset], where=preset)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(("key", "value"), [("heads", 7), ("kernel", 4)])
def test_what_cannot_be_built_is_refused_at_the_door(name: str, key: str, value: int) -> None:
    found = family("acoustic", name)
    if key not in found.settings.model_fields:
        return
    changes = {"blocks": "fft"} if name == "fastspeech2" else {}
    with pytest.raises(SettingsError, match=rf"{value}"):
        check(found.settings, {**found.presets["laptop"], **changes, key: value}, where="model")


@pytest.mark.parametrize("name", FAMILIES)
def test_padding_changes_no_loss(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = build(name, facts).eval()
    tight, padded = model.losses(make_batch()), model.losses(make_batch(extra=9))
    for key, value in tight.items():
        assert torch.allclose(value, padded[key], atol=1e-5), key


@pytest.mark.parametrize("name", FAMILIES)
def test_garbage_in_the_padding_changes_no_loss(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = build(name, facts).eval()
    clean, dirty = make_batch(extra=5), make_batch(extra=5)
    assert dirty.mel is not None and dirty.frame_lengths is not None
    behind = ~mask_of(dirty.frame_lengths, dirty.mel.shape[1])
    dirty.mel[behind] = 100.0
    assert dirty.pitch is not None and dirty.energy is not None
    dirty.pitch[behind] = 50.0
    dirty.energy[behind] = 50.0
    assert dirty.codes is not None
    dirty.codes[behind] = CODES.codebook_size - 1
    ours, theirs = model.losses(clean), model.losses(dirty)
    for key, value in ours.items():
        assert torch.allclose(value, theirs[key], atol=1e-5), key


@pytest.mark.parametrize("name", FAMILIES)
def test_a_text_sounds_the_same_alone_and_in_company(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = build(name, facts)
    batch = make_batch((12, 5, 9))
    together = speak(model, batch)
    alone = speak(
        model,
        Batch(
            ids=("u1",),
            symbols=batch.symbols[1:2, :5],
            symbol_lengths=batch.symbol_lengths[1:2],
            speaker=batch.speaker[1:2],
        ),
    )
    length = int(alone.lengths[0])
    assert int(together.lengths[1]) == length
    assert torch.allclose(together.frames[1, :length], alone.frames[0], atol=1e-4)


@pytest.mark.parametrize("name", FAMILIES)
def test_losses_fall_on_one_batch(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = build(name, facts).train()
    batch = make_batch()
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    totals = []
    for _ in range(60):
        total = sum(model.losses(batch).values())
        optimiser.zero_grad()
        total.backward()  # type: ignore[union-attr]
        optimiser.step()
        totals.append(float(total.detach()))  # type: ignore[union-attr]
    assert totals[-1] < 0.5 * totals[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_parameter_learns(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = build(name, facts).train()
    sum(model.losses(make_batch()).values()).backward()  # type: ignore[union-attr]
    idle = [key for key, value in model.named_parameters() if value.grad is None]
    assert idle == []


@pytest.mark.parametrize("name", FAMILIES)
def test_a_saved_model_says_the_same(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    model = build(name, facts)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, tmp_path / "m")
    again = build(name, facts, seed=5)
    again.load_state_dict(load_file(tmp_path / "m"))
    batch = make_batch()
    assert torch.equal(speak(model, batch).frames, speak(again, batch).frames)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_onnx_graphs_equal_torch(name: str, facts: CorpusFacts, tmp_path: Path) -> None:
    from intone.export.voice import write_model

    assert write_model(tmp_path, build(name, facts), facts.symbols)[2] < 1e-3


@pytest.mark.parametrize("name", FAMILIES)
def test_losses_make_no_tensor_on_another_device(
    name: str, facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    """On a device that only knows shapes, a tensor left on the CPU is an error, as on a GPU."""
    model = build(name, facts).train().to("meta")
    losses = model.losses(make_batch().to("meta"))
    assert {loss.device.type for loss in losses.values()} == {"meta"}
