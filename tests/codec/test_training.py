"""From a prepared corpus to a codec's folder, and from the command line to codes and back."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from intone.audio.files import read_audio, write_audio
from intone.cli.main import main
from intone.codec import onnx_codec
from intone.codec.code_file import read_codes, write_codes
from intone.codec.folder import CODEC_FILE, WEIGHTS_FILE, find_codec, read_manifest
from intone.codec.onnx_codec import OnnxCodec
from intone.codec.sounding import open_module
from intone.core.errors import FormatError, IntoneError
from intone.core.files import read_json, write_json
from intone.core.types import Audio
from intone.data.prepared import PreparedCorpus
from intone.data.sound_segments import SoundSegments
from intone.train.recipes import resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings
from intone.train.starting import weights_in

FEW = [
    "train.steps=6", "train.save_every=3", "train.validate_every=3", "train.log_every=3",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "train.ema_decay=0.9",
    "train.schedule=constant", "data.max_frames=300", "data.held_out=2", "data.spoken=1",
]  # fmt: skip


def recipe(corpus, family, *changes):
    given = {"room": "codec", "family": family, "corpus": str(corpus), "preset": "tiny"}
    return resolve(given, [*FEW, "train.samples_every=0", *changes])


@pytest.fixture(scope="module")
def runs(corpus, tmp_path_factory):
    """A run of each codec, by the command line."""
    folder = tmp_path_factory.mktemp("runs")
    for family in ("small-codec", "mel-vq"):
        arguments = ["train", "codec", "--family", family, "--corpus", str(corpus)]
        where = ["--preset", "tiny", "-o", str(folder), "--run", family]
        assert main([*arguments, *where, *FEW, "train.samples_every=6"]) == 0
    return folder


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("small-codec", ["losses.warmup_steps=2"]),
        ("mel-vq", []),
        ("mel-vq", ["model.levels=[4,3]"]),
    ],
)
def test_a_run_that_was_cut_goes_on_with_the_same_bits(corpus, tmp_path, family, changes):
    whole, cut = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "cut")
    train_from_settings(recipe(corpus, family, *changes), whole)
    train_from_settings(recipe(corpus, family, *changes, "train.steps=3"), cut)
    train_from_settings(recipe(corpus, family, *changes), cut, resume="auto")
    for name in ("model", "ema", "optimiser"):
        ours, theirs = (
            safetensors.torch.load_file(run.checkpoints / "step=6" / f"{name}.safetensors")
            for run in (whole, cut)
        )
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(value, theirs[key]) for key, value in ours.items())


@pytest.mark.parametrize("family", ["small-codec", "mel-vq"])
def test_fine_tuning_begins_with_the_codebooks_too(runs, corpus, family):
    from intone.train.runs import _build
    from intone.train.starting import start_from

    model, _ = _build(recipe(corpus, family))
    weights = weights_in(runs / family)
    start_from(model, weights)
    learned = [name for name in weights if name.endswith((".vectors", ".counts", ".begun"))]
    assert learned
    own = model.state_dict()
    assert all(torch.equal(own[name], weights[name]) for name in learned)


@pytest.mark.parametrize(
    ("family", "coder", "learns"),
    [
        ("small-codec", ("generator.encoder.", "generator.narrow."), "generator.head.weight"),
        ("mel-vq", ("embed.", "encoder.", "norm_encoder.", "narrow."), "out.weight"),
    ],
)
def test_a_frozen_encoder_keeps_its_codes_and_a_decoder_learns_on(
    runs, corpus, tmp_path, family, coder, learns
):
    frozen = f"train.freeze=[{','.join(f'{name}*' for name in coder)}]"
    before, run = weights_in(runs / family), RunFolder(tmp_path / "run")
    train_from_settings(recipe(corpus, family, frozen), run, start=runs / family)
    after = weights_in(run.path)
    books = ("generator.codebooks.", "codebook.")
    codes = [name for name in before if name.startswith((*coder, *books))]
    assert len(codes) > 10
    assert all(torch.equal(before[name], after[name]) for name in codes)
    assert not torch.equal(before[learns], after[learns])


@pytest.mark.parametrize("family", ["small-codec", "mel-vq"])
def test_a_run_leaves_a_codec_whose_graphs_equal_torch(runs, buzz, family):
    folder = find_codec(runs / family)
    audio = Audio(buzz(1.3), 22_050)
    graphs, module = OnnxCodec(folder), open_module(folder)
    codes = graphs.encode(audio)
    theirs = module.encode(audio)
    assert np.mean(codes.values != theirs.values) < 0.02
    assert (codes.samples, codes.fingerprint) == (theirs.samples, theirs.fingerprint)
    assert np.abs(graphs.render(codes) - module.render(codes)).max() < 1e-3
    mel = np.random.default_rng(0).normal(-5, 2, (41, 80))
    if graphs.sound is None:
        with pytest.raises(FormatError, match="codes samples, not mels"):
            graphs.encode_frames(mel.astype(np.float32))
    else:
        coded = [codec.encode_frames(mel.astype(np.float32)) for codec in (graphs, module)]
        assert len(coded[0].values) == 21 and coded[0].samples == 41 * 256
        assert np.mean(coded[0].values != coded[1].values) < 0.1
    manifest = read_manifest(folder)
    assert all(0 < use <= 1 for use in manifest.card["codebook_use"])
    assert manifest.card["trained_on"].startswith("prepared: 10 utterances")


@pytest.mark.parametrize("family", ["small-codec", "mel-vq"])
def test_a_long_sound_in_chunks_equals_the_whole(runs, buzz, monkeypatch, family):
    codec = OnnxCodec(find_codec(runs / family))
    audio = Audio(buzz(3), 22_050)
    whole = codec.encode(audio)
    heard = codec.render(whole)
    monkeypatch.setattr(onnx_codec, "CODES_AT_ONCE", 50)
    assert np.array_equal(codec.encode(audio).values, whole.values)
    assert np.abs(codec.render(whole) - heard).max() < 1e-4


def test_samples_and_pictures_show_how_it_sounds(runs):
    made = {path.name for path in (runs / "small-codec/samples/step=6").iterdir()}
    assert {path.rpartition(".")[2] for path in made} == {"wav", "png"}
    assert any(".4." in name for name in made)
    assert any(path.suffix == ".wav" for path in (runs / "mel-vq/samples/step=6").iterdir())


@pytest.mark.parametrize("channels", [1, 2])
def test_encode_decode_info(runs, buzz, tmp_path, capsys, channels):
    import soundfile

    sound = tmp_path / "a.wav"
    samples = np.stack([buzz(0.7, rate=16_000)] * channels, axis=1)
    soundfile.write(sound, samples, 16_000)
    codec = str(runs / "small-codec")
    assert main(["codec", "encode", str(sound), "--codec", codec, "-k", "2"]) == 0
    codes = read_codes(tmp_path / "a.itc")
    assert codes.values.shape == (53, 2)
    assert "53 frames of 2 codebooks of 16, 0.60 kbit/s" in capsys.readouterr().out
    out = tmp_path / "b.wav"
    assert main(["codec", "decode", str(tmp_path / "a.itc"), "-c", codec, "-o", str(out)]) == 0
    heard = read_audio(out)
    assert (heard.sample_rate, len(heard.samples)) == (24_000, 16_800)
    capsys.readouterr()
    assert main(["codec", "info", str(tmp_path / "a.itc")]) == 0
    assert "made by small-codec (" in capsys.readouterr().out
    assert main(["codec", "info", codec]) == 0
    told = capsys.readouterr().out
    assert "75.0 frames a second of 3 codebooks of 16" in told
    assert "decode.onnx" in told
    assert "codebook_use" in told
    assert main(["codec", "encode", str(sound), "--codec", codec, "-k", "1"]) == 0
    assert "53 frames of 1 codebook of 16, " in capsys.readouterr().out


def test_frames_are_heard_through_a_vocoder(runs, buzz, tmp_path):
    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(buzz(0.5), 22_050))
    codec = str(runs / "mel-vq")
    assert main(["codec", "encode", str(sound), "--codec", codec]) == 0
    for vocoder in ([], ["--vocoder", "griffin-lim"]):
        arguments = ["codec", "decode", str(tmp_path / "a.itc"), "--codec", codec, *vocoder]
        assert main([*arguments, "-o", str(tmp_path / "b.wav")]) == 0
        assert len(read_audio(tmp_path / "b.wav").samples) == 11_025


def test_our_script_is_somebody_elses_pre_encoder(runs, buzz, tmp_path):
    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(buzz(0.5), 22_050))
    script = str(runs / "mel-vq" / "codec" / "codec.pt")
    assert main(["codec", "encode", str(sound), "--codec", script]) == 0
    theirs = read_codes(tmp_path / "a.itc").values
    ours = open_module(find_codec(runs / "mel-vq")).encode(read_audio(sound)).values
    assert np.array_equal(ours, theirs)


def test_what_is_wrong_is_one_line(runs, buzz, tmp_path, capsys):
    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(buzz(0.3), 22_050))
    codec = ["--codec", str(runs / "small-codec")]
    wrong = [
        (["encode", str(sound), "--codec", str(tmp_path)], "there is no codec"),
        (["encode", str(sound), *codec, "-k", "9"], "9 codebooks are asked for"),
        (["encode", str(tmp_path / "none.wav"), *codec], "there is no file"),
        (["decode", str(sound), *codec], "is no code file"),
        (["info", str(tmp_path / "none")], "there is no codec"),
    ]
    for arguments, message in wrong:
        capsys.readouterr()
        assert main(["codec", *arguments]) in (1, 2)
        told = capsys.readouterr().err
        assert message in told
        assert len(told.splitlines()) == 1
    assert main(["codec", "encode", str(sound), *codec]) == 0
    path = tmp_path / "a.itc"
    capsys.readouterr()
    # The installed codec of that name is the shipped one.
    assert main(["codec", "decode", str(path)]) == 1
    assert "codebook_size is 16 in codes made by small-codec" in capsys.readouterr().err
    write_codes(tmp_path / "b.itc", replace(read_codes(path), codec="nobody"))
    assert main(["codec", "decode", str(tmp_path / "b.itc")]) == 1
    assert "made by the codec 'nobody', which is not installed" in capsys.readouterr().err
    path.write_bytes(path.read_bytes()[:-9])
    assert main(["codec", "decode", str(path), *codec]) == 1
    assert "cut off or damaged" in capsys.readouterr().err
    assert not (tmp_path / "a.flac").exists()


def test_a_malformed_folder_is_told(runs, tmp_path):
    folder = find_codec(runs / "small-codec")
    value = read_json(folder / CODEC_FILE)
    broken = [
        ({"stride": 3}, "do not fit the stride"),
        ({"stride": "1"}, "stride is '1'"),
        ({"format": {}}, "format is not the description"),
        ({"version": 99}, "another version"),
        ({"extra": 1}, "unknown key 'extra'"),
        ({"voice": 2_000}, "voice is 2000"),
        ({"pitch_reach": 9_999}, "pitch_reach is beyond decode_context"),
    ]
    for change, message in broken:
        write_json(tmp_path / CODEC_FILE, {**value, **change})
        with pytest.raises(FormatError, match=message):
            read_manifest(tmp_path)
    write_json(tmp_path / CODEC_FILE, value)
    with pytest.raises(FormatError, match="the weights in .* cannot be read"):
        open_module(tmp_path)
    shutil.copyfile(find_codec(runs / "mel-vq") / WEIGHTS_FILE, tmp_path / WEIGHTS_FILE)
    with pytest.raises(FormatError, match="are not of the small-codec of this intone.*train it"):
        open_module(tmp_path)
    with pytest.raises(IntoneError, match="there is no codec"):
        find_codec(tmp_path / "elsewhere")


def test_segments_are_of_the_codecs_rate_and_repeat(corpus):
    prepared = PreparedCorpus(corpus)
    ids = list(prepared.entries)
    pieces = SoundSegments(prepared, ids, sample_rate=24_000, hop_samples=320, frames=15, count=3)
    first, again = (list(pieces.epoch(1, 0, 0)) for _ in range(2))
    assert len(first) == pieces.length(0)
    assert all(torch.equal(a.samples, b.samples) for a, b in zip(first, again, strict=True))
    late = list(pieces.epoch(1, 0, len(first) - 1))
    assert torch.equal(late[0].samples, first[-1].samples)
    assert first[0].samples.shape == (3, 4_800)
    assert float(first[0].samples.abs().max()) <= 0.98 + 1e-6
    assert not torch.equal(next(iter(pieces.epoch(2, 0, 0))).samples, first[0].samples)


def test_speaking_needs_no_torch(runs, tmp_path, buzz):
    import os
    import subprocess
    import sys

    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(buzz(0.3), 22_050))
    code = (
        "import sys; from intone.cli.main import main; "
        f"c = {str(runs / 'small-codec')!r}; "
        f"assert main(['codec', 'encode', {str(sound)!r}, '--codec', c]) == 0; "
        f"assert main(['codec', 'decode', {str(tmp_path / 'a.itc')!r}, '--codec', c]) == 0; "
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
