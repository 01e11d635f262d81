"""What mel-vq learns besides frames: which phone is heard, and voices that it never heard."""

import math
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch
import yaml

from intone.codec import mel_vq
from intone.codec._mel_vq_disguise import disguised
from intone.codec.mel_vq import MelVq, MelVqSettings
from intone.codec.onnx_codec import OnnxCodec
from intone.codec.scripted import Scripted, ScriptedSettings
from intone.codec.sounding import load_module
from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts
from intone.core.types import MEL_22K
from intone.export.codec import write_codec
from intone.nn.masks import mask_of
from intone.train.recipes import read_recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings
from intone.train.starting import start_from

SYMBOLS = 5
FLOOR = math.log(MEL_22K.floor)
PHONES = (0, 1, 1, 2, 3)
"""Symbols 1 and 2 are one phone, stressed and not."""


def codec_of(**settings):
    torch.manual_seed(0)
    tiny = {**mel_vq.FAMILY.presets["tiny"], "codebook_size": 64, **settings}
    facts = CorpusFacts(symbols=SYMBOLS, speakers=("a",), format=MEL_22K, phones=PHONES)
    return MelVq(MelVqSettings(**tiny), facts)


def aligned(*durations):
    """Utterances of symbols 1, 2, 3, 4, 1, ..., each of which has a spectrum of its own."""
    source = torch.Generator().manual_seed(1)
    tones = torch.randn(SYMBOLS, 80, generator=source) * 2 - 5
    most = max(map(len, durations))
    lengths = torch.tensor([sum(each) for each in durations])
    symbols = torch.zeros(len(durations), most, dtype=torch.int64)
    frames = torch.zeros_like(symbols)
    mel = torch.zeros(len(durations), int(lengths.max()), 80)
    for row, each in enumerate(durations):
        spoken = torch.arange(len(each)) % (SYMBOLS - 1) + 1
        symbols[row, : len(each)], frames[row, : len(each)] = spoken, torch.tensor(each)
        mel[row, : lengths[row]] = tones[spoken].repeat_interleave(torch.tensor(each), dim=0)
    mel += torch.randn(mel.shape, generator=source) * 0.1
    return Batch(
        ids=tuple(map(str, range(len(durations)))),
        symbols=symbols,
        symbol_lengths=torch.tensor([len(each) for each in durations]),
        speaker=torch.zeros(len(durations), dtype=torch.int64),
        mel=mel,
        frame_lengths=lengths,
        durations=frames,
    )


def learn(codec, batch, steps=80):
    (turn,) = codec.train().turns()
    optimiser = torch.optim.Adam(turn.parameters(), 5e-3)
    seen = []
    for _ in range(steps):
        losses = turn.losses(batch)
        total = sum(turn.weights[name] * losses[name] for name in turn.weights if name in losses)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        seen.append({name: float(value.detach()) for name, value in losses.items()})
    return seen


def test_codes_learn_to_tell_phones():
    batch = aligned([6, 4, 8, 6, 4, 6], [4, 8, 6, 6])
    seen = learn(codec_of(phones=0.5, disguise=0.0), batch)
    assert seen[0]["phones"] == pytest.approx(math.log(4), abs=0.7)
    assert seen[-1]["phones"] < 0.2 * seen[0]["phones"]
    assert seen[-1]["mel"] < 0.6 * seen[0]["mel"]


def test_symbols_that_differ_by_stress_are_one_phone():
    codec = codec_of(phones=0.5).eval()
    batch = aligned([6, 4, 8, 6])
    other = replace(batch, symbols=torch.tensor([[2, 1, 3, 4]]))
    assert torch.equal(codec.losses(batch)["phones"], codec.losses(other)["phones"])
    other = replace(batch, symbols=torch.tensor([[3, 2, 1, 4]]))
    assert not torch.equal(codec.losses(batch)["phones"], codec.losses(other)["phones"])


