"""Recordings and texts become shards: everything that can be used, once, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest

from intone.audio.files import read_audio
from intone.audio.mel import mel_spectrogram
from intone.core.errors import CorpusError
from intone.core.files import write_json
from intone.core.protocols import Needs
from intone.core.types import MEL_22K
from intone.corpus.manifest import write_manifest
from intone.data.features import features
from intone.data.prepare import SetAside, prepare
from intone.data.prepared import PreparedCorpus

HERE = Path(__file__).parent
ALL = Needs(pitch=True, energy=True, samples=True)


def contents(folder):
    """Everything that a training would see, by id."""
    corpus = PreparedCorpus(folder)
    return {
        e.id: (e.text, e.speaker, *(v.tobytes() for v in (e.mel, e.pitch, e.samples, e.energy)))
        for e in corpus.load(list(corpus.entries), ALL)
    }


def listed_aside(folder):
    lines = (folder / "set_aside.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row["reason"] for row in map(json.loads, lines)}


def counting(monkeypatch):
    """The ids that are measured from now on."""
    measured = []

    def spy(utterance, *rest):
        measured.append(utterance.id)
        return features(utterance, *rest)

    monkeypatch.setattr("intone.data.jobs.features", spy)
    return measured


def test_the_rows_hold_what_the_recording_holds(few, tmp_path, frontend):
    report = prepare(few, tmp_path / "out", frontend, workers=1)
    assert (report.utterances, report.computed, report.kept) == (20, 20, 0)
    corpus = PreparedCorpus(tmp_path / "out")
    (example,) = corpus.load(["u003"], ALL)
    whole = read_audio(few[3].audio_path).samples
    start = round(corpus.start_seconds("u003") * MEL_22K.sample_rate)
    assert 0.1 < corpus.start_seconds("u003") < 0.2, "a silence of 0.2 s was cut to a margin"
    sound = whole[start : start + len(example.samples)]
    assert np.abs(example.samples - sound).max() < 1e-4
    assert len(example.samples) == 256 * len(example.mel)
    assert np.array_equal(example.mel, mel_spectrogram(sound, MEL_22K))
    assert example.symbols.tolist() == frontend.symbols(few[3].text).ids.tolist()
    assert [w.text for w in corpus.words("u003")] == few[3].text.split()
    # The hum of speaker b has 180 Hz, which is that speaker's mean.
    assert np.exp(corpus.facts().pitch_mean[1]) == pytest.approx(180, rel=0.02)


def test_a_teachers_phones_keep_their_places_in_the_trimmed_sound(few, tmp_path, frontend):
    prepare(few, tmp_path / "out", frontend, workers=1)
    corpus = PreparedCorpus(tmp_path / "out")
    cut = corpus.start_seconds("u004")
    length = corpus.entries["u004"].frames / MEL_22K.frames_per_second
    given = [p.end_seconds - cut for p in few[4].phones]
    assert given[-1] > length, "the silence behind was cut off too"
    assert [end for _, end in corpus.truth("u004")] == pytest.approx([*given[:2], length])


def test_silence_stays_where_it_is_wanted(few, tmp_path, frontend):
    prepare(few[:1], tmp_path / "out", frontend, workers=1, trim=False)
    corpus = PreparedCorpus(tmp_path / "out")
    assert corpus.start_seconds("u000") == 0
    assert corpus.entries["u000"].frames == len(read_audio(few[0].audio_path).samples) // 256


def test_what_cannot_be_used_is_set_aside_with_its_reason(few, tmp_path, frontend):
    few[1].audio_path.write_bytes(b"RIFF this is no sound at all")
    few[2].audio_path.unlink()
    few[5] = replace(few[5], text="???")
    few[6] = replace(few[6], text="abcde" * 40)
    report = prepare(
        few,
        tmp_path / "out",
        frontend,
        workers=1,
        leave_out=frozenset({"u007"}),
        rejected=[SetAside("u900", "no sound file")],
    )
    aside = listed_aside(tmp_path / "out")
    assert set(aside) == {"u001", "u002", "u005", "u006", "u007", "u900"}
    assert "002.wav" in aside["u002"]
    assert "too short for its text" in aside["u006"]
    assert {a.id: a.reason for a in report.set_aside} == aside
    assert set(PreparedCorpus(tmp_path / "out").entries) == {u.id for u in few} - set(aside)


def test_a_name_that_is_no_text_ends_nothing(few, tmp_path, frontend):
    strange = replace(few[0], id="n\udcff", audio_path=Path("n\udcff.wav"))
    hidden = replace(few[1], audio_path=Path("n\udcff.wav"))
    for workers in (1, 2):
        prepare([strange, hidden, *few[2:]], tmp_path / f"{workers}", frontend, workers=workers)
        assert set(listed_aside(tmp_path / f"{workers}")) == {"n\\udcff", "u001"}


def test_lengths_out_of_bounds_are_set_aside(few, tmp_path, frontend):
    prepare(few, tmp_path / "out", frontend, workers=1, longest_seconds=1.3, shortest_seconds=0.6)
    frames = [e.frames for e in PreparedCorpus(tmp_path / "out").entries.values()]
    assert min(frames) > 0.6 * 86 and max(frames) < 1.3 * 87
    assert len(frames) + len(listed_aside(tmp_path / "out")) == len(few)
    assert len(frames) < len(few) - 2


def test_a_corpus_without_anything_usable_is_an_error_that_tells_why(few, tmp_path, frontend):
    few[0].audio_path.unlink()
    with pytest.raises(CorpusError, match=r"000\.wav"):
        prepare(few[:1], tmp_path / "out", frontend, workers=1)


def test_two_utterances_of_one_name_are_an_error(few, tmp_path, frontend):
    with pytest.raises(CorpusError, match="same id"):
        prepare([few[0], few[0]], tmp_path / "out", frontend, workers=1)


def test_only_what_is_new_or_changed_is_computed_again(few, tmp_path, frontend, monkeypatch):
    out = tmp_path / "out"
    prepare(few[:12], out, frontend, workers=1)
    measured = counting(monkeypatch)
    os.utime(few[3].audio_path, (1, 1))
    few[4] = replace(few[4], text="edc")
    report = prepare(few[1:], out, frontend, workers=1)
    assert measured == ["u003", "u004", *(f"u{n:03}" for n in range(12, 20))]
    assert (report.utterances, report.computed, report.kept) == (19, 10, 9)
    prepare(few[1:], tmp_path / "fresh", frontend, workers=1)
    assert contents(out) == contents(tmp_path / "fresh")
    assert PreparedCorpus(out).facts() == PreparedCorpus(tmp_path / "fresh").facts()


def test_another_frontend_replaces_all_rows_and_frees_their_shards(few, tmp_path, frontend):
    out = tmp_path / "out"
    prepare(few, out, frontend, workers=1)
    before = sorted(path.name for path in (out / "shards").iterdir())
    prepare(few, out, type(frontend)("en", "abcdef"), workers=1)
    after = sorted(path.name for path in (out / "shards").iterdir())
    assert len(after) == len(before) and not set(after) & set(before)


def test_processes_make_the_same_as_one(few, tmp_path, frontend):
    """Also: a script that calls it needs no guard, since none runs it again."""
    few[1].audio_path.write_bytes(b"noise")
    alone = prepare(few, tmp_path / "alone", frontend, workers=1)
    told = []
    both = prepare(
        reversed(few), tmp_path / "both", frontend, workers=2, progress=lambda *p: told.append(p)
    )
    assert contents(tmp_path / "alone") == contents(tmp_path / "both")
    assert list(PreparedCorpus(tmp_path / "both").entries) == [u.id for u in few if u.id != "u001"]
    assert alone.set_aside == both.set_aside
    assert told == [(n, 20) for n in range(1, 21)]


def test_a_recording_that_kills_its_process_is_set_aside(few, tmp_path, frontend, monkeypatch):
    """The child loads a sitecustomize that ends it at one file, as a broken decoder would."""
    patch = tmp_path / "patch"
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def killed(event, arguments):\n"
        "    if event == 'open' and str(arguments[0]).endswith('009.wav'):\n"
        "        os._exit(139)\n"
        "if sys.argv[0] == '-m': sys.addaudithook(killed)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(patch))
    report = prepare(few, tmp_path / "out", frontend, workers=2)
    assert [a.id for a in report.set_aside] == ["u009"]
    assert "died" in report.set_aside[0].reason
    assert report.utterances == 19


SCRIPT = """
import sys, time
from pathlib import Path
from intone.corpus.manifest import read_manifest
from intone.data import prepare as module
from intone.data.prepare import prepare
from intone.text.characters import CharactersFrontend
module.UTTERANCES_IN_SHARD = 8
def tell(done, of):
    print(done, of, flush=True)
    if done > int(sys.argv[4]):
        time.sleep(3)  # A busy machine may be slow to interrupt.
