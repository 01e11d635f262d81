"""The published codec, on a small one with random weights that is saved in the real layout."""

import numpy as np
import pytest
import torch

from intone.codec.encodec import Encodec, EncodecSettings
from intone.codec.sounding import ModuleCodec
from intone.core.errors import DownloadError, FormatError, SettingsError
from intone.core.types import Audio


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """EnCodec's own layout and rates, narrower."""
    from transformers import EncodecConfig, EncodecModel

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encodec")
    config = EncodecConfig(num_filters=4, hidden_size=16, codebook_dim=16, num_lstm_layers=1)
    EncodecModel(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("kbps", "codebooks"), [(1.5, 2), (3.0, 4), (6.0, 8)])
def test_the_rate_decides_the_codebooks(published, buzz, kbps, codebooks):
    codec = Encodec(EncodecSettings(name=str(published), kbps=kbps))
    format = codec.format
    assert (format.sample_rate, format.hop_samples) == (24_000, 320)
    assert (format.frames_per_second, format.codebooks) == (75, codebooks)
    assert format.codebook_size == 1024
    sounding = ModuleCodec(codec, "encodec")
    codes = sounding.encode(Audio(buzz(0.5), 22_050))
    assert codes.values.shape == (38, codebooks)
    assert len(sounding.render(codes)) == codes.samples == 12_000


def test_it_is_the_librarys_own_codec(published, buzz):
    from transformers import EncodecModel

    theirs = EncodecModel.from_pretrained(published).eval()
    sound = torch.from_numpy(buzz(0.4, rate=24_000))[None]  # 30 whole frames
    with torch.inference_mode():
        expected = theirs.encode(sound[:, None], bandwidth=3.0).audio_codes[0]
        heard = theirs.decode(expected[None], [None]).audio_values[0]
    codec = Encodec(EncodecSettings(name=str(published), kbps=3.0))
    codes = codec.encode(sound)
    assert torch.equal(codes.transpose(1, 2), expected)
    assert torch.allclose(codec.render(codes), heard, atol=1e-6)


def test_fewer_codebooks_decode_and_padding_leaks_nothing(published, buzz):
    codec = Encodec(EncodecSettings(name=str(published)))
    sounds = [torch.from_numpy(buzz(s, 130, 1, 24_000)) for s in (0.4, 0.25)]
    lengths = torch.tensor([len(s) for s in sounds])
    padded = torch.full((2, int(lengths.max())), 0.7)
    for row, sound in enumerate(sounds):
        padded[row, : len(sound)] = sound
    together = codec.encode(padded, lengths)
    for row, sound in enumerate(sounds):
        alone = codec.encode(sound[None])[0]
        assert torch.equal(together[row, : len(alone)], alone)
    assert codec.render(together[..., :2]).shape == (2, 9_600)


def test_what_is_wrong_is_one_line(published, tmp_path):
    with pytest.raises(DownloadError, match="give a folder that holds") as error:
        Encodec(EncodecSettings(name=str(tmp_path)))
    assert "\n" not in str(error.value)
    with pytest.raises(SettingsError, match=r"model.kbps is 2, but .* has: 1.5, 3, 6"):
        Encodec(EncodecSettings(name=str(published), kbps=2.0))


def test_a_codec_of_two_channels_is_refused(tmp_path):
    from transformers import EncodecConfig, EncodecModel

    config = EncodecConfig(
        num_filters=4, hidden_size=16, codebook_dim=16, num_lstm_layers=1, audio_channels=2
    )
    EncodecModel(config).save_pretrained(tmp_path)
    with pytest.raises(FormatError, match="several channels"):
        Encodec(EncodecSettings(name=str(tmp_path)))


def test_it_is_not_trained_here():
    from intone.train.recipes import resolve

    with pytest.raises(SettingsError, match="encodec comes trained"):
        resolve({"room": "codec", "family": "encodec", "preset": "6 kbps", "corpus": "c"})


def test_silence_is_a_sound(published):
    codec = ModuleCodec(Encodec(EncodecSettings(name=str(published))), "encodec")
    assert len(codec.render(codec.encode(Audio(np.zeros(1, np.float32), 24_000)))) == 1
