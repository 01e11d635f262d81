"""What every codec of our own promises."""

import numpy as np
import pytest
import torch

from intone.codec.sounding import ModuleCodec
from intone.core.batch import Batch
from intone.core.errors import FormatError, SettingsError
from intone.core.types import Audio
from intone.train.codec_task import CodecLossSettings, CodecTask

OURS = ["small-codec", "mel-vq"]


def taught(codec, buzz):
    """The codec with codebooks that know some sound, so that codes differ from frame to frame."""
    torch.manual_seed(0)
    codec.train()
    if codec.sound is None:
        for seed in range(4):
            sound = torch.from_numpy(buzz(0.5, 100 + 40 * seed, seed, 24_000))[None]
            codec.learn(codec.rebuild(sound))
    else:
        for _ in range(4):
            codec.losses(mel_batch([40, 31]))
    return codec.eval()


def mel_batch(lengths):
    source = torch.Generator().manual_seed(5)
    mel = torch.randn(len(lengths), max(lengths), 80, generator=source) * 2 - 5
    for row, length in enumerate(lengths):
        mel[row, length:] = 0
    count = len(lengths)
    return Batch(
        ids=tuple(map(str, range(count))),
        symbols=torch.zeros(count, 1, dtype=torch.int64),
        symbol_lengths=torch.ones(count, dtype=torch.int64),
        speaker=torch.zeros(count, dtype=torch.int64),
        mel=mel,
        frame_lengths=torch.tensor(lengths),
    )


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(("rate", "count"), [(22_050, 1), (8_000, 3_001), (48_000, 20_480)])
def test_a_sound_comes_back_as_long_as_it_was(build, buzz, name, rate, count):
    codec = ModuleCodec(build(name), name)
    audio = Audio(buzz(1, rate=rate)[:count], rate)
    codes = codec.encode(audio)
    assert codes.values.shape[1] == codec.format.codebooks
    made = codec.render(codes)
    wanted = round(count * codec.format.sample_rate / rate)
    length = len(made) * (1 if codec.sound is None else codec.sound.hop_samples)
    assert abs(codes.samples - wanted) <= 1
    assert 0 <= length - codes.samples < (1 if codec.sound is None else codec.sound.hop_samples)
    assert np.isfinite(made).all()


@pytest.mark.parametrize("name", OURS)
def test_no_sound_makes_no_codes(build, name):
    codec = ModuleCodec(build(name), name)
    codes = codec.encode(Audio(np.zeros(0, np.float32), 24_000))
    assert len(codes.values) == 0
    assert len(codec.render(codes)) == 0


def test_padding_changes_no_code_of_sounds(build, buzz):
    codec = taught(build("small-codec"), buzz)
    sounds = [torch.from_numpy(buzz(s, 130, 1, 24_000)) for s in (0.61, 0.3, 0.2)]
    lengths = torch.tensor([len(s) for s in sounds])
    padded = torch.full((3, int(lengths.max())), 9.0)  # noise that must not be heard
    for row, sound in enumerate(sounds):
        padded[row, : len(sound)] = sound
    together = codec.encode(padded, lengths)
    for row, sound in enumerate(sounds):
        alone = codec.encode(sound[None])[0]
        assert len(alone.unique(dim=0)) > 3
        assert torch.equal(together[row, : len(alone)], alone)
        assert not together[row, len(alone) :].any()


@pytest.mark.parametrize("settings", [{}, {"levels": (4, 3, 3)}, {"stride": 4}])
def test_padding_changes_no_code_of_frames(build, buzz, settings):
    codec = taught(build("mel-vq", **settings), buzz)
    batch = mel_batch([41, 17, 6])
    together = codec.encode(batch.mel, batch.frame_lengths)
    for row, length in enumerate(batch.frame_lengths.tolist()):
        alone = codec.encode(batch.mel[row : row + 1, :length])[0]
        assert torch.equal(together[row, : len(alone)], alone)
        assert not together[row, len(alone) :].any()


@pytest.mark.parametrize("settings", [{}, {"levels": (4, 3, 3)}, {"stride": 4}])
def test_padding_changes_no_loss_of_frames(build, settings):
    codec = build("mel-vq", **settings)
    short = mel_batch([18, 18])
    longer = mel_batch([18, 18])
    padded = torch.cat([longer.mel, torch.full((2, 14, 80), 7.0)], dim=1)
    longer = Batch(**{**vars(longer), "mel": padded})
    ours, theirs = codec.losses(short), codec.losses(longer)
    for name in ("mel", "square", "commitment"):
        assert ours[name].item() == pytest.approx(theirs[name].item(), abs=1e-5)


def test_any_number_of_codebooks_decodes(build, buzz):
    codec = taught(build("small-codec"), buzz)
    codes = codec.encode(torch.from_numpy(buzz(0.3, rate=24_000))[None])
    heard = [codec.render(codes[..., :k]) for k in (1, 2, 3)]
    assert {each.shape for each in heard} == {(1, codes.shape[1] * 320)}
    assert not torch.allclose(heard[0], heard[2])
    sounding = ModuleCodec(codec, "small-codec")
    with pytest.raises(SettingsError, match="4 codebooks are asked for, but there are 1 to 3"):
        sounding.encode(Audio(buzz(0.1), 22_050), 4)


