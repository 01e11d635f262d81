"""What is installed as graphs alone can be learned on from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from intone.core.errors import TrainingError
from intone.core.installed import CODECS, SHIPPED, VOCODER_GRAPH, VOCODERS
from intone.core.protocols import CorpusFacts
from intone.core.registry import family, names
from intone.core.types import MEL_22K
from intone.export.codec import write_codec
from intone.export.onnx import export_vocoder
from intone.train.graph_weights import weights_in_graphs
from intone.train.starting import start_from, weights_in


def built(room: str, name: str, seed: int, **settings: object) -> torch.nn.Module:
    """A model of which no two tensors are alike, as after training."""
    found = family(room, name)
    torch.manual_seed(seed)
    given = found.settings(**{**found.presets["tiny"], **settings})
    model: torch.nn.Module = found.model(given, CorpusFacts(0, (), MEL_22K)).eval()
    for parameter in model.parameters():
        parameter.data += 0.01 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("name", names("vocoder"))
def test_a_vocoders_graph_gives_back_all_that_it_learned(name: str, tmp_path: Path) -> None:
    vocoder = built("vocoder", name, 0)
    export_vocoder(vocoder, tmp_path / "vocoder.onnx")
    found = weights_in_graphs([tmp_path / "vocoder.onnx"])
    for own, value in vocoder.named_parameters():
        assert torch.allclose(found[own], value, atol=1e-6), own


def test_a_voices_vocoder_is_not_taken_for_its_model(tmp_path: Path) -> None:
    model, vocoder = (built("vocoder", "vocos", seed) for seed in (0, 1))
    export_vocoder(model, tmp_path / "acoustic.onnx")
    export_vocoder(vocoder, tmp_path / VOCODER_GRAPH)
    assert torch.allclose(weights_in(tmp_path)["embed.bias"], model.embed.bias, atol=1e-6)
    (tmp_path / "acoustic.onnx").unlink()
    assert torch.allclose(weights_in(tmp_path)["embed.bias"], vocoder.embed.bias, atol=1e-6)


@pytest.mark.parametrize("name", ["small-codec", "mel-vq"])
def test_a_codec_goes_on_from_its_graphs(name: str, tmp_path: Path) -> None:
    # Codebooks as large as real ones are, which the exporter does not fold into something else.
    size = {"codebook_size": 512, "width": 24}
    codec = built("codec", name, 0, **size)
    write_codec(tmp_path / "made", codec=codec, name=name, family=name, card={})
    (tmp_path / "made" / "codec.safetensors").unlink()
    weights = weights_in(tmp_path / "made")
    new = built("codec", name, 1, **size)
    started = start_from(new, weights)
    # What was only needed in learning is not in a graph.
    assert all(n.startswith("sketch.") for n in started.anew)
    mel = torch.randn(1, 24, codec.features.bands) * 2 - 5
    with torch.no_grad():
        assert torch.equal(new.encoded(mel), codec.encoded(mel))
    # Its codebooks go on, and do not begin again with the first batch.
    assert all(v.item() == 1 for n, v in new.state_dict().items() if n.endswith(".begun"))


@pytest.mark.parametrize(
    ("name", "room", "of"),
    [("universal", "vocoder", "vocos-hn"), ("small-codec", "codec", "small-codec")],
)
def test_what_the_package_brings_is_found_by_name(name: str, room: str, of: str) -> None:
    assert (SHIPPED / {"vocoder": VOCODERS, "codec": CODECS}[room] / name).is_dir()
    found = family(room, of)
    model = found.model(found.settings(), CorpusFacts(0, (), MEL_22K))
    weights = weights_in(Path(name))
    known = [n for n, _ in model.named_parameters() if not n.startswith("sketch.")]
    assert [n for n in known if f"generator.{n}" not in weights] == []


def test_a_voice_of_the_package_can_be_trained_on() -> None:
    weights = weights_in(Path("english"))
    assert weights["decoder.blocks.5.widen.weight"].shape == (384, 192)
    assert weights["out.weight"].shape == (80, 192)


def test_a_damaged_graph_and_a_name_that_nothing_has_are_told(tmp_path: Path) -> None:
    (tmp_path / "decode.onnx").write_bytes(b"no graph")
    with pytest.raises(TrainingError, match="cannot be read as ONNX"):
        weights_in(tmp_path)
    with pytest.raises(TrainingError, match="there are no weights to start from in nobody"):
        weights_in(Path("nobody"))
