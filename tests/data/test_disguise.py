"""Disguised pieces of sound have their length, a moved pitch, and frames that are their own."""

import numpy as np
import pytest
import torch

from intone.audio.mel import mel_spectrogram
from intone.core.protocols import Needs
from intone.core.types import MEL_22K, code_format
from intone.data import disguise as disguises
from intone.data.disguise import Disguise, drawn, needed, tilted
from intone.data.prepared import PreparedCorpus
from intone.data.segments import SegmentBatches
from intone.data.sound_segments import SoundSegments
from intone.train.material import segments_of, sounds_of
from intone.train.settings import DataSettings

RATE = 22_050
PLAIN = np.zeros(3, dtype=np.float32)


@pytest.fixture(scope="module")
def corpus(folder):
    return PreparedCorpus(folder)


def buzz(hertz, seconds=0.6):
    """Eight partials of a voice."""
    time = np.arange(int(RATE * seconds)) / RATE
    partials = [np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 9)]
    return (0.15 * np.sum(partials, axis=0)).astype(np.float32)


def fundamental(samples, rate):
    """Hz of the strongest repetition between 80 and 300 Hz."""
    centred = samples - samples.mean()
    spectrum = np.abs(np.fft.rfft(centred, 4 * len(centred))) ** 2
    repeats = np.fft.irfft(spectrum)
    low, high = int(rate / 300), int(rate / 80)
    return rate / (low + int(np.argmax(repeats[low:high])))


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000])
@pytest.mark.parametrize("pace", [0.88, 1.0, 1.14])
def test_a_voice_becomes_higher_as_it_becomes_faster(rate, pace):
    count = rate // 4
    taken = needed(count, from_hz=RATE * pace, to_hz=rate)
    made = Disguise(pace, PLAIN).of(buzz(120)[:taken], count, from_hz=RATE, to_hz=rate)
    assert len(made) == count
    assert fundamental(made, rate) == pytest.approx(120 * pace, rel=0.02)


def test_the_tilt_lifts_low_and_high_apart_and_delays_nothing():
    at = np.arange(4_000) / RATE
    low, high = (np.sin(2 * np.pi * hertz * at).astype(np.float32) for hertz in (100, 10_900))
    assert np.allclose(tilted(low, PLAIN), low, atol=1e-5)
    lifts = np.array([6.0, 0.0, 0.0], dtype=np.float32)  # 6 dB at 0 Hz, -6 dB at half the rate
    for tone, decibels in ((low, 6), (high, -6)):
        made = tilted(tone, lifts)
        assert 20 * np.log10(made.std() / tone.std()) == pytest.approx(decibels, abs=0.2)
        assert np.corrcoef(made[200:-200], tone[200:-200])[0, 1] > 0.99


def test_disguises_differ_and_stay_within_bounds():
    source = np.random.default_rng(0)
    some = [drawn(source) for _ in range(200)]
    paces = [each.pace for each in some]
    assert min(paces) > 0.86 and max(paces) <= disguises.FASTEST
    assert min(paces) < 0.9 and max(paces) > 1.1
    assert np.std([each.lifts_db for each in some]) == pytest.approx(4, abs=0.5)


def test_disguised_sounds_have_their_length_and_another_pitch(corpus, monkeypatch):
    monkeypatch.setattr("intone.data.sound_segments.drawn", lambda source: Disguise(1.14, PLAIN))
    ids = [key for key, entry in corpus.entries.items() if corpus.speakers[entry.speaker] == "a"]
    cut = {"sample_rate": 24_000, "hop_samples": 300, "frames": 24, "count": 4}
    pieces = SoundSegments(corpus, ids, **cut, disguised=1.0)
    plain = SoundSegments(corpus, ids, **cut)
    for source, pitch in ((pieces, 110 * 1.14), (plain, 110)):
        heard = [row.numpy() for batch in source.epoch(1, 0, 0) for row in batch.samples]
        assert {len(each) for each in heard} == {7_200}
        found = [fundamental(each, 24_000) for each in heard]
        assert np.median(found) == pytest.approx(pitch, rel=0.02)
        told = np.concatenate([batch.pitch_hz.numpy() for batch in source.epoch(1, 0, 0)])
        assert told.shape == (len(heard), 24)
        assert np.median(told[told > 0]) == pytest.approx(pitch, rel=0.02)


def test_a_disguised_segment_has_its_own_frames_and_pitch(corpus):
    made = SegmentBatches(corpus, list(corpus.entries), frames=24, count=5, disguised=1.0)
    plain = {110.0, 180.0}
    away, found = [], []
    for batch in list(made.epoch(3, 1, 0))[:4]:
        assert batch.mel.shape == (5, 24, 80) and batch.samples.shape == (5, 24 * 256)
        for mel, hz, sound in zip(batch.mel, batch.pitch_hz, batch.samples, strict=True):
            own = mel_spectrogram(sound.numpy(), MEL_22K)
            # The outer frames see beyond the piece.
            assert np.abs(own[2:-2] - mel.numpy()[2:-2]).max() < 2e-2
            assert sound.abs().max() <= 0.98 + 1e-6
            if (hz > 0).all():
                told = float(hz.median())
                found.append(fundamental(sound.numpy(), RATE) / told)
                away.append(min(abs(told / each - 1) for each in plain))
    assert len(found) > 5
    assert np.median(found) == pytest.approx(1, abs=0.02)
    assert max(away) > 0.05


def test_some_segments_are_disguised_and_the_others_are_the_recordings(corpus):
    made = SegmentBatches(corpus, list(corpus.entries), frames=16, count=10, disguised=0.5)
    whole = {e.id: e.samples for e in corpus.load(list(corpus.entries), Needs(samples=True))}
    recorded = 0
    batches = list(made.epoch(3, 1, 0))
    for batch in batches:
        for key, sound in zip(batch.ids, batch.samples.numpy(), strict=True):
            hops = range(len(whole[key]) // 256 - 15)
            pieces = np.stack([whole[key][n * 256 : (n + 16) * 256] for n in hops])
            scale = np.linalg.norm(pieces, axis=1) * np.linalg.norm(sound) + 1e-9
            recorded += float((pieces @ sound / scale).max()) > 0.9999
    assert 0.25 < recorded / (10 * len(batches)) < 0.75


def test_nobody_is_disguised_in_validation_nor_where_mels_are_predicted(corpus):
    def settings(share):
        return DataSettings(
            held_out=4, spoken=1, max_utterances=3, segment_frames=16, disguised=share
        )

    def same(one, other):
        return all(torch.equal(a.samples, b.samples) for a, b in zip(one, other, strict=True))

    codes = code_format(sample_rate=24_000, hop_samples=320, codebooks=1, codebook_size=9)
    for make in (
        lambda share: segments_of(corpus, settings(share), 0),
        lambda share: sounds_of(corpus, codes, settings(share), 0),
    ):
        plain, disguised = make(0.0), make(1.0)
        assert same(plain.validation(), disguised.validation())
        assert not same(plain.batches.epoch(1, 0, 0), disguised.batches.epoch(1, 0, 0))
    mels = {e.id: e.mel for e in corpus.load(list(corpus.entries), Needs())}
    plain, disguised = (segments_of(corpus, settings(share), 0, mels) for share in (0.0, 1.0))
    assert same(plain.batches.epoch(1, 0, 0), disguised.batches.epoch(1, 0, 0))
