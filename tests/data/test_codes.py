"""Durations and features in the frames of a codec."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.core.types import code_format
from intone.data.codes import Coded, nearest_frames, read_codes, rescaled, write_part
from intone.data.collate import collate
from intone.data.prepared import PreparedCorpus

HALF_RATE = code_format(sample_rate=22_050, hop_samples=512, codebooks=1, codebook_size=50)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(any),
    st.sampled_from([1.0, 0.5, 1 / 3, 75 / 86.1328125, 1.7]),
)
def test_rescaled_durations_fill_the_codes_and_keep_their_times(durations, ratio):
    durations = np.array(durations)
    total = int(np.ceil(durations.sum() * ratio))
    made = rescaled(durations, ratio, total)
    assert made.min() >= 0 and made.sum() == total
    # A symbol ends where it ended, to half a code; the last may fill a code up.
    off = np.cumsum(made) - np.cumsum(durations) * ratio
    assert (
        np.abs(off).max() <= 1
        and np.abs(off[np.cumsum(durations) < durations.sum()]).max(initial=0) <= 0.5 + 1e-9
    )


def test_what_has_no_frames_has_no_codes():
    assert rescaled(np.array([0, 4, 0, 3, 0]), 0.5, 4).tolist() == [0, 2, 0, 2, 0]


def test_a_code_takes_the_frame_at_its_middle():
    assert nearest_frames(4, 0.5, 7).tolist() == [1, 3, 5, 6]
    assert nearest_frames(5, 1.0, 5).tolist() == [0, 1, 2, 3, 4]


@pytest.fixture
def coded(folder):
    """The corpus, half of its utterances with codes at half the rate of its frames."""
    corpus = PreparedCorpus(folder)
    source = np.random.default_rng(0)
    values = {
        key: source.integers(50, size=(-(-entry.frames // 2), 1))
        for key, entry in list(corpus.entries.items())[:10]
    }
    return corpus, values


def test_codes_are_found_again_and_batches_are_in_their_frames(coded):
    corpus, values = coded
    keys = list(values)
    write_part(corpus, "abc", {key: values[key] for key in keys[:6]})
    write_part(corpus, "abc", {key: values[key] for key in keys[6:]})
    found = read_codes(corpus, HALF_RATE, "abc")
    assert found.values.keys() == values.keys()
    corpus.speak_codes(found)
    assert corpus.facts().format == HALF_RATE
    needs = Needs(durations=True, pitch=True, energy=True, codes=True)
    batch = collate(corpus.load(keys[:3], needs))
    assert batch.mel is None
    lengths = [len(values[key]) for key in keys[:3]]
    assert batch.frame_lengths.tolist() == lengths
    assert batch.durations.sum(dim=1).tolist() == lengths
    assert batch.codes.shape == (3, max(lengths), 1)
    assert batch.pitch.shape == batch.voiced.shape == batch.energy.shape == (3, max(lengths))
    for row, key in enumerate(keys[:3]):
        assert np.array_equal(batch.codes[row, : lengths[row]].numpy(), values[key])


def test_codes_in_fewer_codebooks_are_not_those_of_a_codec_that_got_one_more(coded):
    corpus, values = coded
    write_part(corpus, "abc", values)
    assert not read_codes(corpus, replace(HALF_RATE, codebooks=2), "abc").values
    assert read_codes(corpus, HALF_RATE, "abc").values.keys() == values.keys()


def test_codes_of_a_recording_that_has_changed_are_not_used(coded):
    corpus, values = coded
    write_part(corpus, "old", values)
    key = next(iter(values))
    entry = corpus.entries[key]
    corpus.entries[key] = type(entry)(
        entry.id, entry.speaker, entry.frames, entry.symbols, entry.shard, entry.row, "other"
    )
    assert set(values) - set(read_codes(corpus, HALF_RATE, "old").values) == {key}


def test_codes_that_are_not_there_are_an_error_that_says_so(coded):
    corpus, values = coded
    with pytest.raises(CorpusError, match=r"data\.codec"):
        corpus.usable(Needs(codes=True))
    corpus.speak_codes(Coded(HALF_RATE, "none", {}))
    with pytest.raises(CorpusError, match="has no codes"):
        corpus.load(list(values)[:1], Needs(codes=True))
