"""Echolancer beside a plain implementation, and what it may see."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from intone.acoustic.echolancer import Echolancer, EcholancerSettings, drawn
from intone.core.batch import Batch
from intone.core.errors import VoiceError
from intone.core.protocols import CorpusFacts
from intone.core.types import Controls, code_format

TINY = {
    "channels": 32, "encoder_layers": 2, "layers": 2, "heads": 4, "hidden": 48, "dropout": 0.0,
    "text_window": 3, "code_window": 20, "variance_hidden": 16,
}  # fmt: skip
CODES = code_format(sample_rate=22_050, hop_samples=256, codebooks=1, codebook_size=50)
ALIKE = pytest.mark.parametrize(
    "settings",
    [
        {},
        {"alibi_alpha": 2.5, "activation": "relu", "text_window": 0, "code_window": 0},
        {"use_alibi": False},
        {"use_alibi": False, "positions": "rotary"},
        {"guidance": "attention"},
        {"emotion": True},
    ],
)


def build(facts: CorpusFacts, **settings: Any) -> Any:
    torch.manual_seed(0)
    given = EcholancerSettings(**{**TINY, **settings})
    return Echolancer(given, replace(facts, format=CODES, emotion_size=5)).eval()


def weight(model: Any, name: str, inputs: Tensor) -> Tensor:
    """A linear layer by its name, from the state of the model alone."""
    state = model.state_dict()
    return inputs @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def norm(model: Any, name: str, inputs: Tensor) -> Tensor:
    state = model.state_dict()
    centred = inputs - inputs.mean()
    return (
        centred / (centred.square().mean() + 1e-5).sqrt() * state[f"{name}.weight"]
        + state[f"{name}.bias"]
    )


def turned(vector: Tensor, place: int) -> Tensor:
    """RoFormer's rotation, pair by pair."""
    half = len(vector) // 2
    out = vector.clone()
    for i in range(half):
        angle = place / 10_000 ** (i / half)
        a, b = float(vector[i]), float(vector[half + i])
        out[i] = a * math.cos(angle) - b * math.sin(angle)
        out[half + i] = b * math.cos(angle) + a * math.sin(angle)
    return out


def wave(place: int, width: int) -> Tensor:
    half = width // 2
    angles = [place / 10_000 ** (i / half) for i in range(half)]
    return torch.tensor([math.sin(a) for a in angles] + [math.cos(a) for a in angles])


def attention(model: Any, queries, keys, values, distance, seen) -> list[Tensor]:
    """Scaled dot products, head by head and position by position, in loops."""
    s = model.settings
    width = s.channels // s.heads
    out = []
    for q, query in enumerate(queries):
        merged = []
        for head in range(s.heads):
            part = slice(head * width, (head + 1) * width)
            scores = []
            for k, key in enumerate(keys):
                score = float(query[part] @ key[part]) / math.sqrt(width)
                if s.use_alibi:
                    score -= s.alibi_alpha * 2 ** (-8 * (head + 1) / s.heads) * abs(distance(q, k))
                scores.append(score if seen(q, k) else -math.inf)
            shares = torch.tensor(scores).softmax(0)
            merged.append(sum(p * value[part] for p, value in zip(shares, values, strict=True)))
        out.append(torch.cat(merged))
    return out


def split(model: Any, vectors: list[Tensor]) -> list[Tensor]:
    """Each head of each vector turned by its place, where positions are rotary."""
    s = model.settings
    if s.use_alibi or s.positions != "rotary":
        return vectors
    width = s.channels // s.heads
    return [torch.cat([turned(h, i) for h in v.split(width)]) for i, v in enumerate(vectors)]