def test_a_batch_learns_with_fewer_codebooks_too(build, buzz):
    codec = build("small-codec").train()
    sound = torch.from_numpy(buzz(0.3, rate=24_000))[None].repeat(6, 1)
    torch.manual_seed(3)
    codec.learn(codec.rebuild(sound))
    made = codec.rebuild(sound).samples
    assert len(made.unique(dim=0)) > 1  # the same sound, another number of codebooks
    assert len(codec.eval().rebuild(sound).samples.unique(dim=0)) == 1


@pytest.mark.parametrize("name", OURS)
def test_a_piece_with_its_context_equals_the_whole(build, buzz, name):
    codec = taught(build(name), buzz)
    stride = codec.stride
    frames = torch.randn(1, 120 * stride, codec.features.bands) * 2 - 5
    with torch.no_grad():
        whole = codec.encoded(frames)
        reach = codec.encode_context
        low, high = 50, 65
        piece = codec.encoded(frames[:, (low - reach) * stride : (high + reach) * stride])
        assert torch.equal(piece[:, reach : reach + high - low], whole[:, low:high])
        per = codec.format.hop_samples if codec.sound is None else stride
        reach = codec.context_frames
        if codec.pitch_reach is None:
            made = codec.decoded(whole)
            piece = codec.decoded(whole[:, low - reach : high + reach])
        else:
            at, none = torch.tensor([codec.pitch_reach]), torch.tensor([0])
            made, turned, _ = codec.decoded(whole, none, none, torch.zeros(1))
            begun = turned[0, low - reach + at]
            piece, _, _ = codec.decoded(
                whole[:, low - reach : high + reach], torch.tensor([low - reach]), at, begun
            )
    cut = piece[:, reach * per : (reach + high - low) * per]
    assert torch.allclose(cut, made[:, low * per : high * per], atol=1e-4)


def test_losses_of_a_codec_of_sound_fall_on_one_batch(build, buzz):
    torch.manual_seed(0)
    task = CodecTask(build("small-codec"), CodecLossSettings()).train()
    sound = torch.from_numpy(np.stack([buzz(0.25, 100 + 30 * n, n, 24_000) for n in range(3)]))
    batch = mel_batch([1, 1, 1])
    batch = Batch(**{**vars(batch), "mel": None, "samples": sound})
    turn = task.turns()[1]
    optimiser = torch.optim.Adam(turn.parameters(), 3e-3)
    totals = []
    for _ in range(40):
        losses = turn.losses(batch)
        total = sum(turn.weights[k] * v for k, v in losses.items() if k in turn.weights)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert totals[-1] < 0.75 * totals[0]


def test_critics_join_after_the_warmup_and_rest_between_steps(build, buzz):
    task = CodecTask(build("small-codec"), CodecLossSettings(warmup_steps=1)).train()
    critic, generator = task.turns()
    sound = torch.from_numpy(buzz(0.25, rate=24_000))[None].repeat(2, 1)
    batch = Batch(**{**vars(mel_batch([1, 1])), "samples": sound})
    seen = []
    for _ in range(3):
        seen.append((bool(critic.losses(batch)), "adversarial" in generator.losses(batch)))
    assert seen == [(False, False), (False, True), (True, True)]
    shared = {id(p) for p in critic.parameters()} & {id(p) for p in generator.parameters()}
    assert not shared


def test_the_critics_look_moves_no_codebook(build, buzz):
    task = CodecTask(build("small-codec"), CodecLossSettings(warmup_steps=0)).train()
    sound = torch.from_numpy(buzz(0.25, rate=24_000))[None].repeat(2, 1)
    batch = Batch(**{**vars(mel_batch([1, 1])), "samples": sound})
    before = task.generator.codebooks.each[0].vectors.clone()
    task.critic_losses(batch)
    assert torch.equal(task.generator.codebooks.each[0].vectors, before)
    task.generator_losses(batch)
    assert not torch.equal(task.generator.codebooks.each[0].vectors, before)


@pytest.mark.parametrize("levels", [(), (4, 3, 2)])
def test_losses_of_a_codec_of_frames_fall_on_one_batch(build, levels):
    torch.manual_seed(0)
    codec = build("mel-vq", levels=levels).train()
    (turn,) = codec.turns()
    batch, totals = mel_batch([30, 22]), []
    optimiser = torch.optim.Adam(turn.parameters(), 3e-3)
    for _ in range(60):
        losses = turn.losses(batch)
        total = losses["mel"]
        optimiser.zero_grad()
        (total + 0.1 * losses["commitment"]).backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert totals[-1] < 0.8 * totals[0]


def test_codes_of_another_codec_are_refused(build, buzz):
    audio = Audio(buzz(0.2), 22_050)
    small = ModuleCodec(build("small-codec"), "one", "aaaa")
    with pytest.raises(FormatError, match="sample_rate is 24000 in codes made by one but 22050"):
        ModuleCodec(build("mel-vq"), "other").render(small.encode(audio, 1))
    with pytest.raises(FormatError, match="with other weights than two has"):
        ModuleCodec(build("small-codec"), "two", "bbbb").render(small.encode(audio))