def test_padding_tells_no_phone():
    codec = codec_of(phones=0.5).eval()
    short, long = aligned([6, 4, 8]), aligned([6, 4, 8], [6, 4, 8, 6, 4, 9])
    rows = {"symbols", "mel", "durations", "symbol_lengths", "frame_lengths", "speaker"}
    padded = replace(long, ids=("0",), **{name: getattr(long, name)[:1] for name in rows})
    mel = padded.mel.clone()
    mel[:, :18], mel[:, 18:] = short.mel, 9.0
    ours = codec.losses(short)["phones"]
    theirs = codec.losses(replace(padded, mel=mel))["phones"]
    assert theirs.item() == pytest.approx(ours.item(), abs=1e-5)


def test_phones_are_asked_for_only_where_they_are_told():
    assert codec_of(phones=0.5).needs.durations_where_known
    assert codec_of(heard=0.5).needs.durations_where_known
    assert not codec_of().needs.durations_where_known
    assert "phones" not in codec_of().eval().losses(aligned([6, 4]))


def test_a_codec_that_told_phones_is_written_without_them_and_opens(tmp_path):
    codec = codec_of(phones=0.5)
    batch = aligned([6, 4, 8, 6])
    learn(codec, batch, steps=3)
    codes = codec.eval().encode(batch.mel)
    write_codec(tmp_path, codec=codec, name="a", family="mel-vq", card={})
    opened = load_module(tmp_path)
    assert not [name for name in opened.state_dict() if "phone" in name]
    assert (opened.encode(batch.mel) == codes).float().mean() > 0.9
    assert torch.equal(opened.encode(batch.mel), codec.encode(batch.mel))


def test_latents_lie_on_a_sphere():
    codec = codec_of(width=8).eval()
    lengths = codec.latents_of(aligned([6, 4, 8]).mel).norm(dim=-1)
    assert torch.allclose(lengths, torch.full_like(lengths, 8**0.5), atol=1e-4)


def test_some_utterances_are_disguised_and_the_others_are_as_they_were():
    torch.manual_seed(1)
    codec = codec_of()
    mel = torch.randn(200, 12, 80) - 4
    made = disguised(mel, 0.5, codec.cepstra)
    same = (made - mel).abs().amax(dim=(1, 2)) < 1e-5
    assert 70 < int(same.sum()) < 130
    quiet = torch.full((200, 12, 80), FLOOR)
    assert disguised(quiet, 0.5, codec.cepstra).min() >= FLOOR - 1e-6


def test_a_disguise_moves_a_voices_formants():
    torch.manual_seed(1)
    codec = codec_of()
    mel = torch.full((300, 2, 80), -6.0)
    mel[:, :, 40] = 4.0
    peaks = disguised(mel, 1.0, codec.cepstra)[:, 0].argmax(dim=1)
    assert peaks.min() >= 35 and peaks.max() <= 46
    assert len(peaks.unique()) > 6


def test_nobody_is_disguised_in_validation():
    batch = aligned([6, 4, 8, 6])
    plain, disguised = codec_of(disguise=0.0).eval(), codec_of(disguise=1.0).eval()
    ours, theirs = plain.losses(batch), disguised.losses(batch)
    assert all(torch.equal(ours[name], theirs[name]) for name in ("mel", "square", "commitment"))
    heard = disguised.train().losses(batch)["mel"]
    assert not torch.equal(heard, plain.train().losses(batch)["mel"])


def unaligned(batch, *rows):
    durations = batch.durations.clone()
    durations[list(rows)] = 0
    return replace(batch, durations=durations)


def only_the_codec_learns(codec, batch, name, reader):
    codec.zero_grad()
    codec.train().losses(batch)[name].backward()
    assert all(each.grad is None for each in reader.parameters())
    assert codec.out.weight.grad.abs().sum() > 0


