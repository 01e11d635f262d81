"""A voice with an LSTM decoder says without torch what the model in torch says, and ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intone.core.errors import VoiceError
from intone.core.types import MEL_22K, Controls
from intone.speech.manifest import VocoderManifest
from intone.speech.recurrent import OnnxRecurrent
from intone.speech.voice import Voice

torch = pytest.importorskip("torch")

SYMBOLS = np.arange(4, 34)


@pytest.fixture(scope="module")
def model() -> Any:
    from intone.acoustic.kokoro_lstm import FAMILY
    from intone.core.protocols import CorpusFacts
    from intone.text.frontend import build

    inventory = build("russian", "ru").inventory
    phones, stress = inventory.phones_and_stress()
    facts = CorpusFacts(
        symbols=len(inventory.tokens),
        speakers=("anna", "boris"),
        format=MEL_22K,
        pitch_deviation=(0.2, 0.3),
        energy_deviation=(0.9, 1.1),
        optional_symbols=(1, 2),
        phones=phones,
        stress=stress,
    )
    torch.manual_seed(0)
    made = FAMILY.model(FAMILY.settings(**FAMILY.presets["tiny"]), facts).eval()
    with torch.no_grad():
        made.duration.out.bias.fill_(2.6)
        made.stop.bias.fill_(-20.0)
    return made


def written(model: Any, folder: Path) -> Path:
    from intone.export.voice import write_voice
    from intone.text.frontend import build

    return write_voice(
        folder,
        name="recurrent",
        model=model,
        frontend=build("russian", "ru"),
        speakers=("anna", "boris"),
        vocoder=VocoderManifest(file="griffin-lim"),
        card={},
    )


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(model, tmp_path_factory.mktemp("voice"))


def torch_says(model: Any, symbols: np.ndarray[Any, Any], speaker: int, controls: Controls) -> Any:
    return model.generate(
        torch.from_numpy(symbols)[None],
        torch.tensor([len(symbols)]),
        torch.tensor([speaker]),
        controls,
    )


def test_it_says_what_torch_says(model: Any, folder: Path) -> None:
    engine = OnnxRecurrent(folder, "acoustic.json", MEL_22K, 1)
    controls = Controls(speed=1.2, pitch=1.1, energy=0.9)
    for speaker, count in ((0, 30), (1, 7), (0, 1)):
        frames, durations = engine.frames(SYMBOLS[:count], speaker, controls)
        spoken = torch_says(model, SYMBOLS[:count], speaker, controls)
        assert durations.tolist() == spoken.durations[0].tolist()
        assert len(frames) == durations.sum()
        assert np.abs(frames - spoken.frames[0].numpy()).max() < 1e-3


def test_a_stop_ends_the_last_symbol_and_nothing_before_it(
    model: Any, folder: Path, tmp_path: Path
) -> None:
    planned = OnnxRecurrent(folder, "acoustic.json", MEL_22K, 1).frames(SYMBOLS, 0, Controls())[1]
    bias = model.stop.bias.item()
    with torch.no_grad():
        model.stop.bias.fill_(20.0)  # raised at every step, the first one too
    hasty = OnnxRecurrent(written(model, tmp_path), "acoustic.json", MEL_22K, 1)
    frames, durations = hasty.frames(SYMBOLS, 0, Controls())
    spoken = torch_says(model, SYMBOLS, 0, Controls())
    with torch.no_grad():
        model.stop.bias.fill_(bias)
    assert durations[:-1].tolist() == planned[:-1].tolist()
    assert 0 <= durations[-1] < planned[-1]
    assert len(frames) == durations.sum()
    assert durations.tolist() == spoken.durations[0].tolist()
    assert np.abs(frames - spoken.frames[0, : len(frames)].numpy()).max() < 1e-3


def test_what_is_said_first_does_not_depend_on_what_follows_beyond_the_encoder(
    model: Any,
) -> None:
    """The decoder sees a window of the text: the memory of far symbols changes no early frame."""
    symbols = torch.from_numpy(SYMBOLS)[None]
    one = torch.ones(1)
    plan = model.plan(symbols, torch.tensor([30]), torch.tensor([0]), one, one, one)
    steps = int(plan.durations.sum()) // model.settings.reduction
    before = torch.cat([g for g, _ in model.groups(plan, steps=steps)], dim=1)
    plan.memory[:, 20:] = 7.0
    after = torch.cat([g for g, _ in model.groups(plan, steps=steps)], dim=1)
    safe = int(plan.durations[0, : 20 - model.settings.window - 2].sum())
    assert torch.equal(before[:, :safe], after[:, :safe])
    assert not torch.equal(before, after)


def test_training_and_speech_make_the_same_frames(model: Any) -> None:
    """Fed back what was spoken, the decoder that sees all steps at once makes it again."""
    from intone.nn.feedback import fed_back

    symbols = torch.from_numpy(SYMBOLS)[None]
    one = torch.ones(1)
    with torch.no_grad():
        plan = model.plan(symbols, torch.tensor([30]), torch.tensor([0]), one, one, one)
        steps = -(-int(plan.durations.sum()) // model.settings.reduction)
        spoken = torch.cat([g for g, _ in model.groups(plan, steps=steps)], dim=1)
        pointers, told, _ = model.told(plan.durations, steps)
        groups = ((spoken + 6.0) / 2.5).reshape(1, steps, -1)
        made, _ = model._decode(plan, fed_back(groups, model.begin), pointers, told)
    assert torch.allclose(made, groups, atol=1e-4)


def test_it_speaks_without_torch(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "said.wav"
    code = (
        "import sys\n"
        "from intone.speech import Voice\n"
        f"said = Voice.load({str(folder)!r}).speak('Привет, как дела?')\n"
        "assert 'torch' not in sys.modules\n"
        f"open({str(out)!r}, 'w').write(str(said.audio.seconds))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert float(out.read_text()) > 0.3


def test_words_have_times(folder: Path) -> None:
    said = Voice.load(folder).speak("Мама мыла раму.")
    assert [word.text for word in said.words] == ["Мама", "мыла", "раму"]
    assert 0 <= said.words[0].start_seconds < said.words[2].end_seconds <= said.audio.seconds


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("acoustic.json", b"{}"),
        ("acoustic.json", json.dumps({"reduction": "four"}).encode()),
        ("acoustic.npz", b"PK nothing"),
        ("step.onnx", b""),
    ],
)
def test_a_broken_file_is_named(folder: Path, tmp_path: Path, file: str, content: bytes) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / file).write_bytes(content)
    with pytest.raises(VoiceError, match=file):
        Voice.load(broken)
