"""Published weights where other vocoders are taken: voices, conversion, fine-tuning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from intone.cli.finishing import choose_vocoder
from intone.cli.main import main
from intone.core.errors import FormatError, TrainingError, VoiceError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family
from intone.core.types import MEL_22K, FrameFormat
from intone.export import published as conversion
from intone.speech.manifest import VOCODER_FILE, read_shared_vocoder
from intone.speech.onnx_engine import open_vocoder
from intone.speech.rendering import in_pieces
from intone.train.starting import start_from, weights_in
from intone.vocoder.training import AdversarialSettings, VocoderTask

CONFIG = {
    "resblock": "2", "upsample_rates": [8, 8, 4], "upsample_kernel_sizes": [16, 16, 8],
    "upsample_initial_channel": 16, "resblock_kernel_sizes": [3, 5],
    "resblock_dilation_sizes": [[1, 2], [2, 6]], "num_mels": 80, "n_fft": 1024, "hop_size": 256,
    "win_size": 1024, "sampling_rate": 22050, "fmin": 0, "fmax": 8000,
}  # fmt: skip


def facts() -> CorpusFacts:
    return CorpusFacts(symbols=0, speakers=(), format=MEL_22K)


def generator() -> torch.nn.Module:
    torch.manual_seed(2)
    found = family("vocoder", "hifigan")
    settings = found.settings(
        channels=16, rates=(8, 8, 4), kernels=(16, 16, 8), block="2", block_kernels=(3, 5),
        dilations=((1, 2), (2, 6)),
    )  # fmt: skip
    return found.model(settings, facts()).eval()


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the original layout; what is converted goes to a folder of the test's."""
    monkeypatch.setattr(conversion, "user_folder", lambda: tmp_path / "own")
    folder = tmp_path / "their vocoder"
    folder.mkdir()
    state = {k.removeprefix("upsampling."): v for k, v in generator().state_dict().items()}
    torch.save({"generator": state}, folder / "generator_v3")
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


def test_a_voice_may_sound_through_published_weights(weights: Path, tmp_path: Path) -> None:
    manifest, graph = choose_vocoder(str(weights), MEL_22K)
    assert graph is not None and graph.is_relative_to(tmp_path / "own")
    mel = np.random.default_rng(0).normal(-4, 1, (150, 80)).astype(np.float32)
    renderer = open_vocoder(graph, MEL_22K, 1, manifest.context_frames, None)
    wanted = generator().render(torch.from_numpy(mel)[None])[0].numpy()
    whole = renderer.render(mel)
    assert np.abs(whole - wanted).max() < 2e-3  # its weights are stored at half precision
    pieces = np.concatenate(list(in_pieces(renderer, mel, first_frames=16, most_frames=40)))
    assert np.abs(pieces - whole).max() < 1e-4


def test_it_is_converted_once_and_anew_when_it_changes(weights: Path, tmp_path: Path) -> None:
    _, first = choose_vocoder(str(weights))
    assert first is not None
    written = first.stat().st_mtime_ns
    _, second = choose_vocoder(str(weights))
    assert second == first and second.stat().st_mtime_ns == written
    saved = torch.load(weights / "generator_v3", weights_only=True)
    saved["generator"]["conv_post.bias"] += 0.5
    torch.save(saved, weights / "generator_v3")
    _, third = choose_vocoder(str(weights))
    assert third != first


def test_another_mel_is_refused_before_anything_is_written(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="sample_rate is 22050 there but 24000 in the model"):
        choose_vocoder(str(weights), FrameFormat(sample_rate=24_000))
    assert not (tmp_path / "own").exists()


def test_intone_export_converts(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ours"
    assert main(["export", str(weights), "-o", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert read_shared_vocoder(out).format == MEL_22K
    assert choose_vocoder(str(out), MEL_22K)[1] == out / read_shared_vocoder(out).file
    assert main(["export", str(weights)]) == 2
    assert "--output" in capsys.readouterr().err
    (weights / "config.json").unlink()
    assert main(["export", str(weights), "-o", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "none" / VOCODER_FILE).exists()


def test_training_goes_on_from_published_weights(weights: Path) -> None:
    torch.manual_seed(9)
    found = family("vocoder", "hifigan")
    model = found.model(generator().settings, facts())
    task = VocoderTask(model, MEL_22K, AdversarialSettings())
    started = start_from(task, weights_in(weights))
    assert started.taken == len(generator().state_dict())
    mel = torch.randn(1, 9, 80)
    assert torch.allclose(model.eval().render(mel), generator().render(mel), atol=1e-6)
    other = found.model(found.settings(channels=32), facts())
    with pytest.raises(TrainingError, match="fits this model"):
        start_from(VocoderTask(other, MEL_22K, AdversarialSettings()), {"generator.x": mel})


def test_a_name_that_is_nothing_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="nonesuch"):
        choose_vocoder("nonesuch")
