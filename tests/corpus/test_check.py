from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import read_audio, write_audio
from intone.core.errors import CorpusError, TextError
from intone.core.types import Audio, Utterance
from intone.corpus import measure as measuring
from intone.corpus.check import CheckReport, Limits, check_corpus
from intone.corpus.check_page import write_report
from intone.corpus.readers import read_corpus
from intone.corpus.rejection import Rejection
from intone.corpus.set_aside import read_set_aside

Record = Callable[..., Path]


@pytest.fixture
def corpus(tmp_path: Path, record: Record) -> list[Utterance]:
    """Thirty good utterances of about 13 letters a second."""
    rng = np.random.default_rng(0)
    utterances = []
    for n in range(30):
        seconds = float(rng.uniform(1, 4))
        text = ("some more words of the text and so on " * 5)[: round(13 * seconds * 1.2)]
        path = record(tmp_path / "wavs" / f"{n:02}.wav", seconds, seed=n)
        utterances.append(Utterance(f"u{n:02}", f"{n} {text}.".replace("0", "x"), path, "ann"))
    return [replace(u, text=re.sub(r"\d+", _letters, u.text)) for u in utterances]


def _letters(match: re.Match[str]) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in match[0])


def problems(report: CheckReport) -> dict[str, list[tuple[str, bool]]]:
    return {
        c.utterance.id: [(p.kind, p.aside) for p in c.problems]
        for c in report.checked
        if c.problems
    }


def test_a_good_corpus_has_no_problems(corpus: list[Utterance]) -> None:
    report = check_corpus(corpus)
    assert problems(report) == {}
    assert report.notes == ()
    assert report.usable == corpus
    assert report.usable_hours == pytest.approx(
        sum(c.measured.seconds for c in report.checked) / 3600
    )


def test_each_fault_is_found_and_the_rest_goes_on(
    corpus: list[Utterance], tmp_path: Path, record: Record
) -> None:
    def put(number: int, samples: np.ndarray, rate: int = 16_000) -> None:
        write_audio(corpus[number].audio_path, Audio(samples.astype("f4"), rate))

    good = read_audio(corpus[0].audio_path).samples
    noise = np.random.default_rng(1).normal(0, 1, len(good))
    corpus[0].audio_path.write_bytes(b"this is no sound")
    put(1, np.clip(read_audio(corpus[1].audio_path).samples * 9, -1, 1))
    put(2, np.zeros(30_000))
    put(3, good[5_000:7_000])
    put(4, np.tile(good, 12))
    put(5, 0.1 * noise)
    corpus[6] = replace(corpus[6], text=" ... ")
    corpus[7] = replace(corpus[7], text="Это вообще другой язык")
    corpus[8] = replace(corpus[8], text=corpus[8].text + " café Ω")
    corpus[9] = replace(corpus[9], text="Ten words that are far too few" * 9)
    corpus[10].audio_path.write_bytes(corpus[11].audio_path.read_bytes())
    corpus[10] = replace(corpus[10], text=corpus[11].text.upper() + "!")
    corpus[12] = replace(corpus[12], text=corpus[12].text + " 42")
    corpus[13] = replace(corpus[13], audio_path=tmp_path / "gone.wav")
    long_silence = np.concatenate([np.zeros(40_000), read_audio(corpus[14].audio_path).samples])
    put(14, long_silence)

    found = problems(check_corpus(corpus))
    assert found.pop("u00") == [("unreadable", True)]
    assert ("clipped", True) in found.pop("u01")
    assert found.pop("u02") == [("silent", True)]
    assert ("short", True) in found.pop("u03")
    assert ("long", True) in found.pop("u04")
    assert ("noisy", True) in found.pop("u05")
    assert found.pop("u06") == [("no text", True)]
    assert ("script", True) in found.pop("u07")
    assert found.pop("u08") == [("script", False)]
    assert found.pop("u09") == [("rate", True)]
    # The later of two is the copy.
    assert found.pop("u11") == [("same sound", True), ("same text", False)]
    assert found.pop("u12") == [("digits", False)]
    assert found.pop("u13") == [("unreadable", True)]
    assert found.pop("u14") == [("silence", False)]
    assert found == {}


