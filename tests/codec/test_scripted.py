"""Somebody else's TorchScript pre-encoder is used as it is; ours is one too."""

import warnings

import pytest
import torch
from torch import Tensor, nn

from intone.codec.scripted import Scripted, ScriptedSettings
from intone.core.errors import FormatError, SettingsError
from intone.export.codec import export_script


class Theirs(nn.Module):
    """Quantises the loudness of four frames; bands come first, and codes with their scores."""

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.linspace(-12, 2, 50))

    @torch.jit.export
    def tokens(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        loudness = mel.mean(1).reshape(mel.shape[0], -1, 4).mean(-1)  # (B, G)
        distance = (loudness[..., None] - self.steps).abs()
        return distance, distance.argmin(-1)

    @torch.jit.export
    def mel(self, codes: Tensor) -> Tensor:
        return self.steps[codes].repeat_interleave(4, dim=1)[:, None].repeat(1, 80, 1)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    path = tmp_path_factory.mktemp("theirs") / "vqgan.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Theirs()), str(path))
    return path


def opened(path, **settings):
    given = {"encode": "tokens", "decode": "mel", "axes": "bands-frames", "codebook_size": 50}
    return Scripted(ScriptedSettings(path=str(path), **{**given, **settings}))


def test_its_stride_and_codebooks_are_measured(theirs):
    codec = opened(theirs)
    assert (codec.stride, codec.format.codebooks, codec.format.codebook_size) == (4, 1, 50)
    assert codec.format.hop_samples == 1024
    mel = torch.linspace(-11, 1, 40)[None, :, None].expand(1, 40, 80)
    codes = codec.encode(mel)
    assert codes.shape == (1, 10, 1)
    assert (codec.render(codes) - mel).abs().max() < 0.7


def test_sounds_in_one_batch_do_not_see_each_other(theirs):
    codec = opened(theirs)
    mel = torch.randn(2, 23, 80, generator=torch.Generator().manual_seed(0)) - 5
    together = codec.encode(mel, torch.tensor([23, 9]))
    assert torch.equal(together[1, :3], codec.encode(mel[1:, :9])[0])
    assert not together[1, 3:].any()


def test_what_does_not_fit_is_one_line(theirs, tmp_path):
    with pytest.raises(FormatError, match="model.axes may be the other") as error:
        opened(theirs, axes="frames-bands")
    assert "\n" not in str(error.value)
    with pytest.raises(SettingsError, match="has no method 'encode'"):
        opened(theirs, encode="encode")
    with pytest.raises(SettingsError, match="there is no TorchScript file"):
        opened(tmp_path / "none.pt")
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"no script")
    with pytest.raises(SettingsError, match="is no TorchScript file"):
        opened(broken)


@pytest.mark.parametrize("settings", [{}, {"levels": (4, 3, 2)}])
def test_our_own_is_exported_for_others(build, tmp_path, settings):
    ours = build("mel-vq", **settings)
    export_script(ours, tmp_path / "ours.pt")
    codec = opened(tmp_path / "ours.pt", encode="encode", decode="decode", axes="frames-bands")
    mel = torch.randn(2, 30, 80, generator=torch.Generator().manual_seed(0)) * 2 - 5
    assert torch.equal(codec.encode(mel), ours.encode(mel))
    codes = ours.encode(mel)
    assert torch.allclose(codec.render(codes), ours.render(codes), atol=1e-5)
