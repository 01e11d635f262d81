"""What `gpt2-mel` promises: the voice of a reference, whole sentences, an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from intone.acoustic.gpt2_mel import FAMILY, GPT2Mel, GPT2MelSettings
from intone.core.batch import Batch
from intone.core.errors import VoiceError
from intone.core.protocols import CorpusFacts, Spoken
from intone.core.types import Controls

pytest.importorskip("transformers")


def model_of(facts: CorpusFacts, **settings: object) -> GPT2Mel:
    torch.manual_seed(0)
    values = {**FAMILY.presets["tiny"], **settings}
    model = GPT2Mel(GPT2MelSettings.model_validate(values), facts).eval()
    if model.guided:
        with torch.no_grad():
            # About six frames a symbol, as in speech; untrained weights give none.
            model.duration.out.weight.mul_(0.1)
            model.duration.out.bias.fill_(1.9)
    return model


def say(model: GPT2Mel, batch: Batch, *, like: Any = None, **controls: Any) -> Spoken:
    lengths = None if like is None else torch.tensor([like.shape[1]] * len(like))
    return model.generate(
        batch.symbols,
        batch.symbol_lengths,
        batch.speaker,
        Controls(**controls),
        reference=like,
        reference_lengths=lengths,
    )


def test_what_is_spoken_is_what_training_would_have_predicted(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    """Positions, masks and guidance are the same in training and in step-by-step speech."""
    model, batch = model_of(facts, postnet_layers=0), make_batch((30, 11))
    spoken = say(model, batch, temperature=0.0)
    again = Batch(
        ids=batch.ids,
        symbols=batch.symbols,
        symbol_lengths=batch.symbol_lengths,
        speaker=batch.speaker,
        mel=spoken.frames,
        frame_lengths=spoken.lengths,
        durations=spoken.durations,
        pitch=torch.zeros(spoken.frames.shape[:2]),
        voiced=torch.ones(spoken.frames.shape[:2], dtype=torch.bool),
        energy=torch.zeros(spoken.frames.shape[:2]),
    )
    model.pitch.out.weight.data.zero_()
    model.energy.out.weight.data.zero_()
    model.pitch.out.bias.data.zero_()
    model.energy.out.bias.data.zero_()
    spoken = say(model, batch, temperature=0.0)
    again = Batch(**{**vars(again), "mel": spoken.frames})
    with torch.no_grad():
        assert float(model.losses(again)["coarse"]) < 1e-4


def test_the_cache_changes_nothing(facts: CorpusFacts, make_batch: Callable[..., Batch]) -> None:
    model, batch = model_of(facts, mel_window=5, text_window=4), make_batch((30, 11))
    count = len(batch.symbols)
    plain, none = torch.ones(count), torch.zeros(count)
    still = torch.zeros(*batch.symbols.shape, 2)
    latents = model.table[batch.speaker]
    with torch.no_grad():
        plan = model.plan(batch.symbols, batch.symbol_lengths, latents, plain, none, none, still)
        cached = torch.cat([group for group, _ in model.groups(plan, steps=20)], dim=1)
        again = torch.cat(list(model.groups_without_cache(plan, steps=20)), dim=1)
    assert torch.allclose(cached, again, atol=1e-4)


def test_every_phone_is_spoken_once_and_speech_ends_with_the_last(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    batch = make_batch((90, 1, 14))
    spoken = say(model_of(facts), batch)
    assert torch.equal(spoken.durations.sum(dim=1), spoken.lengths)
    phones = batch.symbols > 3
    assert bool((spoken.durations[phones] >= 1).all())
    assert bool((spoken.durations[batch.symbols == 0] == 0).all())


def test_a_text_longer_than_all_positions_is_spoken(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model = model_of(facts)
    batch = make_batch((3 * model.places.period,))
    spoken = say(model, batch)
    assert int(spoken.lengths[0]) > 4 * model.places.period
    assert bool(torch.isfinite(spoken.frames).all())


def test_the_reference_chooses_the_voice(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((12,))
    assert batch.reference is not None
    one, other = batch.reference, batch.reference.flip(2)
    first = say(model, batch, like=one)
    second = say(model, batch, like=other)
    assert first.frames.shape != second.frames.shape or not torch.allclose(
        first.frames, second.frames, atol=1e-3
    )
    assert torch.equal(first.frames, say(model, batch, like=one).frames)


def test_padding_behind_a_reference_is_not_heard(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch()
    assert batch.reference is not None and batch.reference_lengths is not None
    dirty = torch.nn.functional.pad(batch.reference, (0, 0, 0, 13), value=9.0)
    for row, length in enumerate(batch.reference_lengths.tolist()):
        dirty[row, length:] = 9.0
    with torch.no_grad():
        clean = model.listen(batch.reference, batch.reference_lengths)
        assert torch.allclose(clean, model.listen(dirty, batch.reference_lengths), atol=1e-5)


def test_temperature_varies_the_reading_and_the_seed_repeats_it(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((40,))
    one, same, other = (say(model, batch, temperature=1.5, seed=n) for n in (1, 1, 2))
    assert torch.equal(one.durations, same.durations)
    assert not torch.equal(one.durations, other.durations)
    still = [say(model, batch, temperature=0.0, seed=n).frames for n in (1, 2)]
    assert torch.equal(*still)


def test_speed_shortens_speech(facts: CorpusFacts, make_batch: Callable[..., Batch]) -> None:
    model, batch = model_of(facts), make_batch((40,))
    plain, fast = say(model, batch), say(model, batch, speed=2.0)
    assert abs(float(fast.lengths[0]) / float(plain.lengths[0]) - 0.5) < 0.03


@pytest.mark.parametrize(
    "settings",
    [
        {"guidance": "symbol"},
        {"guidance": "none"},
        {"scheduled_sampling": 0.5},
        {"adaptive_norm": True},
        {"postnet_layers": 0, "ahead": 0},
        {"reduction": 1, "text_window": 0, "mel_window": 0},
        {"weight_speaker": 0.1},
    ],
    ids=str,
)
def test_each_cure_can_be_turned_off_or_on(
    facts: CorpusFacts, make_batch: Callable[..., Batch], settings: dict[str, object]
) -> None:
    model, batch = model_of(facts, **settings), make_batch()
    losses = model.train().losses(batch)
    assert all(bool(torch.isfinite(value)) for value in losses.values())
    spoken = say(model.eval(), batch)
    assert bool(torch.isfinite(spoken.frames).all())
    assert torch.equal(spoken.durations.sum(dim=1), spoken.lengths)


def test_without_guidance_a_stop_or_a_limit_ends_speech(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts, guidance="none"), make_batch((12, 7))
    with torch.no_grad():
        model.stop.weight.zero_()
        model.stop.bias.fill_(1.0)
    assert say(model, batch).lengths.tolist() == [4, 4]
    with torch.no_grad():
        model.stop.bias.fill_(-1.0)
    assert say(model, batch).lengths.tolist() == [144, 84]
    with pytest.raises(VoiceError, match="guidance"):
        model.graphs()


def test_fed_back_frames_are_spoiled_in_training_only(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts, dropout=0.0, prenet_dropout=0.0, table_share=0.0), make_batch()
    with torch.no_grad():
        still = [float(model.losses(batch)["mel"]) for _ in range(2)]
        moved = [float(model.train().losses(batch)["mel"]) for _ in range(2)]
    assert still[0] == still[1]
    assert moved[0] != moved[1]