def plain(model: Any, symbols, speaker, emotion, codes, pointers, told) -> Tensor:
    """Logits (G, codes + 1) of one utterance, in loops over positions."""
    s, state, width = model.settings, model.state_dict(), model.settings.channels
    act = torch.nn.functional.relu if s.activation == "relu" else torch.nn.functional.gelu
    sums = not s.use_alibi and s.positions == "sinusoidal"
    hidden = [state["embed.weight"][i] for i in symbols]
    if sums:
        hidden = [h + wave(i, width) for i, h in enumerate(hidden)]

    def self_attention(name, hidden, seen):
        mixed = [weight(model, f"{name}.project", h) for h in hidden]
        queries = split(model, [m[:width] for m in mixed])
        keys = split(model, [m[width : 2 * width] for m in mixed])
        values = [m[2 * width :] for m in mixed]
        found = attention(model, queries, keys, values, lambda q, k: q - k, seen)
        return [weight(model, f"{name}.out", f) for f in found]

    def feed(name, h):
        return weight(model, f"{name}.narrow", act(weight(model, f"{name}.widen", h)))

    for n in range(s.encoder_layers):
        name = f"encoder.{n}"
        normed = [norm(model, f"{name}.norm_attention", h) for h in hidden]
        found = self_attention(f"{name}.attention", normed, lambda q, k: True)
        hidden = [h + f for h, f in zip(hidden, found, strict=True)]
        hidden = [h + feed(f"{name}.feed", norm(model, f"{name}.norm_forward", h)) for h in hidden]
    text = [norm(model, "norm_text", h) + state["speaker.weight"][speaker] for h in hidden]
    if emotion is not None:
        text = [h + emotion @ state["emotion.weight"].T for h in text]
    steps = [state["embed_code.weight"][c] for c in codes]
    if told is not None:
        told = [torch.cat([text[i], extra]) if i is not None else extra for i, extra in told]
        steps = [x + weight(model, "guide", t) for x, t in zip(steps, told, strict=True)]
    if sums:
        steps = [x + wave(i, width) for i, x in enumerate(steps)]

    def earlier(q, k):
        return k <= q and (not s.code_window or q - k <= s.code_window)

    def near(q, k):
        return not s.text_window or abs(k - pointers[q]) <= s.text_window

    for n in range(s.layers):
        name = f"decoder.{n}"
        normed = [norm(model, f"{name}.norm_attention", x) for x in steps]
        found = self_attention(f"{name}.attention", normed, earlier)
        steps = [x + f for x, f in zip(steps, found, strict=True)]
        normed = [norm(model, f"{name}.norm_cross", x) for x in steps]
        found = attention(
            model,
            [weight(model, f"{name}.cross.query", x) for x in normed],
            [weight(model, f"{name}.cross.key", h) for h in text],
            [weight(model, f"{name}.cross.value", h) for h in text],
            lambda q, k: k - pointers[q],
            near,
        )
        steps = [
            x + weight(model, f"{name}.cross.out", f) for x, f in zip(steps, found, strict=True)
        ]
        steps = [x + feed(f"{name}.feed", norm(model, f"{name}.norm_forward", x)) for x in steps]
    return torch.stack([weight(model, "out", norm(model, "norm_out", x)) for x in steps])


