"""The codecs in the package open by name, keep what is said, and are named by voices."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from intone.audio.files import read_audio, write_audio
from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.codec.folder import find_codec, read_manifest
from intone.codec.onnx_codec import OnnxCodec
from intone.core.errors import FormatError
from intone.core.types import MEL_22K, Audio, code_format
from intone.data.prepared import PreparedCorpus
from intone.export.voice import _place_codec
from intone.speech import Voice
from intone.speech.manifest import VoiceCodec
from intone.train.coding import code_corpus

SHIPPED = ["mel-vq", "small-codec"]


@pytest.fixture(scope="module", autouse=True)
def nothing_installed(tmp_path_factory):
    """An empty folder of a user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTONE_VOICES", str(tmp_path_factory.mktemp("voices")))
        yield


@pytest.fixture(scope="module")
def spoken():
    return Voice.load("english", threads=1).speak("The children built a castle of sand.").audio


@pytest.mark.parametrize("name", SHIPPED)
def test_its_folder_holds_each_weight_once_and_says_where_they_come_from(name):
    folder = find_codec(name)
    about = read_manifest(folder)
    voice = {"voice.onnx"} if about.voice else set()
    names = {path.name for path in folder.iterdir()}
    assert names == {"codec.json", "encode.onnx", "decode.onnx"} | voice
    assert about.name == name == about.family
    for key in ("trained_on", "command", "figures", "licence", "notices", "parameters"):
        assert about.card.get(key), key
    assert sum(path.stat().st_size for path in folder.iterdir()) < 9e6


@pytest.mark.parametrize(
    ("name", "codebooks", "most"),
    [("mel-vq", 1, 0.7), ("mel-vq", 2, 0.6), ("small-codec", 4, 0.5)],
)
def test_speech_comes_back_as_it_was(spoken, name, codebooks, most):
    codec = OnnxCodec(find_codec(name), threads=1)
    codes = codec.encode(spoken, codebooks)
    made = codec.render(codes)
    if codec.sound is None:
        made = mel_spectrogram(resample(made, codec.format.sample_rate, 22_050), MEL_22K)
    mel = mel_spectrogram(spoken.samples, MEL_22K)
    frames = min(len(mel), len(made))
    assert abs(len(mel) - len(made)) <= 2
    assert np.abs(made[:frames] - mel[:frames]).mean() < most
    assert len(np.unique(codes.values[:, 0])) > len(codes.values) / 4


def test_more_codebooks_come_nearer(spoken):
    codec = OnnxCodec(find_codec("small-codec"), threads=1)
    mel = mel_spectrogram(spoken.samples, MEL_22K)
    away = []
    for count in (1, 3, 8):
        made = resample(codec.render(codec.encode(spoken, count)), 24_000, 22_050)
        heard = mel_spectrogram(made[: len(spoken.samples)], MEL_22K)
        away.append(np.abs(heard - mel[: len(heard)]).mean())
    assert away[0] > away[1] > away[2]


def test_encode_and_decode_need_no_name_no_torch_and_no_training(spoken, tmp_path):
    # Twice, so that the codes, and not a file's header, are what is weighed.
    twice = Audio(np.tile(spoken.samples, 2), spoken.sample_rate)
    write_audio(tmp_path / "a.wav", twice)
    code = (
        "import sys; from intone.cli.main import main; "
        "assert main(['codec', 'encode', 'a.wav']) == 0; "
        "assert main(['codec', 'decode', 'a.itc', '-o', 'b.wav']) == 0; "
        "assert main(['codec', 'encode', 'a.wav', '-c', 'mel-vq', '-o', 'c.itc']) == 0; "
        "assert main(['codec', 'decode', 'c.itc']) == 0; "
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in ("b.wav", "c.wav"):
        assert read_audio(tmp_path / name).seconds == pytest.approx(twice.seconds, abs=0.03)
    assert (tmp_path / "c.itc").stat().st_size < 0.33 * (tmp_path / "a.itc").stat().st_size


@pytest.mark.parametrize("name", SHIPPED)
def test_a_corpus_is_coded_by_it(corpus, tmp_path, name):
    shutil.copytree(corpus, tmp_path / "prepared")
    prepared = PreparedCorpus(tmp_path / "prepared")
    coded = code_corpus(prepared, name)
    format = read_manifest(find_codec(name)).format
    assert set(coded.values) == set(prepared.entries)
    for key, entry in prepared.entries.items():
        samples = entry.frames * 256 / 22_050 * format.sample_rate
        assert len(coded.values[key]) == pytest.approx(samples / format.hop_samples, abs=1.5)


def test_a_voice_names_it_and_carries_any_other(tmp_path):
    shipped = find_codec("mel-vq")
    about = read_manifest(shipped)
    named = _place_codec(shipped, tmp_path, about.format)
    assert named == VoiceCodec(shared="mel-vq", fingerprint=about.fingerprint)
    assert list(tmp_path.iterdir()) == []
    own = tmp_path / "own"
    shutil.copytree(shipped, own)
    assert _place_codec(own, tmp_path / "voice", about.format) == VoiceCodec(folder="codec")
    carried = {path.name for path in (tmp_path / "voice" / "codec").iterdir()}
    assert carried == {"codec.json", "decode.onnx", "voice.onnx"}
    other = code_format(sample_rate=22_050, hop_samples=512, codebooks=1, codebook_size=7)
    with pytest.raises(FormatError, match="codebook_size"):
        _place_codec(shipped, tmp_path, other)
