"""A stepwise voice without torch says what the model in torch says, and says it as it is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intone.core.errors import AudioError, VoiceError
from intone.core.types import MEL_22K, Audio, Conditions, Controls
from intone.speech.manifest import VocoderManifest
from intone.speech.stepwise import OnnxStepwise
from intone.speech.voice import Voice

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def model() -> Any:
    from intone.acoustic.gpt2_mel import FAMILY
    from intone.core.protocols import CorpusFacts
    from intone.text.frontend import build

    frontend = build("english")
    facts = CorpusFacts(
        symbols=len(frontend.inventory.tokens),
        speakers=("ann", "bob"),
        format=MEL_22K,
        pitch_deviation=(0.2, 0.3),
        energy_deviation=(0.9, 1.1),
        optional_symbols=(1, 2),
    )
    torch.manual_seed(0)
    changes = {**FAMILY.presets["tiny"], "adaptive_norm": True, "mel_window": 8, "text_window": 5}
    made = FAMILY.model(FAMILY.settings(**changes), facts).eval()
    with torch.no_grad():
        made.duration.out.bias.fill_(1.9)
    return made


@pytest.fixture(scope="module")
def folder(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from intone.export.voice import write_voice
    from intone.text.frontend import build

    return write_voice(
        tmp_path_factory.mktemp("voice"),
        name="stepwise",
        model=model,
        frontend=build("english"),
        speakers=("ann", "bob"),
        vocoder=VocoderManifest(file="griffin-lim"),
        card={},
    )


@pytest.fixture(scope="module")
def engine(folder: Path) -> OnnxStepwise:
    return OnnxStepwise(folder, "acoustic.json", MEL_22K, 1)


SYMBOLS = np.arange(4, 34)


def noise(seconds: float = 1.0, seed: int = 0) -> Audio:
    samples = np.random.default_rng(seed).normal(0, 0.1, int(22_050 * seconds))
    return Audio(samples.astype(np.float32), 22_050)


def test_it_says_what_torch_says(model: Any, engine: OnnxStepwise) -> None:
    for speaker in (0, 1):
        frames, durations = engine.frames(
            SYMBOLS, speaker, Controls(temperature=0, speed=1.2, pitch=1.1)
        )
        spoken = model.generate(
            torch.from_numpy(SYMBOLS)[None],
            torch.tensor([len(SYMBOLS)]),
            torch.tensor([speaker]),
            Controls(temperature=0, speed=1.2, pitch=1.1),
        )
        assert durations.tolist() == spoken.durations[0].tolist()
        assert np.abs(frames - spoken.frames[0].numpy()).max() < 1e-3


def test_a_reference_chooses_the_voice(engine: OnnxStepwise) -> None:
    one, other = (
        engine.frames(SYMBOLS, engine.listen(noise(seed=n)), Controls())[0] for n in (0, 5)
    )
    known = engine.frames(SYMBOLS, 0, Controls())[0]
    assert one.shape != known.shape or np.abs(one - known).max() > 1e-3
    assert one.shape != other.shape or np.abs(one - other).max() > 1e-6


def test_frames_leave_as_they_are_made(
    engine: OnnxStepwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    run = engine.graph["step"].run

    def counted(feeds: Any) -> Any:
        nonlocal steps
        steps += 1
        return run(feeds)

    monkeypatch.setattr(engine.graph["step"], "run", counted)
    durations, pieces = engine.stream(SYMBOLS, 0, Controls())
    assert steps == 0
    first = next(pieces)
    assert 0 < steps < durations.sum() / engine.about["reduction"] / 2
    assert len(first) + sum(map(len, pieces)) == durations.sum()


@pytest.mark.parametrize(
    ("audio", "complaint"),
    [
        (noise(0.2), "0.20 s"),
        (Audio(np.zeros(30_000, np.float32), 22_050), "silent"),
    ],
)
def test_a_reference_that_tells_nothing_is_refused(
    engine: OnnxStepwise, audio: Audio, complaint: str
) -> None:
    with pytest.raises(AudioError, match=complaint):
        engine.listen(audio)


def test_a_voice_speaks_like_a_recording_without_torch(folder: Path, tmp_path: Path) -> None:
    import soundfile

    clip = tmp_path / "clip.wav"
    soundfile.write(clip, noise().samples, 22_050)
    program = (
        "import sys; from intone.cli.main import main\n"
        f"sys.argv = ['intone', 'speak', 'Good day.', '--voice', {str(folder)!r}, "
        f"'--reference', {str(clip)!r}, '-o', {str(tmp_path / 'out.wav')!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as done:\n    assert not done.code, done.code\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert soundfile.info(tmp_path / "out.wav").duration > 0.2


def test_speaker_and_reference_exclude_each_other(folder: Path) -> None:
    voice = Voice.load(folder, threads=1)
    with pytest.raises(VoiceError, match="not both"):
        voice.speak("Hello.", Conditions(speaker="ann", reference=noise()))


def test_words_have_times(folder: Path) -> None:
    said = Voice.load(folder, threads=1).speak("Two words.")
    assert [word.text for word in said.words] == ["Two", "words"]
    assert 0 <= said.words[0].start_seconds < said.words[1].end_seconds <= said.audio.seconds


@pytest.mark.parametrize(
    ("file", "content"), [("acoustic.json", b"{}"), ("acoustic.npz", b"x"), ("step.onnx", b"x")]
)
def test_a_broken_file_is_named(folder: Path, tmp_path: Path, file: str, content: bytes) -> None:
    import shutil

    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / file).write_bytes(content)
    with pytest.raises(VoiceError, match=file):
        Voice.load(broken, threads=1)
