"""A prepared folder gives what was put in, to several readers, within its memory."""

import logging
import threading

import numpy as np
import pytest

from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.data.durations import Aligned, read_durations, write_durations
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus

ALL = Needs(durations=True, pitch=True, energy=True, samples=True)


@pytest.fixture
def corpus(few, tmp_path, frontend):
    prepare(few, tmp_path / "out", frontend, workers=1)
    return tmp_path / "out"


def test_pitch_and_energy_are_normal_within_each_speaker(folder):
    corpus = PreparedCorpus(folder)
    for speaker in range(2):
        own = [e for e in corpus.load(list(corpus.entries), ALL) if e.speaker == speaker]
        pitch = np.concatenate([e.pitch[e.voiced] for e in own])
        energy = np.concatenate([e.energy for e in own])
        assert abs(pitch.mean()) < 1e-3 and abs(energy.mean()) < 1e-3
        assert energy.std() == pytest.approx(1, abs=1e-3)
        assert pitch.std() == pytest.approx(1, abs=0.1) or pitch.std() < 1
        assert all((e.pitch[~e.voiced] == 0).all() for e in own)


def test_only_what_is_needed_is_read_and_given(folder):
    corpus = PreparedCorpus(folder)
    (bare,) = corpus.load(["u000"], Needs())
    assert bare.pitch is bare.energy is bare.samples is bare.durations is None
    light = corpus._columns.held_bytes
    (full,) = corpus.load(["u000"], ALL)
    assert int(full.durations.sum()) == len(full.mel) == len(full.pitch) == len(full.voiced)
    assert corpus._columns.held_bytes > 2 * light, "sound is the most of it"


def test_memory_stays_within_its_bound_and_nothing_is_mixed_up(folder):
    free, tight = PreparedCorpus(folder), PreparedCorpus(folder, cache_bytes=300_000)
    order = np.random.default_rng(0).permutation(list(free.entries)).tolist()
    for key in order * 2:
        (one,), (other,) = tight.load([key], ALL), free.load([key], ALL)
        assert one.id == other.id == key
        assert np.array_equal(one.mel, other.mel) and np.array_equal(one.samples, other.samples)
        assert tight._columns.held_bytes <= 300_000
    assert free._columns.held_bytes > 300_000, "or the bound was not tried"


def test_two_threads_may_read_at_once(folder):
    """The loop validates while another thread fetches what is next to learn."""
    corpus = PreparedCorpus(folder, cache_bytes=300_000)
    lengths = {key: entry.frames for key, entry in corpus.entries.items()}
    wrong = []

    def read(seed):
        try:
            for key in np.random.default_rng(seed).choice(list(lengths), 150).tolist():
                (example,) = corpus.load([key], ALL)
                if len(example.mel) != lengths[key] or example.id != key:
                    wrong.append(key)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_split_is_kept_when_recordings_are_added(folder):
    corpus = PreparedCorpus(folder)
    ids = list(corpus.entries)
    learned, held = corpus.split(ids[:15], 4)
    assert len(held) == 4 and sorted(learned + held) == ids[:15]
    assert corpus.split(ids[14::-1], 4)[1] == held
    more = corpus.split(ids, 4)[1]
    newcomers = set(more) - set(held)
    assert newcomers <= set(ids[15:]), "what was learned from is never held out later"
    with pytest.raises(CorpusError, match="cannot spare"):
        corpus.split(ids, 20)


def test_what_is_no_prepared_corpus_is_told(tmp_path, folder):
    with pytest.raises(CorpusError, match="intone prepare"):
        PreparedCorpus(tmp_path)
    with pytest.raises(CorpusError, match="no utterance 'u999'"):
        PreparedCorpus(folder).load(["u999"], Needs())


def test_durations_are_asked_for_where_there_are_none(corpus):
    with pytest.raises(CorpusError, match="intone align"):
        PreparedCorpus(corpus).usable(Needs(durations=True))
    with pytest.raises(CorpusError, match="intone align"):
        PreparedCorpus(corpus).load(["u000"], Needs(durations=True))


def test_alignments_that_do_not_fit_are_set_aside_at_the_door(corpus, caplog):
    entries = PreparedCorpus(corpus).entries
    frames, symbols = entries["u000"].frames, entries["u000"].symbols
    good = np.array([frames, *[0] * (symbols - 1)])
    given = {
        "u000": good,
        "u001": np.array([entries["u001"].frames]),
        "u002": np.array([1] * entries["u002"].symbols),
        "u003": np.array([entries["u003"].frames + 1, -1, *[0] * (entries["u003"].symbols - 2)]),
        "u999": good,
    }
    with caplog.at_level(logging.WARNING):
        write_durations(corpus, [Aligned(k, v, -0.5, "") for k, v in given.items()])
    assert "4 alignments were set aside" in caplog.text
    aside = (corpus / "durations/set_aside.jsonl").read_text(encoding="utf-8")
    assert [f"u00{n}" in aside for n in (1, 2, 3)] == [True] * 3 and "u999" in aside
    (kept,) = read_durations(corpus).values()
    assert kept.id == "u000" and kept.durations.tolist() == good.tolist() and kept.score == -0.5
    prepared, known = PreparedCorpus(corpus), Needs(durations_where_known=True)
    assert prepared.usable(Needs(durations=True)) == ["u000"]
    assert prepared.usable(known) == list(entries)
    first, second = prepared.load(["u000", "u001"], known)
    assert first.durations.tolist() == good.tolist()
    assert second.durations.tolist() == [0] * entries["u001"].symbols


def test_an_alignment_of_a_changed_recording_is_not_used(
    few, corpus, frontend, record, align_evenly, caplog
):
    align_evenly(corpus)
    path = few[2].audio_path
    quieter = record(path.parent, 2)  # the same sound at another time
    prepare([*few[:2], quieter, *few[3:]], corpus, frontend, workers=1)
    with caplog.at_level(logging.WARNING):
        usable = PreparedCorpus(corpus).usable(Needs(durations=True))
    assert usable == [u.id for u in few if u.id != "u002"]
    assert "u002: its recording, its text or the preparation has changed" in caplog.text


def test_a_reference_asks_for_a_second_recording_of_the_speaker(few, tmp_path, frontend):
    prepare(few[:3], tmp_path / "out", frontend, workers=1)
    assert PreparedCorpus(tmp_path / "out").usable(Needs(reference=True)) == ["u000", "u002"]
    prepare(few[:2], tmp_path / "out", frontend, workers=1)
    with pytest.raises(CorpusError, match="another recording"):
        PreparedCorpus(tmp_path / "out").usable(Needs(reference=True))
