"""What a user may turn in FastSpeech 2 does what its name says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from intone.acoustic.fastspeech2 import FastSpeech2, FastSpeech2Settings
from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts, Spoken
from intone.core.types import Controls

SMALL = {"channels": 32, "encoder_layers": 1, "decoder_layers": 1, "hidden": 32}


def model_of(facts: CorpusFacts, **settings: object) -> FastSpeech2:
    torch.manual_seed(0)
    values = {**SMALL, "variance_hidden": 16, **settings}
    model = FastSpeech2(FastSpeech2Settings.model_validate(values), facts).eval()
    with torch.no_grad():
        # About six frames a symbol, as in speech; untrained weights give none.
        model.duration.out.bias.fill_(1.9)
    return model


def say(model: FastSpeech2, batch: Batch, **controls: float) -> Spoken:
    turned = Controls(**controls)  # type: ignore[arg-type]
    return model.generate(batch.symbols, batch.symbol_lengths, batch.speaker, turned)


def test_speed_shortens_speech_in_proportion(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((40, 40))
    plain, fast = say(model, batch), say(model, batch, speed=2.0)
    ratio = fast.lengths.float() / plain.lengths.float()
    assert torch.allclose(ratio, torch.full_like(ratio, 0.5), atol=0.02)


def test_a_phone_lasts_a_frame_even_at_top_speed(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((20, 11))
    with torch.no_grad():
        model.duration.out.bias.fill_(-3.0)
    durations = say(model, batch, speed=4.0).durations
    phones = batch.symbols > 3
    assert bool((durations[phones] >= 1).all())
    assert bool((durations[batch.symbols == 0] == 0).all())


def test_durations_add_up_to_the_frames(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    spoken = say(model_of(facts), make_batch((25, 13, 4)), speed=1.3)
    assert torch.equal(spoken.durations.sum(dim=1), spoken.lengths)
    assert spoken.frames.shape[1] == int(spoken.lengths.max())


def test_pitch_and_energy_factors_reach_the_frames(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch()
    plain = say(model, batch).frames
    assert not torch.allclose(plain, say(model, batch, pitch=1.2).frames)
    assert not torch.allclose(plain, say(model, batch, energy=1.2).frames)


def test_speakers_sound_different(facts: CorpusFacts, make_batch: Callable[..., Batch]) -> None:
    model, batch = model_of(facts), make_batch((10,))
    ann = model.generate(batch.symbols, batch.symbol_lengths, torch.tensor([0]), Controls())
    bob = model.generate(batch.symbols, batch.symbol_lengths, torch.tensor([1]), Controls())
    assert ann.frames.shape != bob.frames.shape or not torch.allclose(ann.frames, bob.frames)


def test_speaker_vectors_are_used(facts: CorpusFacts, make_batch: Callable[..., Batch]) -> None:
    vectors = tuple(tuple(row) for row in torch.randn(2, 256).tolist())
    batch = make_batch((10,))
    ours = say(model_of(replace(facts, speaker_vectors=vectors), speaker="vector"), batch)
    theirs = say(model_of(replace(facts, speaker_vectors=vectors[::-1]), speaker="vector"), batch)
    assert ours.frames.shape != theirs.frames.shape or not torch.allclose(
        ours.frames, theirs.frames
    )


def test_fft_blocks_and_postnet_speak_too(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts, blocks="fft", postnet=True), make_batch()
    losses = model.losses(batch)
    assert {"mel", "postnet", "duration", "pitch", "energy"} == set(losses)
    assert torch.isfinite(say(model, batch).frames).all()