def test_a_text_of_another_recording_stands_out(corpus: list[Utterance]) -> None:
    by_length = sorted(corpus, key=lambda u: len(u.text))
    short, long = by_length[0], by_length[-1]
    swapped = {short.id: long.text, long.id: short.text}
    report = check_corpus([replace(u, text=swapped.get(u.id, u.text)) for u in corpus])
    assert {r.id for r in report.set_aside} == {short.id, long.id}


def test_texts_that_the_frontend_cannot_say_are_set_aside(corpus: list[Utterance]) -> None:
    def symbols(text: str) -> None:
        if text == corpus[3].text:
            raise TextError("no symbol for that")

    report = check_corpus(corpus, symbols)
    assert report.set_aside == [Rejection("u03", "no symbol for that")]


def test_several_sample_rates_are_noted(corpus: list[Utterance]) -> None:
    samples = read_audio(corpus[0].audio_path).samples
    write_audio(corpus[0].audio_path, Audio(samples, 8_000))
    notes = " ".join(check_corpus(corpus).notes)
    assert "29 at 16000 Hz, 1 at 8000 Hz" in notes
    assert "8000 Hz lack" in notes


def test_limits_can_be_moved(corpus: list[Utterance]) -> None:
    limit = float(np.median([c.measured.seconds for c in check_corpus(corpus).checked]))
    report = check_corpus(corpus, limits=Limits(longest_seconds=limit))
    assert len(report.set_aside) == 15


def test_no_utterances_are_refused() -> None:
    with pytest.raises(CorpusError):
        check_corpus([])


def crash(utterances: list[Utterance]) -> list[measuring.Measured]:
    import os

    if any(u.id == "u20" for u in utterances):
        os._exit(1)
    return [measuring.measure(u) for u in utterances]


def test_a_crash_of_the_decoder_costs_one_recording(
    corpus: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(measuring, "_CHUNK", 8)
    monkeypatch.setattr(measuring, "_measure_chunk", crash)
    # The one that crashes would do so alone as well; starting a process for each takes long.
    monkeypatch.setattr(
        measuring,
        "_alone",
        lambda u: measuring.Measured(problem="crashes") if u.id == "u20" else measuring.measure(u),
    )
    report = check_corpus(corpus, processes=2)
    assert problems(report) == {"u20": [("unreadable", True)]}


class Page(HTMLParser):
    """Counts elements and collects what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.counts: dict[str, int] = {}
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.fetched += [str(v) for k, v in attrs if k in ("src", "href")]
        if tag not in ("meta", "rect", "circle", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "circle", "path"):
            assert self.open.pop() == tag


def test_the_report_is_a_page_a_table_and_a_list_that_readers_obey(
    corpus: list[Utterance], tmp_path: Path
) -> None:
    for utterance in corpus:
        utterance.audio_path.with_suffix(".lab").write_text(utterance.text, encoding="utf-8")
    (tmp_path / "wavs" / "05.wav").write_bytes(b"<b>bad</b>")
    (tmp_path / "wavs" / "06.lab").write_text("<script>alert(1)</script>", encoding="utf-8")
    (tmp_path / "set_aside.txt").write_text("07\tby hand\n", encoding="utf-8")
    utterances, rejections = read_corpus(tmp_path)
    report = check_corpus(utterances)
    json_path, page_path, list_path = write_report(report, tmp_path, [Rejection("07", "by hand")])

    values = json.loads(json_path.read_text(encoding="utf-8"))
    assert values["utterances"] == 29
    assert values["problems"]["unreadable"] == 1
    text = page_path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.counts["svg"] == 4
    assert page.fetched == []
    assert "script" not in page.counts
    assert "prefers-color-scheme: dark" in text

    aside = read_set_aside(tmp_path)
    assert {"05", "07"} <= set(aside)
    assert aside["07"] == "by hand"
    again, _ = read_corpus(tmp_path)
    assert [u.id for u in again] == [u.id for u in report.usable]
    assert list_path == tmp_path / "set_aside.txt"
    assert [r.id for r in rejections] == ["07"]