def test_a_phone_that_is_lost_in_decoding_costs_and_only_the_codec_learns_from_it():
    batch = aligned([6, 4, 8, 6], [4, 8, 6, 6])
    codec = codec_of(heard=0.5, disguise=0.0)
    seen = learn(codec, batch)
    assert seen[0]["heard_read"] == pytest.approx(math.log(4), abs=0.7)
    assert seen[-1]["heard_read"] < 0.2 * seen[0]["heard_read"]
    codec.eval()
    listener, real = codec.listener, torch.ones(2, 24, dtype=torch.bool)
    right = codec._heard_losses(listener, batch.mel, batch.mel, batch, real)["heard"]
    wrong = codec._heard_losses(listener, batch.mel.flip(0), batch.mel, batch, real)["heard"]
    assert right == pytest.approx(0.0, abs=1e-5)
    assert wrong > 0.3
    only_the_codec_learns(codec, batch, "heard", listener)


def test_a_recording_that_is_not_aligned_teaches_no_phone_but_must_be_heard_alike():
    both, one = aligned([6, 4, 8, 6], [4, 8, 6, 6]), aligned([6, 4, 8, 6])
    codec = codec_of(heard=0.5, phones=0.5).eval()
    ours, theirs = codec.losses(unaligned(both, 1)), codec.losses(replace(one, mel=both.mel[:1]))
    for name in ("phones", "heard_read"):
        assert ours[name].item() == pytest.approx(theirs[name].item(), abs=1e-5)
    assert ours["heard"] == codec.losses(both)["heard"]
    nobody = codec.losses(unaligned(both, 0, 1))
    assert nobody["phones"] == nobody["heard_read"] == 0
    assert nobody["heard"] == ours["heard"]


def test_a_codec_that_learned_to_be_heard_is_written_without_its_listener(tmp_path):
    write_codec(tmp_path, codec=codec_of(heard=0.5).eval(), name="a", family="mel-vq", card={})
    names = load_module(tmp_path).state_dict()
    assert not [name for name in names if name.startswith(("listener", "phone"))]


def voiced(*hertz):
    """One utterance a pitch: its harmonics as ridges over the bands, all frames alike."""
    bands = torch.arange(80.0)
    rows = [-5 + 3 * torch.cos(2 * torch.pi * bands * 20 / hz) for hz in hertz]
    mel = torch.stack(rows)[:, None].expand(-1, 12, -1).contiguous()
    batch = aligned(*[[12]] * len(hertz))
    pitches = torch.tensor(hertz, dtype=torch.float32)[:, None].expand(-1, 12)
    return replace(batch, mel=mel, pitch_hz=pitches)


def test_a_pitch_that_is_lost_in_decoding_costs_and_only_the_codec_learns_from_it():
    batch = voiced(90, 140, 220, 330)
    codec = codec_of(pitch=0.5, disguise=0.0)
    seen = learn(codec, batch, steps=150)
    assert seen[-1]["pitch_read"] < 0.6 * seen[0]["pitch_read"]
    codec.eval()
    reader = codec.pitch
    hertz = reader.scale.hz(reader(batch.mel))[:, 6]
    assert torch.allclose(hertz, torch.tensor([90.0, 140.0, 220.0, 330.0]), rtol=0.1)
    right = codec._pitch_losses(reader, batch.mel, batch.mel, batch)["pitch"]
    wrong = codec._pitch_losses(reader, batch.mel.flip(0), batch.mel, batch)["pitch"]
    assert right == pytest.approx(0.0, abs=1e-5)
    assert wrong > 1.0
    only_the_codec_learns(codec, batch, "pitch", reader)


def test_unvoiced_frames_and_padding_have_no_pitch_to_lose():
    batch = voiced(90, 220)
    codec = codec_of(pitch=0.5).eval()
    silent = replace(batch, pitch_hz=torch.zeros_like(batch.pitch_hz))
    assert codec.losses(silent)["pitch"] == 0
    quiet = batch.pitch_hz.clone()
    quiet[:, 6:] = 0
    other = batch.mel.clone()
    ours = codec._pitch_losses(codec.pitch, other.flip(0), batch.mel, batch)
    longer = replace(batch, pitch_hz=quiet)
    theirs = codec._pitch_losses(codec.pitch, other.flip(0), batch.mel, longer)
    assert ours["pitch"] != theirs["pitch"]


