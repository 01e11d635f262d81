from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from intone.audio.files import write_audio
from intone.core.errors import CorpusError, MissingExtra, SettingsError
from intone.core.types import Audio, Phone
from intone.corpus import teachers
from intone.corpus.teachers import espeak, festival, flite
from intone.text import espeak as frontend
from intone.text import espeak_library

# What flite 2.2 printed for "From a file; it works too. Second sentence." in a file.
FLITE_PRINTED = (
    "pau:0.136 f:0.246 r:0.357 ah:0.444 m:0.517 pau:2.100 \npau:0.136 s:0.299 eh:0.373 pau:1.392 \n"
)
# What festival 2.5 printed for three texts, over the second of which it fell.
FESTIVAL_PRINTED = """\
BEGIN 0
PHONE pau 0.086250
PHONE vv 0.226250
PHONE i 0.261063
END 0
BEGIN 1
SIOD ERROR: wrong type of argument to get c_utt
FAIL 1
BEGIN 4
PHONE pau 0.100000
"""


def test_all_teachers_are_listed() -> None:
    assert teachers.names() == ["espeak", "festival", "flite"]
    with pytest.raises(SettingsError, match="did you mean 'flite'"):
        teachers.teacher("flight")
    with pytest.raises(SettingsError, match="'rate'"):
        teachers.teacher("flite", rate=100)


def test_espeak_tells_when_each_phone_ended() -> None:
    teacher = teachers.teacher("espeak")
    takes = teacher.speak("en-us", ["See Ann. Ann saw me!", "", "Bye."])
    assert [bool(take.audio) for take in takes] == [True, False, True]
    assert "empty" in takes[1].problem
    first = takes[0]
    assert first.audio is not None
    symbols = [phone.symbol.lstrip("ˈˌ") for phone in first.phones]
    assert "".join(s for s in symbols if s != "pau") == "siːænænsɔːmiː"
    ends = [phone.end_seconds for phone in first.phones]
    assert ends == sorted(set(ends))
    assert ends[-1] == pytest.approx(first.audio.seconds)

    def part(number: int) -> np.ndarray:
        assert first.audio is not None
        rate = first.audio.sample_rate
        start = ends[number - 1] if number else 0.0
        return first.audio.samples[round(start * rate) : round(ends[number] * rate)]

    def crossings(samples: np.ndarray) -> float:
        return float(np.mean(np.abs(np.diff(np.sign(samples)))))

    # A sibilant crosses zero far more often than a vowel; the pause between is silent.
    sibilant, vowel = symbols.index("s"), symbols.index("æ")
    assert crossings(part(sibilant)) > 3 * crossings(part(vowel))
    pause = symbols.index("pau", 2)
    assert np.sqrt(np.mean(part(pause) ** 2)) < 0.1 * np.sqrt(np.mean(part(vowel) ** 2))


def test_espeak_obeys_rate_and_pitch_and_speaks_other_languages() -> None:
    def seconds(teacher: teachers.Teacher, voice: str = "en-us", text: str = "One, two.") -> float:
        (take,) = teacher.speak(voice, [text])
        assert take.audio is not None
        return take.audio.seconds

    slow, fast = (teachers.teacher("espeak", rate=rate) for rate in (100, 300))
    assert seconds(slow) > 1.5 * seconds(fast)
    assert seconds(slow, "ru", "Привет, мир.") > 0.3
    assert seconds(slow, "en-gb+m3") > 0.3
    assert slow.language("en-gb+m3") == "en"
    assert slow.language("ru") == "ru"
    assert {"en-us", "en-gb", "ru", "de"} <= set(slow.voices())


def test_espeak_refuses_what_it_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = teachers.teacher("espeak")
    with pytest.raises(CorpusError, match="variant 'zz'"):
        teacher.speak("en-us+zz", ["One."])
    with pytest.raises(CorpusError, match="'nolanguage'"):
        teacher.speak("nolanguage", ["One."])
    with pytest.raises(SettingsError, match="450"):
        teachers.teacher("espeak", rate=900)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(espeak, "_loaded", espeak._loaded.__wrapped__)
    monkeypatch.setattr(espeak, "espeak_library", espeak_library._set_up.__wrapped__)
    with pytest.raises(MissingExtra, match=r"intone\[espeak\]"):
        teacher.voices()


def test_espeak_speaks_on_after_a_frontend_has_asked_the_same_library() -> None:
    before = teachers.teacher("espeak").speak("en-us", ["Five sailors."])[0]
    assert "z" in frontend.phonemes("Sonne", b"gmw/de")
    after = teachers.teacher("espeak").speak("en-us", ["Five sailors."])[0]
    assert before.audio is not None and after.audio is not None
    assert [phone.symbol for phone in after.phones] == [phone.symbol for phone in before.phones]


