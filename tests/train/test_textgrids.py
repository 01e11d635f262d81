"""Durations out of TextGrids and back, with real symbols and a stand-in for MFA."""

import stat
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.core.types import Audio, Utterance
from intone.corpus.textgrid import Interval, read_textgrid, write_textgrid
from intone.data.durations import Aligned, write_durations
from intone.data.prepare import prepare
from intone.data.prepared import PreparedCorpus
from intone.text.frontend import build
from intone.train.textgrids import align_from_textgrids, durations_of, write_textgrids

TEXTS = ("Good morning, all.", "We see two ships.", "A cold day.")
SILENCE_SECONDS = 0.5


@pytest.fixture
def corpus(tmp_path):
    """Three buzzes with half a second of silence before each, prepared."""
    rate = 22_050
    utterances = []
    for number, text in enumerate(TEXTS):
        time = np.arange(int(rate * (1.5 + 0.1 * number))) / rate
        buzz = 0.2 * np.sign(np.sin(2 * np.pi * 120 * time)) * (0.7 + 0.3 * np.sin(20 * time))
        sound = np.concatenate([np.zeros(int(rate * SILENCE_SECONDS)), buzz])
        path = tmp_path / "recordings" / f"{number}.wav"
        path.parent.mkdir(exist_ok=True)
        write_audio(path, Audio(sound.astype(np.float32), rate))
        utterances.append(Utterance(f"ann_{number}", text, path, "ann"))
    out = tmp_path / "prepared"
    prepare(utterances, out, build("english"), workers=1)
    return out


def align_at_random(folder, seed=0):
    """Any durations that a path may have: lasting symbols at least one frame."""
    corpus = PreparedCorpus(folder)
    optional = corpus.frontend().inventory.optional_mask()
    source = np.random.default_rng(seed)
    made = []
    for key, entry in corpus.entries.items():
        (example,) = corpus.load([key], Needs())
        least = (~optional[example.symbols]).astype(np.int64)
        weights = source.exponential(size=entry.symbols) * (
            (least > 0) | (source.random(entry.symbols) < 0.4)
        )
        durations = least + source.multinomial(entry.frames - least.sum(), weights / weights.sum())
        made.append(Aligned(key, durations, 0.0, example.fingerprint))
    write_durations(folder, made)
    return {a.id: a.durations for a in made}


def test_textgrids_written_and_read_again_are_the_same_alignment(corpus, tmp_path):
    wanted = align_at_random(corpus)
    written = write_textgrids(corpus, tmp_path / "grids")
    (corpus / "durations" / "durations.parquet").unlink()
    report = align_from_textgrids(corpus, tmp_path / "grids")
    assert report.aligned == len(written) == 3
    found = PreparedCorpus(corpus).aligned
    assert all(np.array_equal(found[key].durations, wanted[key]) for key in wanted)
    assert all(a.score == 0 for a in found.values())


def test_the_times_are_those_of_the_original_recording(corpus, tmp_path):
    align_at_random(corpus)
    tiers = read_textgrid(write_textgrids(corpus, tmp_path)[0])
    spoken = [i for i in tiers["words"] if i.text]
    assert [i.text for i in spoken] == ["Good", "morning", "all"]
    assert spoken[0].start > SILENCE_SECONDS - 0.1
    assert tiers["phones"][0].text == ""
    assert PreparedCorpus(corpus).start_seconds("ann_0") == pytest.approx(0.5, abs=0.08)


def test_what_does_not_fit_is_set_aside_with_its_reason(corpus, tmp_path):
    align_at_random(corpus)
    grids = tmp_path / "grids"
    write_textgrids(corpus, grids)
    (grids / "ann_0.TextGrid").unlink()
    write_textgrid(
        grids / "ann_1.TextGrid", {"phones": [Interval(0, 1, "ZH"), Interval(1, 2, "T")]}
    )
    report = align_from_textgrids(corpus, grids)
    assert report.aligned == 1
    reasons = {a.id: a.reason for a in report.set_aside}
    assert reasons["ann_0"] == "it has no TextGrid"
    assert "phones are among the 2 of its TextGrid" in reasons["ann_1"]
    assert list(PreparedCorpus(corpus).aligned) == ["ann_2"]
    (grids / "ann_2.TextGrid").write_text("not one")
    with pytest.raises(CorpusError, match="no TextGrid fits"):
        align_from_textgrids(corpus, grids)
    with pytest.raises(CorpusError, match="there is no folder"):
        align_from_textgrids(corpus, tmp_path / "nowhere")


TOKENS = ("^", "K", "AE1", "T", " ", "S", "IH0", "T", "S", ".")
OPTIONAL = (True, False, False, False, True, False, False, False, False, True)


def frames_of(intervals, frames=100):
    durations, share = durations_of(
        intervals, TOKENS, OPTIONAL, frames=frames, frames_per_second=100.0
    )
    assert durations.sum() == frames
    return durations.tolist(), share


def row(*phones, start=0.0, each=0.1):
    return [Interval(start + n * each, start + (n + 1) * each, p) for n, p in enumerate(phones)]


