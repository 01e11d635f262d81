"""A codec whose codes leave unsaid whose voice it is."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest
import torch

from intone.audio.files import write_audio
from intone.codec.code_file import MAGIC, from_bytes, read_codes, to_bytes
from intone.codec.codes import Codes
from intone.codec.folder import CODEC_FILE
from intone.codec.onnx_codec import OnnxCodec
from intone.codec.sounding import ModuleCodec, open_module
from intone.core.batch import Batch
from intone.core.errors import FormatError
from intone.core.types import Audio
from intone.export.codec import write_codec

LEARNED = 6
SIZE = LEARNED + 20
"""Beside what is learned go the means of so many cepstra."""


@pytest.fixture(scope="module")
def codec(build):
    """A mel-vq that has learned to hear voices and to heed them."""
    torch.manual_seed(1)
    made = build("mel-vq", voice=LEARNED, voice_channels=16).train()
    optimiser = torch.optim.Adam(made.parameters(), 3e-3)
    for seed in range(30):
        losses = made.losses(mel_batch([40, 31], seed))
        optimiser.zero_grad()
        sum(v for k, v in losses.items() if not k.startswith("_")).backward()
        optimiser.step()
    for film in (made.encoder_voice, *made.decoder_voice):
        torch.nn.init.normal_(film.out.weight, std=0.3)
    return made.eval()


@pytest.fixture(scope="module")
def folder(codec, tmp_path_factory):
    place = tmp_path_factory.mktemp("voiced") / "codec"
    write_codec(place, codec=codec, name="voiced", family="mel-vq", card={})
    return place


def mel_batch(lengths, seed=5):
    source = torch.Generator().manual_seed(seed)
    mel = torch.randn(len(lengths), max(lengths), 80, generator=source) * 2 - 5
    count = len(lengths)
    return Batch(
        ids=tuple(map(str, range(count))),
        symbols=torch.zeros(count, 1, dtype=torch.int64),
        symbol_lengths=torch.ones(count, dtype=torch.int64),
        speaker=torch.zeros(count, dtype=torch.int64),
        mel=mel,
        frame_lengths=torch.tensor(lengths),
    )


def test_padding_changes_neither_voice_nor_code_nor_loss(codec):
    batch = mel_batch([41, 17])
    padded = torch.cat([batch.mel, torch.full((2, 9, 80), 7.0)], dim=1)
    for row, length in enumerate(batch.frame_lengths.tolist()):
        alone = batch.mel[row : row + 1, :length]
        together = codec.voices(padded, batch.frame_lengths)[row]
        assert torch.allclose(together, codec.voices(alone)[0], atol=1e-5)
        codes = codec.encode(padded, batch.frame_lengths)[row]
        whole = codec.encode(alone)[0]
        assert torch.equal(codes[: len(whole)], whole)
    ours, theirs = (codec.losses(Batch(**{**vars(batch), "mel": m})) for m in (batch.mel, padded))
    assert ours["mel"].item() == pytest.approx(theirs["mel"].item(), abs=1e-5)


def test_the_same_codes_sound_otherwise_in_another_voice(codec):
    codes = codec.encode(mel_batch([40]).mel)
    one, other = torch.zeros(1, SIZE), torch.zeros(1, SIZE)
    one[:, :LEARNED], other[:, :LEARNED] = 0.5, -0.5
    assert (codec.render(codes, one) - codec.render(codes, other)).abs().mean() > 0.05
    nobody = codec.render(codes)
    assert torch.allclose(nobody, codec.render(codes, torch.zeros(1, SIZE)), atol=1e-5)


def test_another_microphone_changes_the_voice_and_no_code(build):
    # Nothing is heard of an untrained voice but its means.
    bare = build("mel-vq", voice=LEARNED, voice_channels=16)
    mel = mel_batch([60]).mel
    at = (torch.arange(80) + 0.5) / 80
    tilt = 0.7 - 0.9 * torch.cos(torch.pi * at) + 0.3 * torch.cos(7 * torch.pi * at)
    quiet = mel.clone()
    quiet[:, 20:30] = math.log(1e-5)  # a pause, which the microphone does not change
    tilted = torch.where(quiet == math.log(1e-5), quiet, quiet + tilt)
    ours, theirs = bare.voices(quiet), bare.voices(tilted)
    means = (ours[:, LEARNED:] - theirs[:, LEARNED:]).abs()[0]
    assert means[[0, 1, 7]].min() > 0.02 and means[[2, 3, 4, 5, 6, 8]].max() < 1e-5
    spoken = torch.ones(30, dtype=torch.bool)
    spoken[9:16] = False  # codes that the pause reaches
    assert torch.equal(bare.encode(quiet)[0, spoken], bare.encode(tilted)[0, spoken])
    codes = bare.encode(quiet)
    difference = bare.render(codes, theirs) - bare.render(codes, ours)
    assert torch.allclose(difference, tilt.expand_as(difference), atol=1e-4)


def test_a_voice_is_heard_anywhere_in_an_utterance_while_it_is_learned(codec):
    batch = mel_batch([60, 60])
    told = codec.train()._learned_voice(batch.mel, batch.frame_lengths)
    again = codec._learned_voice(batch.mel, batch.frame_lengths)
    codec.eval()
    assert told.shape == (2, SIZE)
    assert not torch.allclose(told, again)


def test_graphs_and_torch_say_the_same(codec, folder, buzz):
    audio = Audio(buzz(0.9), 22_050)
    graphs, module = OnnxCodec(folder), open_module(folder)
    ours, theirs = graphs.encode(audio), module.encode(audio)
    assert ours.voice.shape == (SIZE,)
    assert np.abs(ours.voice - theirs.voice).max() < 1e-4
    assert np.mean(ours.values != theirs.values) < 0.02
    assert np.abs(graphs.render(theirs) - module.render(theirs)).max() < 1e-3
    script = torch.jit.load(folder / "codec.pt")
    mel = torch.randn(1, 30, 80) * 2 - 5
    codes, voice = script.encode(mel), script.voice(mel)
    rendered = codec.render(codes[..., None], voice)
    assert torch.allclose(script.decode_as(codes, voice), rendered, atol=1e-2)


def test_weights_that_keep_another_voice_are_told(folder, tmp_path):
    copy = tmp_path / "codec"
    shutil.copytree(folder, copy)
    value = json.loads((copy / CODEC_FILE).read_text())
    (copy / CODEC_FILE).write_text(json.dumps({**value, "voice": LEARNED}))
    with pytest.raises(FormatError, match="keeps 6 numbers of a voice, .* intone 26; train it"):
        open_module(copy)


def test_no_sound_has_nobodys_voice(folder):
    for codec in (OnnxCodec(folder), open_module(folder)):
        codes = codec.encode(Audio(np.zeros(0, np.float32), 22_050))
        assert not codes.voice.any() and len(codec.render(codes)) == 0


def test_a_file_keeps_the_voice_and_what_has_none_has_none(codec, buzz):
    codes = ModuleCodec(codec, "voiced").encode(Audio(buzz(0.4), 22_050))
    back = from_bytes(to_bytes(codes))
    assert np.abs(back.voice - codes.voice).max() <= 0.5 / 127 + 1e-6
    bare = Codes(codes.values, codes.format, codes.samples, "voiced")
    assert from_bytes(to_bytes(bare)).voice is None


@pytest.mark.parametrize("voice", [[1, 2, 300], ["a"], 3, [0.5], [True]])
def test_a_damaged_voice_in_a_file_is_told(codec, buzz, voice):
    import zlib

    codes = ModuleCodec(codec, "voiced").encode(Audio(buzz(0.2), 22_050))
    data = to_bytes(codes)
    start = len(MAGIC) + 4
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    header = {**json.loads(data[start : start + length]), "voice": voice}
    told = json.dumps(header).encode()
    body = MAGIC + len(told).to_bytes(4, "little") + told + data[start + length : -4]
    with pytest.raises(FormatError, match="voice is no list of numbers in its header"):
        from_bytes(body + zlib.crc32(body).to_bytes(4, "little"))


def test_a_long_recording_has_the_same_voice_with_torch_and_without(folder, monkeypatch, buzz):
    monkeypatch.setattr("intone.codec.sounding.VOICE_FRAMES", 20)
    monkeypatch.setattr("intone.codec.voice_graph.VOICE_FRAMES", 20)
    audio = Audio(buzz(0.6) * np.linspace(0.1, 1, 13_230, dtype=np.float32), 22_050)
    ours, theirs = OnnxCodec(folder).encode(audio), open_module(folder).encode(audio)
    assert np.abs(ours.voice - theirs.voice).max() < 1e-4
    assert np.mean(ours.values != theirs.values) < 0.02


def test_voices_that_do_not_fit_are_refused(folder, buzz, build):
    codec = OnnxCodec(folder)
    codes = codec.encode(Audio(buzz(0.2), 22_050))
    two = Codes(codes.values, codes.format, codes.samples, "voiced", voice=np.ones(2))
    for reader in (codec, open_module(folder)):
        with pytest.raises(FormatError, match="2 numbers say whose voice it is, but voiced keeps"):
            reader.render(two)
    with pytest.raises(FormatError, match="26 numbers say whose voice it is, but voiced keeps 0"):
        ModuleCodec(build("mel-vq"), "bare").render(codes)
    for bad in (np.array([2.0]), np.array([np.nan]), np.zeros((1, 2)), np.zeros(1_025)):
        with pytest.raises(FormatError, match="must be a list of up to 1,024 numbers"):
            Codes(codes.values, codes.format, codes.samples, "voiced", voice=bad)


def test_the_command_line_takes_the_voice_along(folder, buzz, tmp_path):
    from intone.cli.main import main

    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(buzz(0.5), 22_050))
    assert main(["codec", "encode", str(sound), "--codec", str(folder)]) == 0
    assert read_codes(tmp_path / "a.itc").voice.shape == (SIZE,)
    given = ["--codec", str(folder), "--vocoder", "griffin-lim", "-o", str(tmp_path / "b.wav")]
    assert main(["codec", "decode", str(tmp_path / "a.itc"), *given]) == 0