def test_a_stretch_without_a_symbol_is_a_pause_only_where_it_is_silent() -> None:
    starts = [
        ("p", 100),
        ("", 150),
        ("r", 170),
        ("", 200),
        ("", 260),
        ("a", 300),
        ("a", 300),
        ("", 400),
    ]
    samples = np.full(500, 0.1, "f4")
    samples[:100] = samples[150:170] = samples[200:300] = 0
    assert espeak.phones_of(starts, samples, 1_000) == (
        Phone("pau", 0.1),
        Phone("p", 0.17),
        Phone("r", 0.2),
        Phone("pau", 0.3),
        Phone("a", 0.5),
    )


def test_flites_printed_phones_go_on_from_line_to_line() -> None:
    phones = flite.parse_phones(FLITE_PRINTED)
    assert phones[0] == Phone("pau", 0.136)
    assert phones[5] == Phone("pau", 2.1)
    assert phones[6] == Phone("pau", pytest.approx(2.236))
    assert phones[-1].end_seconds == pytest.approx(3.492)
    with pytest.raises(CorpusError, match="'usage'"):
        flite.parse_phones("usage of flite")
    printed = "Voices available: kal awb_time kal16 awb rms slt \n"
    assert flite.parse_voices(printed) == ["awb", "kal", "kal16", "rms", "slt"]


def test_flites_sound_and_its_phones_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(self: flite.Flite, *arguments: str) -> str:
        if arguments == ("-lv",):
            return "Voices available: slt \n"
        text, path = arguments[4:6]
        seconds = 3.49 if text == "Good." else 9.0
        if text != "Lost.":
            write_audio(Path(path), Audio(np.full(round(16_000 * seconds), 0.1, "f4"), 16_000))
        return FLITE_PRINTED

    monkeypatch.setattr(flite.Flite, "_run", run)
    good, long, lost, empty = flite.Flite().speak("slt", ["Good.", "Long.", "Lost.", " "])
    assert good.audio is not None and good.phones
    assert "do not end" in long.problem
    assert "no file" in lost.problem
    assert "empty" in empty.problem
    with pytest.raises(CorpusError, match="it has: slt"):
        flite.Flite().speak("bob", ["Good."])


def test_festivals_printed_phones_are_sorted_by_text() -> None:
    assert festival.parse_phones(FESTIVAL_PRINTED) == {
        0: (Phone("pau", 0.08625), Phone("vv", 0.22625), Phone("i", 0.261063)),
        1: (),
        4: (),
    }
    assert festival.parse_voices("\n(kal_diphone msu_ru_nsh_clunits)\n") == [
        "kal_diphone",
        "msu_ru_nsh_clunits",
    ]
    assert festival.parse_voices("nil\n") == []


def test_no_text_can_leave_its_place_in_festivals_program() -> None:
    assert festival.quoted('He said "go"\\"\n(system "rm") ,') == (
        'He said \\"go\\" \\"(system \\"rm\\"),'.replace('\\"(', '\\" (')
    )
    assert festival.quoted("Ещё ёж") == "Еще еж"
    with pytest.raises(CorpusError, match="no name"):
        festival.Festival().speak('x")(system "rm', ["One."])


def test_festival_goes_on_after_a_text_that_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    def run(self: festival.Festival, script: str, seconds: float) -> str:
        runs.append(script)
        printed = []
        for number in (0, 1, 2):
            if f"(intone_speak {number} " not in script:
                continue
            printed.append(f"BEGIN {number}")
            if number == 1:
                break
            path = script.split(f"(intone_speak {number} ")[1].split('" "')[1].split('")')[0]
            write_audio(Path(path), Audio(np.full(8_000, 0.1, "f4"), 16_000))
            printed += ["PHONE pau 0.5", f"END {number}"]
        return "\n".join(printed)

    monkeypatch.setattr(festival.Festival, "_run", run)
    takes = festival.Festival().speak("kal_diphone", ["One.", "Crash.", "Two."])
    assert [bool(take.audio) for take in takes] == [True, False, True]
    assert "could not" in takes[1].problem
    assert len(runs) == 2


@pytest.mark.parametrize("name", ["flite", "festival"])
def test_a_program_that_is_not_installed_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(CorpusError, match=f"apt-get install {name}"):
        teachers.teacher(name).voices()


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_the_flite_that_is_installed_speaks() -> None:
    teacher = teachers.teacher("flite")
    (take,) = teacher.speak("slt", ['-- Hello; "there" $(ls).'])
    assert take.audio is not None
    assert take.audio.seconds == pytest.approx(take.phones[-1].end_seconds, abs=0.05)
    assert {"hh", "l", "dh"} <= {phone.symbol for phone in take.phones}