def test_stress_and_case_do_not_matter_and_silence_goes_between_the_words():
    grid = [*row("sil", "k", "AE2", "t", "sp", "s", "ih1", "T"), Interval(0.8, 0.85, "s"),
            Interval(0.85, 1.0, "")]  # fmt: skip
    assert frames_of(grid) == ([10, 10, 10, 10, 10, 10, 10, 10, 5, 15], 1.0)


def test_a_phone_that_one_side_lacks_shares_its_neighbours_time():
    # The other side reads "sits" without its last s, and "cat" with a vowel at its end.
    grid = row("K", "AE1", "T", "AH0", "S", "IH0", "T", each=0.125)
    durations, share = frames_of([*grid, Interval(0.875, 1.0, "")])
    assert share == 6 / 7
    assert durations[3] == 25  # T and the vowel after it
    assert durations[7] + durations[8] in (12, 13)
    assert min(durations[7:9]) >= 6


def test_a_word_that_mfa_does_not_know_takes_the_time_of_its_noise():
    sits = row("S", "IH0", "T", "S", start=0.5)
    noise = [Interval(0, 0.3, "spn"), Interval(0.3, 0.5, "")]
    durations, share = frames_of([*noise, *sits])
    assert durations == [0, 10, 10, 10, 20, 10, 10, 10, 10, 10]
    assert share == 4 / 7
    # A noise in a pause is not a word.
    cat = row("K", "AE1", "T")
    durations, share = frames_of([*cat, Interval(0.35, 0.45, "spn"), *sits])
    assert durations == [0, 10, 10, 10, 20, 10, 10, 10, 10, 10]
    assert share == 1.0


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_durations_always_sum_and_every_phone_lasts(data):
    phones = [t for t, o in zip(TOKENS, OPTIONAL, strict=True) if not o]
    lengths = data.draw(st.lists(st.floats(0.001, 0.4), min_size=7, max_size=7))
    pauses = data.draw(st.lists(st.sampled_from([0.0, 0.05, 0.3]), min_size=7, max_size=7))
    now, grid = 0.0, []
    for phone, length, pause in zip(phones, lengths, pauses, strict=True):
        grid.append(Interval(now + pause, now + pause + length, phone))
        now += pause + length
    frames = data.draw(st.integers(8, 300))
    durations, _ = durations_of(
        grid, TOKENS, OPTIONAL, frames=frames, frames_per_second=86.13, start_seconds=0.02
    )
    assert durations.sum() == frames
    assert all(d >= 1 for d, o in zip(durations, OPTIONAL, strict=True) if not o)
    assert durations.min() >= 0


STAND_IN = """#!{python}
import pathlib, shutil, sys
verb, clean, corpus, dictionary, model, out = sys.argv[1:]
assert (verb, clean) == ("align", "--clean") and dictionary == model == "english_us_arpa"
labs = sorted(pathlib.Path(corpus).rglob("*.lab"))
texts = [lab.read_text(encoding="utf-8").strip() for lab in labs]
assert all(lab.with_suffix(".wav").stat().st_size > 1000 for lab in labs)
grids = {{p.read_text(encoding="utf-8"): p.with_suffix(".TextGrid")
         for p in pathlib.Path({grids!r}).glob("*.txt")}}
for lab, text in zip(labs, texts):
    target = pathlib.Path(out) / lab.parent.name / (lab.stem + ".TextGrid")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(grids[text], target)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_mfa_gets_sound_and_text_and_gives_durations(corpus, tmp_path, monkeypatch, capsys):
    grids = tmp_path / "grids"
    grids.mkdir()
    opened = PreparedCorpus(corpus)
    for key in opened.entries:
        (example,) = opened.load([key], Needs())
        inventory = opened.frontend().inventory
        phones = [t for t in (inventory.tokens[i] for i in example.symbols) if t[0].isalpha()]
        write_textgrid(grids / f"{key}.TextGrid", {"phones": row(*phones, each=0.08)})
        (grids / f"{key}.txt").write_text(example.text, encoding="utf-8")
    program = tmp_path / "bin" / "mfa"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, grids=str(grids)), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    assert main(["align", str(corpus), "--aligner", "mfa"]) == 0
    assert "3 utterances aligned" in capsys.readouterr().out
    durations = PreparedCorpus(corpus).aligned["ann_0"].durations
    # What mfa hears begins where the prepared sound does, so the first phone is at once.
    assert durations[0] == 0
    assert durations[1:4] == pytest.approx(np.full(3, 0.08 * 22_050 / 256), abs=1)

    program.write_text("#!/bin/sh\necho 'no such model' >&2\nexit 3\n", encoding="utf-8")
    assert main(["align", str(corpus), "--aligner", "mfa"]) == 1
    error = capsys.readouterr().err
    assert "no such model" in error
    assert "mfa model download acoustic english_us_arpa" in error


def test_without_mfa_one_is_told_how_to_get_it(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["align", str(corpus), "--aligner", "mfa"]) == 1
    assert "conda install -c conda-forge montreal-forced-aligner" in capsys.readouterr().err