def teacher_forced(model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits (B, G + 1, codes + 1) as `losses` computes them, and the loss of codes."""
    kept = {}
    decode = model.decode

    def watching(*given):
        kept["made"] = decode(*given)
        return kept["made"]

    model.decode = watching
    losses = model.losses(batch)
    del model.decode
    return model.out(kept["made"][0]), losses["code"]


def kept_hidden(model: Any, batch: Batch) -> Tensor:
    """What steps made (B, G + 1, C), as `losses` computes it."""
    kept, further = {}, model.further.forward

    def watching(made, known):
        kept["made"] = made
        return further(made, known)

    model.further.forward = watching
    model.losses(batch)
    del model.further.forward
    return kept["made"]


def with_emotion(batch: Batch, model: Any) -> Batch:
    if not model.settings.emotion:
        return batch
    source = torch.Generator().manual_seed(3)
    return replace(batch, emotion=torch.randn(len(batch), 5, generator=source))


@ALIKE
@torch.no_grad()
def test_it_equals_a_plain_implementation(facts, make_batch, settings) -> None:
    model = build(facts, **settings)
    batch = with_emotion(make_batch((5, 3)), model)
    logits, loss = teacher_forced(model, batch)
    row = 1  # the shorter one, so that padding is in what is compared
    count, frames = int(batch.symbol_lengths[row]), int(batch.frame_lengths[row])
    codes = batch.codes[row, :frames, 0].tolist()
    owners = torch.arange(count).repeat_interleave(batch.durations[row, :count]).tolist()
    told = None
    pointers = [*owners, count - 1]
    if model.pointed:
        told, starts = [], (batch.durations[row].cumsum(0) - batch.durations[row]).tolist()
        for step, owner in enumerate(owners):
            lasting = float(batch.durations[row, owner])
            far = (step - starts[owner] + 0.5) / lasting
            told.append((owner, torch.tensor([far, math.log1p(lasting) / 3])))
        told.append((None, torch.zeros(model.settings.channels + 2)))
    else:
        pointers = [0, *pointers[:-1]]
    emotion = None if batch.emotion is None else batch.emotion[row]
    wanted = plain(
        model, batch.symbols[row, :count].tolist(), int(batch.speaker[row]), emotion,
        [model.begin, *codes], pointers, told,
    )  # fmt: skip
    assert torch.allclose(logits[row, : frames + 1], wanted, atol=1e-5)


@ALIKE
@torch.no_grad()
def test_later_codes_change_nothing_before_them(facts, make_batch, settings) -> None:
    model = build(facts, **settings)
    batch = with_emotion(make_batch((9, 6)), model)
    at = int(batch.frame_lengths.min()) // 2
    changed = replace(batch, codes=batch.codes.clone())
    changed.codes[:, at:] = (changed.codes[:, at:] + 7) % CODES.codebook_size
    ours, theirs = teacher_forced(model, batch)[0], teacher_forced(model, changed)[0]
    # Step `at` is still fed the code before it; the next one is fed the first that changed.
    assert torch.equal(ours[:, : at + 1], theirs[:, : at + 1])
    assert not torch.allclose(ours[:, at + 1], theirs[:, at + 1])


@pytest.mark.parametrize("settings", [{}, {"use_alibi": False, "positions": "rotary"}])
@torch.no_grad()
def test_steps_with_a_cache_say_what_all_steps_at_once_say(facts, make_batch, settings) -> None:
    model = build(facts, **settings)
    batch = make_batch((9, 6))
    plan = model.plan(batch.symbols, batch.symbol_lengths, batch.speaker, torch.ones(2))
    plan = replace(plan, durations=batch.durations)
    steps = int(batch.frame_lengths.max())
    owners = model._owners(batch.durations, batch.symbol_lengths, steps)
    together = teacher_forced(model, batch)[0]
    for number, at in enumerate(model._steps(plan, owners[:, :1], steps)):
        if number <= int(batch.frame_lengths[0]):
            assert torch.allclose(model.out(at.made)[0], together[0, number], atol=1e-5)
        at.code = batch.codes[:, number]
        at.pointers = owners[:, number + 1 : number + 2]


def test_guided_attention_always_ends_and_never_goes_back(facts, make_batch) -> None:
    model = build(facts, guidance="attention")
    batch = make_batch((9, 6, 2))
    made = model.generate(batch.symbols, batch.symbol_lengths, batch.speaker, Controls())
    assert (made.lengths > 0).all()
    assert torch.equal(made.durations.sum(dim=1), made.lengths)
    assert made.frames.max() < CODES.codebook_size
    with pytest.raises(VoiceError, match="pointer"):
        model.graphs()


def test_what_is_drawn_follows_the_shares(facts) -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(2000, 4)
    source = torch.Generator().manual_seed(0)

    def share(**controls: float) -> list[float]:
        made = torch.stack([drawn(logits[:1], Controls(**controls), source) for _ in range(2000)])
        return (torch.bincount(made[:, 0], minlength=4) / 2000).tolist()

    assert share(temperature=1.0, top_p=1.0) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.04)
    assert share(temperature=1.0, top_p=0.7) == pytest.approx([0.625, 0.375, 0, 0], abs=0.04)
    assert share(temperature=0.0) == [1, 0, 0, 0]
    assert share(temperature=0.5, top_p=1.0)[0] == pytest.approx(0.685, abs=0.04)


def test_speed_and_seed_are_heard(facts, make_batch) -> None:
    model = build(facts)
    with torch.no_grad():
        model.duration.out.bias.fill_(2.0)
    batch = make_batch((9, 6))

    def spoken(**controls: float) -> Any:
        return model.generate(
            batch.symbols, batch.symbol_lengths, batch.speaker, Controls(**controls)
        )

    assert (spoken(speed=2.0).lengths < 0.7 * spoken().lengths).all()
    assert torch.equal(spoken(seed=1).frames, spoken(seed=1).frames)
    assert not torch.equal(spoken(seed=1).frames, spoken(seed=2).frames)


@pytest.mark.parametrize("guidance", ["pointer", "attention"])
def test_a_batch_says_what_each_of_it_says_alone(facts, make_batch, guidance) -> None:
    model = build(facts, guidance=guidance)
    batch = make_batch((9, 6, 3))
    together = model.generate(batch.symbols, batch.symbol_lengths, batch.speaker, Controls())
    for row, count in enumerate(batch.symbol_lengths.tolist()):
        one = slice(row, row + 1)
        alone = model.generate(
            batch.symbols[one, :count], batch.symbol_lengths[one], batch.speaker[one], Controls()
        )
        frames = int(alone.lengths[0])
        assert frames == int(together.lengths[row])
        assert torch.equal(alone.frames[0, :frames], together.frames[row, :frames])


def of_three(facts: CorpusFacts, batch: Batch) -> tuple[Any, Batch]:
    """A model of three codebooks, and codes of them."""
    torch.manual_seed(0)
    several = replace(facts, format=replace(CODES, codebooks=3))
    model = Echolancer(EcholancerSettings(**TINY), several).eval()
    source = torch.Generator().manual_seed(1)
    codes = torch.randint(50, (*batch.codes.shape[:2], 3), generator=source)
    return model, replace(batch, codes=codes)


@torch.no_grad()
def test_each_codebook_hears_those_before_it_and_the_next_step_all(facts, make_batch) -> None:
    model, batch = of_three(facts, make_batch((9, 6)))
    at = int(batch.frame_lengths.min()) // 2

    def logits(codes: Tensor) -> tuple[Tensor, Tensor]:
        made = teacher_forced(model, replace(batch, codes=codes))[0]
        hidden = kept_hidden(model, replace(batch, codes=codes))
        return made, model.further(hidden[:, :-1], codes[..., :-1])

    first, further = logits(batch.codes)
    for book in range(3):
        changed = batch.codes.clone()
        changed[:, at, book] = (changed[:, at, book] + 7) % 50
        other_first, other_further = logits(changed)
        assert torch.equal(first[:, : at + 1], other_first[:, : at + 1])
        assert not torch.allclose(first[:, at + 1], other_first[:, at + 1])
        assert torch.equal(further[:, at, :book], other_further[:, at, :book])
        heard = [
            not torch.allclose(further[:, at, n], other_further[:, at, n]) for n in range(book, 2)
        ]
        assert all(heard) and len(heard) == 2 - book


@torch.no_grad()
def test_several_codebooks_are_fed_back_step_by_step_and_padding_is_not_heard(
    facts, make_batch
) -> None:
    model, batch = of_three(facts, make_batch((9, 6)))
    together = teacher_forced(model, batch)[0]
    losses = model.losses(batch)
    plan = model.plan(batch.symbols, batch.symbol_lengths, batch.speaker, torch.ones(2))
    plan = replace(plan, durations=batch.durations)
    steps = int(batch.frame_lengths.max())
    owners = model._owners(batch.durations, batch.symbol_lengths, steps)
    for number, at in enumerate(model._steps(plan, owners[:, :1], steps)):
        if number <= int(batch.frame_lengths[0]):
            assert torch.allclose(model.out(at.made)[0], together[0, number], atol=1e-5)
        at.code = batch.codes[:, number]
        at.pointers = owners[:, number + 1 : number + 2]
    padded = replace(batch, codes=batch.codes.clone())
    for row, length in enumerate(batch.frame_lengths.tolist()):
        padded.codes[row, length:] = 49
    for name, value in model.losses(padded).items():
        assert torch.equal(value, losses[name]), name


@pytest.mark.parametrize("guidance", ["pointer", "attention"])
def test_all_codebooks_are_drawn_and_learned(facts, make_batch, guidance) -> None:
    model, batch = of_three(facts, make_batch((9, 6)))
    model = Echolancer(
        EcholancerSettings(**TINY, guidance=guidance),
        replace(facts, format=replace(CODES, codebooks=3)),
    ).eval()
    spoken = [
        model.generate(batch.symbols, batch.symbol_lengths, batch.speaker, Controls(seed=seed))
        for seed in (1, 1, 2)
    ]
    assert spoken[0].frames.shape[2] == 3 and spoken[0].frames.max() < 50
    assert torch.equal(spoken[0].frames, spoken[1].frames)
    count = min(spoken[0].frames.shape[1], spoken[2].frames.shape[1])
    for book in range(3):
        ours, theirs = (spoken[n].frames[:, :count, book] for n in (0, 2))
        assert not torch.equal(ours, theirs)
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    course = []
    for _ in range(60):
        losses = model.losses(batch)
        loss = losses["code"] + 2 * losses["further"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        course.append(float(losses["further"].detach()))
    # Drawn evenly, so what is learned is learned by heart.
    assert course[-1] < 0.7 * course[0]


def test_emotion_is_added_and_none_adds_nothing(facts, make_batch) -> None:
    model = build(facts, emotion=True)
    batch = make_batch((9, 6))
    mask = batch.symbols > 0

    def read(emotion: Tensor | None) -> Tensor:
        return model.read(batch.symbols, mask, batch.speaker, emotion)

    nothing = read(None)
    assert torch.equal(read(torch.zeros(2, 5)), nothing)
    felt = torch.randn(2, 5)
    difference = (read(felt) - nothing)[0]
    assert torch.allclose(difference[0], difference[8], atol=1e-5)
    assert torch.allclose(difference[0], model.emotion(felt)[0], atol=1e-5)


def test_speakers_can_be_an_encoders_vectors(facts, make_batch) -> None:
    vectors = tuple(tuple(float(v) for v in torch.randn(6)) for _ in facts.speakers)
    known = replace(facts, speaker_vectors=vectors)
    model = build(known, speaker="vector", speaker_vector=6)
    assert model.needs.speaker_vector
    batch = make_batch((9, 9))
    symbols = batch.symbols[:1].expand(2, -1)
    hidden = model.read(symbols, symbols > 0, torch.tensor([0, 1]), None)
    wanted = model.speaker(torch.tensor(vectors))
    assert torch.allclose((hidden[0] - hidden[1])[0], wanted[0] - wanted[1], atol=1e-5)
