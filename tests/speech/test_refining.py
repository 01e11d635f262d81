"""The engine of codes that are refined says what torch says, and refuses what is no voice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from intone.acoustic.mamba_conv import FAMILY, MambaConv, MambaConvSettings
from intone.core.errors import AudioError, VoiceError
from intone.core.protocols import CorpusFacts
from intone.core.types import Audio, Controls, code_format
from intone.export.voice import write_model
from intone.speech.refining import OnnxRefining

CODES = code_format(sample_rate=24_000, hop_samples=320, codebooks=4, codebook_size=64)
TEXT = np.random.default_rng(0).integers(4, 40, 30)
Made = tuple[Path, MambaConv]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    torch.manual_seed(0)
    facts = CorpusFacts(symbols=40, speakers=("ann", "bob"), format=CODES, optional_symbols=(1, 2))
    # Several heads of memory: graphs treat one as a special case.
    settings = {**FAMILY.presets["tiny"], "inner": 128}
    model = MambaConv(MambaConvSettings.model_validate(settings), facts).eval()
    with torch.no_grad():
        model.duration.predict.out.bias.fill_(1.9)
        for name, value in model.named_parameters():
            if "film" in name:
                torch.nn.init.normal_(value, std=0.3)
    folder = tmp_path_factory.mktemp("voice")
    assert write_model(folder, model, 40)[:2] == ("refining-onnx", "acoustic.json")
    return folder, model


def opened(folder: Path) -> OnnxRefining:
    return OnnxRefining(folder, "acoustic.json", CODES, 1)


@pytest.mark.parametrize("steps", [1, 3, 8, 16])
def test_the_engine_says_what_torch_says(made: Made, steps: int) -> None:
    folder, model = made
    controls = Controls(temperature=0.0, steps=steps, speed=1.2, pitch=1.1)
    codes, durations = opened(folder).frames(TEXT, 1, controls)
    spoken = model.generate(
        torch.tensor(TEXT)[None], torch.tensor([30]), torch.tensor([1]), controls
    )
    assert durations.tolist() == spoken.durations[0].tolist()
    assert codes.dtype == np.int64
    assert codes.tolist() == spoken.frames[0].tolist()


def test_a_seed_repeats_and_another_does_not(made: Made) -> None:
    engine = opened(made[0])
    first, _ = engine.frames(TEXT, 0, Controls(seed=1))
    assert np.array_equal(first, engine.frames(TEXT, 0, Controls(seed=1))[0])
    other, _ = engine.frames(TEXT, 0, Controls(seed=2))
    assert first.shape != other.shape or not np.array_equal(first, other)
    assert first.min() >= 0 and first.max() < 64


def test_a_reference_is_heard_and_silence_is_refused(made: Made) -> None:
    engine = opened(made[0])
    t = np.arange(48_000) / 24_000
    buzz = np.sign(np.sin(2 * np.pi * 120 * t)) * (0.3 + 0.2 * np.cos(20 * t))
    style: Any = engine.listen(Audio(buzz.astype("f4"), 24_000))
    assert style.shape == (16,)
    cold = Controls(temperature=0.0)
    styled, plain = engine.frames(TEXT, style, cold)[0], engine.frames(TEXT, 0, cold)[0]
    assert styled.shape != plain.shape or not np.array_equal(styled, plain)
    for wrong in (buzz[:2_000], 0 * buzz):
        with pytest.raises(AudioError):
            engine.listen(Audio(wrong.astype("f4"), 24_000))


def test_a_broken_voice_says_so(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    shutil.copytree(made[0], folder)
    about = json.loads((folder / "acoustic.json").read_text())
    with pytest.raises(VoiceError, match="other codes"):
        (folder / "acoustic.json").write_text(json.dumps({**about, "codebooks": 3}))
        opened(folder)
    (folder / "acoustic.json").write_text(json.dumps(about))
    (folder / "acoustic.npz").write_bytes(b"nothing")
    with pytest.raises(VoiceError, match="export it again"):
        opened(folder)
    (folder / "acoustic.json").write_text("{}")
    with pytest.raises(VoiceError, match="does not say"):
        opened(folder)
