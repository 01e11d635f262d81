"""Batches hold every utterance once, padded with nothing but zeros, in an order that can resume."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.data.batching import batches_of, padding_share
from intone.data.collate import collate
from intone.data.loader import UtteranceBatches, in_order
from intone.data.prefetch import prefetched
from intone.data.prepared import PreparedCorpus
from intone.data.segments import SegmentBatches
from intone.nn.masks import mask_of

ALL = Needs(durations=True, pitch=True, energy=True, samples=True)
LENGTHS = st.lists(st.integers(1, 2_000), min_size=1, max_size=200)


@pytest.fixture(scope="module")
def corpus(folder):
    return PreparedCorpus(folder)


def batches_from(corpus, needs=ALL, ids=None):
    return UtteranceBatches(
        corpus, ids or list(corpus.entries), needs, max_frames=400, max_utterances=6
    )


@given(LENGTHS, st.integers(1, 6_000), st.integers(1, 32), st.integers(0, 99), st.integers(0, 9))
def test_every_utterance_is_in_one_batch_of_bounded_size(frames, limit, count, seed, epoch):
    made = batches_of(frames, max_frames=limit, max_utterances=count, seed=seed, epoch=epoch)
    assert sorted(i for batch in made for i in batch) == list(range(len(frames)))
    for batch in made:
        assert len(batch) == 1 or max(frames[i] for i in batch) * len(batch) <= limit
        assert 1 <= len(batch) <= count
    again = batches_of(frames, max_frames=limit, max_utterances=count, seed=seed, epoch=epoch)
    assert made == again


def test_epochs_and_seeds_mix_anew():
    frames = np.random.default_rng(0).integers(50, 900, 300).tolist()
    orders = [
        batches_of(frames, max_frames=5_000, max_utterances=64, seed=seed, epoch=epoch)
        for seed, epoch in [(0, 0), (0, 1), (1, 0)]
    ]
    members = [{frozenset(batch) for batch in made} for made in orders]
    for others in members[1:]:
        assert len(members[0] & others) < 0.2 * len(others)
    longest = [max(frames[i] for i in batch) for batch in orders[0]]
    assert longest != sorted(longest), "long and short batches take turns"


def test_little_is_padded():
    """Utterances of read speech: lengths spread like a corpus of three teachers."""
    frames = np.random.default_rng(0).lognormal(math.log(290), 0.6, 4_000).astype(int).tolist()
    made = batches_of(frames, max_frames=12_000, max_utterances=64, seed=0, epoch=0)
    assert padding_share(frames, made) < 0.09
    assert padding_share(frames, [[i] for i in range(100)]) == 0
    assert padding_share([1, 3], [[0, 1]]) == pytest.approx(1 / 3)


def test_a_batch_holds_its_utterances_and_zeros(corpus):
    ids = ["u003", "u000", "u004"]
    examples = corpus.load(ids, ALL)
    batch = collate(examples)
    assert batch.ids == tuple(ids) and batch.reference is None
    assert batch.speaker.tolist() == [1, 0, 0]
    frames = mask_of(batch.frame_lengths, batch.mel.shape[1])
    symbols = mask_of(batch.symbol_lengths, batch.symbols.shape[1])
    sound = mask_of(batch.sample_lengths, batch.samples.shape[1])
    for row, example in enumerate(examples):
        assert np.array_equal(batch.mel[row][frames[row]].numpy(), example.mel)
        assert np.array_equal(batch.pitch[row][frames[row]].numpy(), example.pitch)
        assert np.array_equal(batch.voiced[row][frames[row]].numpy(), example.voiced)
        assert np.array_equal(batch.energy[row][frames[row]].numpy(), example.energy)
        assert np.array_equal(batch.samples[row][sound[row]].numpy(), example.samples)
        assert batch.symbols[row][symbols[row]].tolist() == example.symbols.tolist()
        assert batch.durations[row][symbols[row]].tolist() == example.durations.tolist()
    padded = [(batch.mel, frames), (batch.pitch, frames), (batch.energy, frames)]
    padded += [(batch.voiced, frames), (batch.samples, sound)]
    padded += [(batch.symbols, symbols), (batch.durations, symbols)]
    for values, mask in padded:
        assert (~mask).any() and not values[~mask].any()
    assert torch.equal(batch.durations.sum(1), batch.frame_lengths)
    assert batch.mel.dtype == torch.float32 and batch.symbols.dtype == torch.int64


def test_a_resumed_epoch_goes_on_where_it_stopped(corpus):
    needs = Needs(pitch=True, reference=True)
    whole = list(batches_from(corpus, needs).epoch(7, 3, 0))
    assert len(whole) == batches_from(corpus, needs).length(3) or len(whole) > 2
    rest = list(batches_from(corpus, needs).epoch(7, 3, 2))
    assert [b.ids for b in rest] == [b.ids for b in whole[2:]]
    for one, other in zip(rest, whole[2:], strict=True):
        assert torch.equal(one.mel, other.mel) and torch.equal(one.reference, other.reference)
    assert sorted(i for b in whole for i in b.ids) == list(corpus.entries)


def test_a_reference_is_another_utterance_of_the_same_speaker(corpus):
    frames = {e.mel.tobytes(): e for e in corpus.load(list(corpus.entries), Needs())}
    loader = batches_from(corpus, Needs(reference=True))
    drawn = {}
    for epoch in range(6):
        for batch in loader.epoch(0, epoch, 0):
            for row, key in enumerate(batch.ids):
                mel = batch.reference[row, : batch.reference_lengths[row]]
                found = frames[mel.numpy().tobytes()]
                assert found.id != key
                assert found.speaker == corpus.entries[key].speaker
                drawn.setdefault(key, set()).add(found.id)
    assert max(map(len, drawn.values())) >= 3, "epochs draw others"


def test_a_lone_held_out_utterance_finds_its_reference_in_the_corpus(corpus):
    (batch,) = in_order(corpus, ["u000", "u001"], Needs(reference=True), max_frames=9_999)
    (again,) = in_order(corpus, ["u000", "u001"], Needs(reference=True), max_frames=9_999)
    assert batch.reference_lengths.tolist() == again.reference_lengths.tolist()
    own = {corpus.entries[key].frames for key in ("u000", "u001")}
    assert batch.reference.shape[0] == 2 and not torch.equal(batch.reference, batch.mel)
    assert len(own) == 2


def test_in_order_gives_each_once_and_keeps_the_bound(corpus):
    given_ids = list(corpus.entries)[::2]
    made = list(in_order(corpus, given_ids, Needs(), max_frames=500))
    assert sorted(i for b in made for i in b.ids) == given_ids
    lengths = [n for b in made for n in b.frame_lengths.tolist()]
    assert lengths == sorted(lengths) and len(made) > 1
    assert all(len(b) == 1 or len(b) * max(b.frame_lengths.tolist()) <= 500 for b in made)


def test_segments_hold_the_sound_of_their_frames(corpus):
    made = SegmentBatches(corpus, list(corpus.entries), frames=16, count=5)
    needs = Needs(samples=True, pitch=True)
    sounds = {e.id: e for e in corpus.load(list(corpus.entries), needs)}
    levels = []
    for batch in list(made.epoch(3, 1, 0))[:3]:
        assert batch.mel.shape == (5, 16, 80) and batch.samples.shape == (5, 16 * 256)
        for row, key in enumerate(batch.ids):
            whole, sound = sounds[key], batch.samples[row].numpy()
            fits = []
            for start in range(len(whole.mel) - 15):
                own = whole.samples[start * 256 : (start + 16) * 256]
                gain = float(own @ sound / max(1e-9, float(own @ own)))
                if np.abs(own * gain - sound).max() < 1e-4:
                    fits.append((start, gain))
            ((start, gain),) = fits
            mel = np.maximum(whole.mel[start : start + 16] + np.log(gain), math.log(1e-5))
            hz, voiced = batch.pitch_hz[row].numpy(), whole.voiced[start : start + 16]
            assert ((hz > 0) == voiced).all() and (hz[voiced] > 40).all()
            assert np.abs(batch.mel[row].numpy() - mel).max() < 1e-3
            levels.append(gain)
    assert min(levels) > 0.2 and max(levels) < 1.5 and max(levels) / min(levels) > 1.2


def test_segments_resume_exactly_and_change_with_the_epoch(corpus):
    made = SegmentBatches(corpus, list(corpus.entries), frames=16, count=5)
    whole, rest = list(made.epoch(3, 1, 0)), list(made.epoch(3, 1, 4))
    assert len(whole) == made.length(1) and len(rest) == len(whole) - 4
    for one, other in zip(whole[4:], rest, strict=True):
        assert one.ids == other.ids and torch.equal(one.samples, other.samples)
    other_epoch = next(iter(made.epoch(3, 2, 0)))
    assert not torch.equal(other_epoch.samples, whole[0].samples)


def test_segments_longer_than_every_recording_are_refused(corpus):
    with pytest.raises(CorpusError, match="9999 frames"):
        SegmentBatches(corpus, list(corpus.entries), frames=9_999, count=2)


def test_what_goes_wrong_ahead_is_told_in_its_place():
    def source():
        yield from (1, 2)
        raise CorpusError("a shard is gone")

    stream = prefetched(source())
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(CorpusError, match="a shard is gone"):
        next(stream)
