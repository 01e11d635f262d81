"""Other people's weights: files in their layouts, made here, sound as they did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from intone.core.errors import DownloadError, FormatError, VoiceError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family
from intone.core.types import MEL_22K, FrameFormat
from intone.vocoder.published import is_published, published_vocoder

FACTS = CorpusFacts(symbols=0, speakers=(), format=MEL_22K)
DIMENSIONS = {
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 7],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5]],
}
CONFIG = {
    **DIMENSIONS, "resblock": "1", "upsample_rates": [8, 8, 2, 2], "num_mels": 80, "n_fft": 1024,
    "hop_size": 256, "win_size": 1024, "sampling_rate": 22050, "fmin": 0, "fmax": 8000,
    "fmax_for_loss": None, "batch_size": 16,
}  # fmt: skip
HYPERPARAMS = """
# Model: a vocoder
in_channels: 80
out_channels: 1
resblock_type: "1"
resblock_dilation_sizes: [[1, 3, 5], [1, 3, 5]]
resblock_kernel_sizes: [3, 7]
upsample_kernel_sizes: [16, 16, 4, 4]
upsample_initial_channel: 32
upsample_factors: [8, 8, 2, 2]
inference_padding: 5
cond_channels: 0
conv_post_bias: True
generator: !new:speechbrain.lobes.models.HifiGAN.HifiganGenerator
    in_channels: !ref <in_channels>
modules:
    generator: !ref <generator>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables: {generator: !ref <generator>}