prepare(read_manifest(Path(sys.argv[1])), Path(sys.argv[2]), CharactersFrontend("en", "abcde"),
        workers=int(sys.argv[3]), progress=tell)
"""


def run_script(few, tmp_path, workers, after):
    write_manifest(tmp_path, few)
    source = str(HERE.parents[1] / "src")
    paths = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, (tmp_path, tmp_path / "out", workers, after))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )


def interrupted(process, after, how):
    """Ends `process` as soon as it has told of `after` utterances; its exit code."""
    for line in process.stdout:
        if int(line.split()[0]) == after:
            how(process)
            break
    code = process.wait(timeout=20)
    process.stdout.close()
    process.stderr.close()
    time.sleep(0.3)
    return code


@pytest.mark.parametrize(("workers", "after"), [(1, 9), (2, 17)])
def test_a_kill_loses_nothing_that_is_finished(few, tmp_path, frontend, workers, after):
    out, whole = tmp_path / "out", tmp_path / "whole"
    interrupted(run_script(few, tmp_path, workers, after), after, subprocess.Popen.kill)
    prepare(few, whole, frontend, workers=1)
    report = prepare(few, out, frontend, workers=1)
    assert report.kept >= 8 and report.kept + report.computed == 20
    assert contents(out) == contents(whole)
    assert PreparedCorpus(out).facts() == PreparedCorpus(whole).facts()
    assert not list((out / "shards").glob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(few, tmp_path, frontend):
    process = run_script(few, tmp_path, 2, 17)
    code = interrupted(process, 17, lambda p: p.send_signal(signal.SIGINT))
    assert code != 0
    assert not list((tmp_path / "out/shards").glob(".*"))
    report = prepare(few, tmp_path / "out", frontend, workers=1)
    assert report.kept >= 8 and report.utterances == 20


def test_two_preparations_of_one_folder_do_not_mix(few, tmp_path, frontend):
    def another(done, total):
        with pytest.raises(CorpusError, match="another process"):
            prepare(few, tmp_path / "out", frontend, workers=1)

    prepare(few[:2], tmp_path / "out", frontend, workers=1, progress=another)
    assert len(PreparedCorpus(tmp_path / "out").entries) == 2


def test_a_broken_shard_is_named(few, tmp_path, frontend):
    prepare(few, tmp_path / "out", frontend, workers=1)
    (shard,) = (tmp_path / "out/shards").iterdir()
    shard.write_bytes(shard.read_bytes()[:-1000])
    with pytest.raises(CorpusError, match=shard.name):
        prepare(few, tmp_path / "out", frontend, workers=1)
    with pytest.raises(CorpusError, match=shard.name):
        PreparedCorpus(tmp_path / "out").load(["u000"], Needs())


def test_a_preparation_cut_off_between_index_and_facts_is_noticed(few, tmp_path, frontend):
    out = tmp_path / "out"
    prepare(few[:2], out, frontend, workers=1)
    facts = json.loads((out / "corpus.json").read_text(encoding="utf-8"))
    prepare(few[:2], out, type(frontend)("en", "abcdef"), workers=1)
    write_json(out / "corpus.json", facts)
    with pytest.raises(CorpusError, match="cut off"):
        PreparedCorpus(out)


def test_shards_are_plain_parquet(folder):
    table = polars.read_parquet(folder / "shards" / "*.parquet")
    index = polars.read_parquet(folder / "index.parquet")
    joined = index.join(table, on=["id", "fingerprint"])
    assert len(joined) == 20
    assert joined["mel"].list.len().to_list() == [80 * n for n in joined["frames"].to_list()]
    assert joined["samples"].dtype == polars.List(polars.Int16)
    assert joined["words"].list.first().struct.field("text").unique().to_list() == ["abc"]


def test_a_worker_that_nobody_listens_to_ends_without_a_word():
    """As when the process that started it was killed."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "intone.data.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    worker.stdout.close()
    worker.stdout = None
    given = {"frontend": {"frontend": "none of ours"}, "measures": {}, "format": {}}
    _, said = worker.communicate(json.dumps(given).encode() + b"\n", timeout=120)
    assert worker.returncode == 1
    assert said == b""
