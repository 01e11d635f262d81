"""What a user may turn in Mamba-Conv does what its name says, and refining refines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from intone.acoustic._mamba_conv_refining import chosen, kept, masked
from intone.acoustic._mamba_conv_style import style_contrast
from intone.acoustic.mamba_conv import FAMILY, MambaConv, MambaConvSettings
from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts, Spoken, TeacherForced
from intone.core.refining import passes
from intone.core.types import Controls, code_format
from intone.nn.masks import mask_of

BOOKS, SIZE = 4, 1_024
CODES = code_format(
    sample_rate=24_000, hop_samples=320, codebooks=BOOKS, codebook_size=SIZE
)  # as EnCodec has them at 3 kbps


def model_of(facts: CorpusFacts, **settings: object) -> MambaConv:
    torch.manual_seed(0)
    values = {**FAMILY.presets["tiny"], **settings}
    model = MambaConv(MambaConvSettings.model_validate(values), replace(facts, format=CODES))
    with torch.no_grad():
        # About six frames a symbol, as in speech; untrained weights give none.
        model.duration.predict.out.bias.fill_(1.9)
        for name, value in model.named_parameters():
            if "film" in name:
                # What has not learned yet does nothing; here a style must do something.
                torch.nn.init.normal_(value, std=0.3)
    return model.eval()


def with_codes(batch: Batch, seed: int = 0) -> Batch:
    assert batch.mel is not None
    source = torch.Generator().manual_seed(seed)
    shape = (*batch.mel.shape[:2], BOOKS)
    return replace(batch, codes=torch.randint(SIZE, shape, generator=source))


def say(model: MambaConv, batch: Batch, **given: Any) -> Spoken:
    turned = {k: v for k, v in given.items() if not k.startswith("reference")}
    heard = {k: v for k, v in given.items() if k.startswith("reference")}
    return model.generate(
        batch.symbols, batch.symbol_lengths, batch.speaker, Controls(**turned), **heard
    )


def test_all_places_are_filled_with_codes(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((14, 5, 9))
    for steps in (1, 2, 3, 4, 8, 16):
        spoken = say(model, batch, steps=steps)
        assert spoken.frames.dtype == torch.int64
        assert spoken.frames.shape == (3, int(spoken.lengths.max()), BOOKS)
        assert int(spoken.frames.min()) >= 0 and int(spoken.frames.max()) < SIZE
        assert torch.equal(spoken.durations.sum(dim=1), spoken.lengths)


def test_a_seed_repeats_and_another_does_not(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((10,))
    first = say(model, batch, seed=1).frames
    assert torch.equal(first, say(model, batch, seed=1).frames)
    other = say(model, batch, seed=2).frames
    assert first.shape != other.shape or not torch.equal(first, other)
    cold = [say(model, batch, seed=seed, temperature=0.0).frames for seed in (1, 2)]
    assert torch.equal(*cold)


def test_speed_pitch_energy_and_speaker_reach_the_codes(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch((30,))
    plain = say(model, batch, temperature=0.0)
    fast = say(model, batch, temperature=0.0, speed=2.0)
    assert int(fast.lengths) == pytest.approx(int(plain.lengths) / 2, rel=0.03)
    higher = say(model, batch, temperature=0.0, pitch=1.3)
    louder = say(model, batch, temperature=0.0, energy=1.5)
    other = say(model, replace(batch, speaker=1 - batch.speaker), temperature=0.0)
    for turned in (higher, louder, other):
        assert turned.frames.shape != plain.frames.shape or not torch.equal(
            turned.frames, plain.frames
        )


def test_without_a_style_nothing_is_modulated(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    """Weights of FiLM, whatever they are, do nothing then; with a style they do."""
    model, batch = model_of(facts), make_batch((10, 6))
    none = say(model, batch, temperature=0.0)
    heard = {"reference": batch.reference, "reference_lengths": batch.reference_lengths}
    styled = say(model, batch, temperature=0.0, **heard)
    assert styled.frames.shape != none.frames.shape or not torch.equal(styled.frames, none.frames)
    mask = mask_of(batch.symbol_lengths)
    silent = torch.zeros(2, model.settings.style)
    plain = model.read(batch.symbols, mask, batch.speaker, None)
    assert torch.equal(model.read(batch.symbols, mask, batch.speaker, silent), plain)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "film" in name:
                value.mul_(100.0)
    assert torch.equal(say(model, batch, temperature=0.0).frames, none.frames)


def test_a_style_is_of_real_frames_only(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch()
    assert batch.reference is not None and batch.reference_lengths is not None
    dirty = batch.reference.clone()
    dirty[~mask_of(batch.reference_lengths, dirty.shape[1])] = 40.0
    lengths = batch.reference_lengths
    assert torch.allclose(
        model.listen(batch.reference, lengths), model.listen(dirty, lengths), atol=1e-6
    )
    alone = model.listen(batch.reference[:1, : int(lengths[0])], lengths[:1])
    assert torch.allclose(model.listen(dirty, lengths)[:1], alone, atol=1e-6)


def test_losses_fall_and_stopping_learns_what_share_is_right(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    """Codes that follow from the symbol are learned, and the controller comes to expect it."""
    model = model_of(facts).train()
    batch = with_codes(make_batch((8, 6)))
    assert batch.durations is not None and batch.codes is not None
    spoken = batch.symbols.repeat_interleave(1, dim=1)
    codes = torch.zeros_like(batch.codes)
    for row in range(2):
        named = spoken[row].repeat_interleave(batch.durations[row])
        codes[row, : len(named)] = named[:, None] * 7 + torch.arange(BOOKS)
    batch = replace(batch, codes=codes)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    history = []
    for _ in range(150):
        losses = model.losses(batch)
        total = torch.stack([v for k, v in losses.items() if k[0] != "_"]).sum()
        optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        history.append({k: float(v.detach()) for k, v in losses.items()})
    assert history[-1]["tokens"] < 0.2 * history[0]["tokens"]
    assert history[-1]["_accuracy"] > 0.9
    assert history[-1]["stop"] < 0.5 * history[0]["stop"]


def test_only_hidden_tokens_are_learned(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    batch = with_codes(make_batch())
    assert batch.codes is not None and batch.frame_lengths is not None
    real = mask_of(batch.frame_lengths, batch.codes.shape[1])
    shares = []
    for seed in range(200):
        source = torch.Generator().manual_seed(seed)
        step = masked(batch.codes, real, SIZE, 0.0, source)
        assert torch.equal(step.codes == SIZE, step.hidden | ~real[..., None])
        assert torch.equal(step.codes[~step.hidden & real[..., None]],
                           batch.codes[~step.hidden & real[..., None]])  # fmt: skip
        for row, level in enumerate(step.level.tolist()):
            assert not bool(step.hidden[row, :, :level].any())
            assert bool(step.hidden[row, real[row], level + 1 :].all())
            shares.append(float(step.hidden[row, real[row], level].float().mean()))
    # The mean of a cosine over its first quarter is 2 / pi.
    assert sum(shares) / len(shares) == pytest.approx(0.637, abs=0.05)
    assert min(shares) > 0


def test_coarse_codebooks_come_first_and_passes_add_up() -> None:
    for steps in range(1, 65):
        plan = passes(steps, BOOKS)
        assert sum(count for _, _, count in plan) == steps
        assert [first for first, _, _ in plan] == [0, *(last for _, last, _ in plan[:-1])]
        assert plan[-1][1] == BOOKS
        assert plan[0][2] >= max(count for _, _, count in plan)


def test_the_surest_are_kept_as_many_as_the_cosine_says() -> None:
    source = torch.Generator().manual_seed(0)
    sure = torch.rand((2, 40, 1), generator=source) * 0.8
    waiting = torch.ones_like(sure, dtype=torch.bool)
    waiting[1, 25:] = False
    places = torch.tensor([40, 25])
    now = kept(sure, waiting, places, 0.5, 0.9)
    # cos(pi / 4) of the places stay open.
    assert now.sum(dim=(1, 2)).tolist() == [40 - 28, 25 - 17]
    assert float(sure[0][now[0]].min()) > float(sure[0][~now[0]].max())
    sure[0, 3] = 0.95
    assert bool(kept(sure, waiting, places, 0.001, 0.9)[0, 3])
    assert torch.equal(kept(sure, waiting, places, 1.0, 0.9), waiting)


def test_temperature_and_top_p_bound_the_choice() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -9.0]).expand(1, 500, 1, 4)
    noise = torch.rand((500, 1, 4), generator=torch.Generator().manual_seed(0))
    free, _ = chosen(logits, noise, 1.0, 1.0)
    shares = free.flatten().bincount(minlength=4) / 500
    assert torch.allclose(shares, logits[0, 0, 0].softmax(-1), atol=0.06)
    narrow, sure = chosen(logits, noise, 1.0, 0.7)
    assert set(narrow.flatten().tolist()) == {0, 1}
    assert torch.allclose(sure, logits.softmax(-1).gather(-1, narrow[..., None])[..., 0])
    cold, _ = chosen(logits, noise, 0.0, 1.0)
    assert set(cold.flatten().tolist()) == {0}


def test_expected_quality_ends_a_codebook_early(
    facts: CorpusFacts, make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, batch = model_of(facts, sure=1.0), make_batch((10,))
    seen: list[int] = []
    refine = MambaConv.refine

    def counting(self: MambaConv, *given: Any) -> torch.Tensor:
        seen.append(1)
        return refine(self, *given)

    monkeypatch.setattr(MambaConv, "refine", counting)
    with torch.no_grad():
        model.controller.out.bias.fill_(-20.0)
    say(model, batch, steps=16)
    patient = len(seen)
    seen.clear()
    with torch.no_grad():
        model.controller.out.bias.fill_(20.0)
    spoken = say(model, batch, steps=16)
    assert len(seen) == BOOKS < patient
    assert int(spoken.frames.max()) < SIZE


@pytest.mark.parametrize("left", [{"branches": "forward"}, {"branches": "backward"}, {"style": 0}])
def test_each_part_can_be_left_out(
    facts: CorpusFacts, make_batch: Callable[..., Batch], left: dict[str, object]
) -> None:
    model, batch = model_of(facts, **left), with_codes(make_batch())
    assert all(torch.isfinite(value) for value in model.losses(batch).values())
    assert int(say(model, batch).frames.max()) < SIZE


def test_told_the_recordings_prosody_it_lasts_as_long(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    model, batch = model_of(facts), make_batch()
    assert isinstance(model, TeacherForced)
    assert batch.durations is not None and batch.pitch is not None
    codes = model.forced(batch)
    assert codes.shape == (3, int(batch.durations.sum(dim=1).max()), BOOKS)
    assert int(codes.min()) >= 0 and int(codes.max()) < SIZE
    sung = replace(batch, pitch=batch.pitch + 2.0)
    assert not torch.equal(model.forced(sung), codes)


def test_a_style_is_of_the_speaker_not_of_the_recording() -> None:
    """References of one's own speaker do as well as one's own; with one speaker, all do."""
    source = torch.Generator().manual_seed(0)
    ann, bob = torch.randn(2, 16, generator=source)
    references = torch.stack([ann, ann, bob, bob])
    speaker = torch.tensor([0, 0, 1, 1])
    own = style_contrast(references, references, speaker)
    wrong = style_contrast(references.flip(0), references, speaker)
    assert float(own) < 0.1 and float(wrong) > 1.0
    assert float(style_contrast(references, references, torch.zeros(4).long())) == pytest.approx(
        0.0, abs=1e-6
    )


def test_a_name_and_a_style_are_never_told_together(
    facts: CorpusFacts, make_batch: Callable[..., Batch]
) -> None:
    """Told both, a model would go by the name: a reference alone must say who speaks."""
    model, batch = model_of(facts), make_batch((10,))
    heard = {"reference": batch.reference, "reference_lengths": batch.reference_lengths}
    other = replace(batch, speaker=1 - batch.speaker)
    one, two = (say(model, b, temperature=0.0, **heard) for b in (batch, other))
    assert torch.equal(one.frames, two.frames)