def test_a_codec_that_learned_pitch_is_written_without_its_reader(tmp_path):
    codec = codec_of(pitch=0.5)
    assert codec.needs.pitch and not codec_of().needs.pitch
    write_codec(tmp_path, codec=codec.eval(), name="a", family="mel-vq", card={})
    assert not [name for name in load_module(tmp_path).state_dict() if name.startswith("pitch")]


@pytest.mark.parametrize("dilations", [(1,), (1, 3), (4, 2, 1)])
def test_what_a_code_decodes_to_reaches_as_far_as_it_says(dilations):
    codec = codec_of(layers=3, dilations=dilations).eval()
    reach, stride = codec.context_frames, codec.stride
    codes = torch.randint(0, 64, (1, 2 * reach + 41, 1))
    other = codes.clone()
    middle = reach + 20
    other[0, middle] = (other[0, middle] + 1) % 64
    frames = (codec.decoded(codes) - codec.decoded(other)).abs().amax(dim=(0, 2))
    moved = frames.nonzero()[:, 0] // stride
    assert moved.min() == middle - reach and moved.max() == middle + reach


def test_several_codebooks_say_more_than_one_and_any_number_of_them_decodes(tmp_path):
    codec = codec_of(codebooks=3, codebook_size=2, disguise=0.0, fewer=0.5)
    batch = aligned([6, 4, 8, 6, 4, 6], [4, 8, 6, 6])
    learn(codec, batch, steps=200)
    codes = codec.eval().encode(batch.mel, batch.frame_lengths)
    assert codes.shape == (2, 17, 3) and codec.format.codebooks == 3
    real = mask_of(batch.frame_lengths, batch.mel.shape[1])
    off = [
        float((codec.render(codes[..., :count])[:, :34] - batch.mel)[real].abs().mean())
        for count in (1, 2, 3)
    ]

    assert off[0] > 1.3 * off[1] and off[0] > 1.3 * off[2]
    write_codec(tmp_path, codec=codec, name="a", family="mel-vq", card={})
    frames = batch.mel[0, : batch.frame_lengths[0]].numpy()
    opened = OnnxCodec(tmp_path, threads=1)
    theirs = opened.encode_frames(frames)
    assert (theirs.values == codes[0].numpy()).mean() > 0.9
    heard = opened.render(theirs.first(2))
    ours = codec.render(torch.from_numpy(theirs.values[None, :, :2]))[0]
    assert np.abs(heard - ours[: len(heard)].numpy()).max() < 1e-3
    script = Scripted(ScriptedSettings(path=str(tmp_path / "codec.pt"), codebook_size=2))
    assert script.format.codebooks == 3
    assert torch.equal(script.encode(batch.mel[:1]), codec.encode(batch.mel[:1]))
    assert torch.allclose(script.render(codes), codec.render(codes), atol=1e-4)


def test_weights_of_a_time_when_one_codebook_was_all_open():
    codec, other = codec_of(), codec_of()
    learn(codec, aligned([6, 4, 8, 6]), steps=3)
    former = {
        name.replace("codebooks.each.0.", "codebook."): value
        for name, value in codec.state_dict().items()
    }
    assert "codebook.vectors" in former
    other.load_state_dict(former)
    batch = aligned([6, 4, 8])
    assert torch.equal(other.eval().encode(batch.mel), codec.eval().encode(batch.mel))


def test_a_grid_is_one_codebook():
    with pytest.raises(ValueError, match="levels make one grid, but model.codebooks=2"):
        MelVqSettings(levels=(8, 5, 5, 5), codebooks=2)


def test_a_codebook_of_another_size_begins_anew_and_the_rest_is_taken_over():
    small, large = codec_of(codebook_size=32), codec_of(codebook_size=48)
    batch = aligned([6, 4, 8, 6])
    learn(small, batch, steps=3)
    started = start_from(large, small.state_dict())
    begun = large.codebooks.each[0].begun
    assert "codebooks.each.0.begun" in started.anew and not begun
    assert torch.equal(large.embed.weight, small.embed.weight)
    same = codec_of(codebook_size=32)
    start_from(same, small.state_dict())
    ours, theirs = same.codebooks.each[0], small.codebooks.each[0]
    assert torch.equal(ours.vectors, theirs.vectors) and ours.begun