"""
VOCOS = {
    "feature_extractor": {
        "class_path": "vocos.feature_extractors.MelSpectrogramFeatures",
        "init_args": {
            "sample_rate": 22050, "n_fft": 1024, "hop_length": 256, "n_mels": 80,
            "padding": "center", "f_max": 8000, "mel_scale": "slaney", "norm": "slaney",
            "clip_val": 1e-5,
        },
    },
    "backbone": {
        "class_path": "vocos.models.VocosBackbone",
        "init_args": {"input_channels": 80, "dim": 32, "intermediate_dim": 64, "num_layers": 2},
    },
    "head": {
        "class_path": "vocos.heads.ISTFTHead",
        "init_args": {"dim": 32, "n_fft": 1024, "hop_length": 256, "padding": "center"},
    },
}  # fmt: skip


def frames() -> Tensor:
    return torch.randn((1, 23, 80), generator=torch.Generator().manual_seed(1)) - 4


def unfolded() -> nn.Module:
    """A generator with weight normalisation, its lengths and directions at random."""
    torch.manual_seed(0)
    found = family("vocoder", "hifigan")
    settings = found.settings(channels=32, block_kernels=(3, 7), dilations=((1, 3, 5), (1, 3, 5)))
    model = found.model(settings, FACTS)
    for layer in model.modules():
        if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d):
            weight_norm(layer)
            with torch.no_grad():
                layer.parametrizations.weight.original0 *= 0.5 + torch.rand(()).item()
                layer.parametrizations.weight.original1 *= 3.0
    return model.eval()


def their_names(model: nn.Module, *, inside: str = "") -> dict[str, Tensor]:
    """The weights under the names of the original; `inside` is what wraps a convolution."""
    new = {"parametrizations.weight.original0": "weight_g",
           "parametrizations.weight.original1": "weight_v"}  # fmt: skip
    made = {}
    for name, value in model.state_dict().items():
        name = name.removeprefix("upsampling.")
        for ours, theirs in new.items():
            name = name.replace(ours, theirs)
        layer, _, last = name.rpartition(".")
        made[f"{layer}.{inside}{last}"] = value
    return made


def write_hifigan(folder: Path, changes: dict[str, Any] | None = None) -> Path:
    weights = their_names(unfolded())
    torch.save({"generator": weights}, folder / "g_02500000")
    (folder / "config.json").write_text(json.dumps(CONFIG | (changes or {})))
    return folder


def write_vocos(folder: Path, features: dict[str, Any] | None = None) -> nn.Module:
    torch.manual_seed(0)
    found = family("vocoder", "vocos")
    model = found.model(found.settings(channels=32, hidden=64, layers=2, loudest=100.0), FACTS)
    new = (
        ("head.", "head.out."), ("embed.", "backbone.embed."), ("norm_in.", "backbone.norm."),
        ("norm_out.", "backbone.final_layer_norm."), ("blocks.", "backbone.convnext."),
    )  # fmt: skip
    inner = {"depthwise": "dwconv", "widen": "pwconv1", "narrow": "pwconv2", "scale": "gamma"}
    weights = {"feature_extractor.mel_spec.spectrogram.window": torch.hann_window(1024),
               "head.istft.window": torch.hann_window(1024)}  # fmt: skip
    for name, value in model.state_dict().items():
        for ours, theirs in new:
            if name.startswith(ours):
                name = theirs + name.removeprefix(ours)
                break
        weights[".".join(inner.get(part, part) for part in name.split("."))] = value
    torch.save(weights, folder / "pytorch_model.bin")
    config = json.loads(json.dumps(VOCOS))
    config["feature_extractor"]["init_args"] = (
        VOCOS["feature_extractor"]["init_args"] if features is None else features  # type: ignore[index]
    )
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return model.eval()


def test_the_original_layout_folded_sounds_as_it_did_unfolded(tmp_path: Path) -> None:
    folder = write_hifigan(tmp_path)
    wanted = unfolded().render(frames())
    assert wanted.abs().max() > 0.05
    for name in (folder, folder / "g_02500000"):
        made = published_vocoder(str(name), MEL_22K)
        assert not any("_g" in key or "_v" in key for key in made.state_dict())
        assert torch.allclose(made.render(frames()), wanted, atol=1e-5)


def test_newer_torch_writes_other_names(tmp_path: Path) -> None:
    write_hifigan(tmp_path)
    weights = {k.removeprefix("upsampling."): v for k, v in unfolded().state_dict().items()}
    torch.save({"generator": weights}, tmp_path / "g_02500000")
    made = published_vocoder(str(tmp_path), MEL_22K)
    assert torch.allclose(made.render(frames()), unfolded().render(frames()), atol=1e-5)


def test_of_several_weights_the_longest_trained_are_taken(tmp_path: Path) -> None:
    write_hifigan(tmp_path)
    early = {name: value * 0 for name, value in their_names(unfolded()).items()}
    torch.save({"generator": early}, tmp_path / "g_00005000")
    assert published_vocoder(str(tmp_path), MEL_22K).render(frames()).abs().max() > 0.05


def test_speechbrains_layout(tmp_path: Path) -> None:
    (tmp_path / "hyperparams.yaml").write_text(HYPERPARAMS)
    torch.save(their_names(unfolded(), inside="conv."), tmp_path / "generator.ckpt")
    made = published_vocoder(str(tmp_path), MEL_22K)
    assert torch.allclose(made.render(frames()), unfolded().render(frames()), atol=1e-5)
    (tmp_path / "hyperparams.yaml").write_text(HYPERPARAMS + "sample_rate: 16000\nmel_scale: htk\n")
    with pytest.raises(FormatError, match="sample_rate is 16000.*scale is 'htk'"):
        published_vocoder(str(tmp_path), MEL_22K)


def test_vocos_layout(tmp_path: Path) -> None:
    wanted = write_vocos(tmp_path).render(frames())
    made = published_vocoder(str(tmp_path), MEL_22K)
    assert torch.allclose(made.render(frames()), wanted, atol=1e-6)


def test_the_published_vocos_has_another_mel_and_every_field_is_named(tmp_path: Path) -> None:
    write_vocos(
        tmp_path,
        {
            "sample_rate": 24000,
            "n_fft": 1024,
            "hop_length": 256,
            "n_mels": 100,
            "padding": "center",
        },
    )
    with pytest.raises(FormatError) as refused:
        published_vocoder(str(tmp_path), MEL_22K)
    for field in ("sample_rate", "bands", "high_hz", "floor", "scale", "area"):
        assert f"{field} is " in str(refused.value)
    assert "hop_samples" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sampling_rate": 24000}, "sample_rate is 24000"),
        ({"hop_size": 300}, "hop_samples is 300"),
        ({"win_size": 800}, "window_samples is 800"),
        ({"n_fft": 2048}, "fft_samples is 2048"),
        ({"num_mels": 100}, "bands is 100"),
        ({"fmin": 55}, "low_hz is 55.0"),
        ({"fmax": None}, "high_hz is 11025.0"),
    ],
)
def test_a_mel_that_differs_is_named(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    with pytest.raises(FormatError, match=field) as refused:
        published_vocoder(str(write_hifigan(tmp_path, change)), MEL_22K)
    assert str(refused.value).count(" in the model") == 1


def test_another_model_than_described_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"'upsampling.*its description"):
        published_vocoder(str(write_hifigan(tmp_path, {"upsample_initial_channel": 64})), MEL_22K)
    with pytest.raises(VoiceError, match="lacks 'upsampling"):
        published_vocoder(
            str(
                write_hifigan(
                    tmp_path,
                    {"resblock_kernel_sizes": [3, 7, 9],
                     "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]]},
                )
            ),
            MEL_22K,
        )  # fmt: skip


class Trap:
    def __reduce__(self) -> Any:
        return (print, ("opened",))


def test_a_file_that_would_run_code_is_refused(tmp_path: Path, capsys: Any) -> None:
    write_hifigan(tmp_path)
    torch.save({"generator": Trap()}, tmp_path / "g_02500000")
    with pytest.raises(VoiceError, match="cannot be read"):
        published_vocoder(str(tmp_path), MEL_22K)
    assert "opened" not in capsys.readouterr().out


def test_what_is_cut_off_or_nothing_is_refused_in_one_line(tmp_path: Path) -> None:
    write_hifigan(tmp_path)
    file = tmp_path / "g_02500000"
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(VoiceError, match="cannot be read") as refused:
        published_vocoder(str(tmp_path))
    assert "\n" not in str(refused.value)
    (tmp_path / "config.json").write_text("[1]")
    with pytest.raises(VoiceError, match=r"config\.json"):
        published_vocoder(str(tmp_path))
    (tmp_path / "config.json").unlink()
    assert not is_published(str(tmp_path))
    with pytest.raises(VoiceError, match="no published vocoder"):
        published_vocoder(str(tmp_path))


def test_without_the_hub_a_name_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    def unreachable(*_: Any, **__: Any) -> str:
        raise OSError("no route\nto the hub")

    monkeypatch.setattr(hub, "snapshot_download", unreachable)
    assert is_published("someone/their-vocoder")
    with pytest.raises(DownloadError, match=r"someone/their-vocoder.*no route") as refused:
        published_vocoder("someone/their-vocoder", FrameFormat())
    assert "\n" not in str(refused.value)


def test_a_name_on_the_hub_is_read_as_its_folder_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    write_hifigan(tmp_path)
    asked: list[Any] = []

    def fetch(name: str, allow_patterns: list[str]) -> str:
        asked.append((name, allow_patterns))
        return str(tmp_path)

    monkeypatch.setattr(hub, "snapshot_download", fetch)
    made = published_vocoder("someone/their-vocoder", MEL_22K)
    assert torch.allclose(made.render(frames()), unfolded().render(frames()), atol=1e-5)
    assert asked[0][0] == "someone/their-vocoder" and "config.json" in asked[0][1]