@pytest.mark.parametrize("family", ["mel-vq", "small-codec"])
def test_a_run_of_before_there_were_disguises_goes_on(corpus, tmp_path, family):
    few = [
        "train.ema_decay=0.9",
        "train.save_every=2",
        "train.device=cpu",
        "train.threads=1",
        "train.trackers=[csv]",
    ]
    given = {"room": "codec", "family": family, "corpus": str(corpus), "preset": "tiny"}
    run = RunFolder(tmp_path / "run")
    changes = [*few, "data.held_out=2", "data.max_frames=300", "train.samples_every=0"]
    train_from_settings(resolve(given, [*changes, "train.steps=2"]), run)
    old = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    del old["data"]["disguised"]
    if family == "mel-vq":
        del old["model"]["disguise"], old["model"]["phones"], old["model"]["pitch"]
        # Nor were there several codebooks.
        for name in ("model", "ema"):
            path = run.checkpoints / "step=2" / f"{name}.safetensors"
            weights = safetensors.torch.load_file(path)
            former = {k.replace("codebooks.each.0.", "codebook."): v for k, v in weights.items()}
            assert former.keys() != weights.keys()
            safetensors.torch.save_file(former, path)
    run.config.write_text(yaml.safe_dump(old), encoding="utf-8")
    train_from_settings(resolve(read_recipe(run.config), ["train.steps=4"]), run, resume="auto")
    assert (run.checkpoints / "step=4").is_dir()


def spread_of(mel, codec):
    """The mean squares of the first cepstra about nobody's centre."""
    return ((mel - mel_vq._MEL_MEAN) @ codec.cepstra.cosines).square().mean(dim=(0, 1))


def test_decoded_frames_spread_as_far_as_recordings():
    codec = codec_of(codebook_size=4, disguise=0.0)
    batch = aligned([6, 4, 8, 6], [4, 8, 6, 6])

    def said_anew():
        return replace(batch, mel=batch.mel + torch.randn_like(batch.mel))

    for _ in range(300):
        learn(codec, said_anew(), steps=1)
    spoken = torch.cat([said_anew().mel for _ in range(20)])
    codes = codec.eval().encode(spoken)
    plain = codec.frames_of(codec.vectors_of(codes)).detach()
    lacking = spread_of(plain, codec) / spread_of(spoken, codec)
    given = spread_of(codec.render(codes), codec) / spread_of(spoken, codec)
    few = (lacking > 0.3) & (lacking < 0.9)
    assert few.sum() >= 10
    assert (given[few] - 1).abs().mean() < 0.15


def test_padding_does_not_tell_how_far_cepstra_spread():
    one, other = codec_of(disguise=0.0), codec_of(disguise=0.0)
    batch = aligned([6, 4, 8, 6])
    longer = replace(batch, mel=torch.cat([batch.mel, torch.full((1, 8, 80), 3.0)], dim=1))
    for codec, heard in ((one, batch), (other, longer)):
        codec.train().losses(heard)
    assert torch.allclose(one.spread.squares, other.spread.squares, rtol=1e-4)
    assert (one.spread.squares > 0).all()


def test_weights_of_a_time_when_nothing_was_drawn_apart_decode_as_they_did():
    codec, other = codec_of(), codec_of()
    learn(codec, aligned([6, 4, 8, 6]), steps=3)
    former = {k: value for k, value in codec.state_dict().items() if k != "spread.squares"}
    other.load_state_dict(former)
    codes = torch.randint(0, 64, (1, 9, 1))
    plain = codec.eval().frames_of(codec.vectors_of(codes))
    assert torch.allclose(other.eval().render(codes), plain, atol=1e-5)
    assert not torch.allclose(codec.render(codes), plain, atol=1e-2)
