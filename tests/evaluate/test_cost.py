"""Costs come out as they must where they are known."""

from __future__ import annotations

import sys
import time

import pytest

from intone.core.errors import SettingsError, VoiceError
from intone.evaluate.cost import as_process, cost_lines, cost_of, disk_megabytes, factors
from intone.speech.packaged import describe, find


def test_a_factor_is_waiting_for_a_second_of_speech() -> None:
    found = factors(lambda: time.sleep(0.2), spoken_seconds=2.0, repeats=1)
    assert found["real_time_factor"] >= 0.1
    assert found["processor_time_factor"] < found["real_time_factor"]


def test_a_process_has_its_own_time_and_memory() -> None:
    hungry = "import time; kept = b'x' * 150_000_000; time.sleep(0.3)"
    found = as_process([sys.executable, "-S", "-c", hungry], 1)
    modest = as_process([sys.executable, "-S", "-c", "pass"], 1)
    assert found["cold_start_seconds"] >= 0.3
    assert 150 < found["peak_megabytes"] < 250
    assert modest["peak_megabytes"] < 50


def test_a_command_that_fails_is_an_error() -> None:
    with pytest.raises(VoiceError, match="exit code 3"):
        as_process([sys.executable, "-S", "-c", "raise SystemExit(3)"], 1)


def test_a_voice_takes_its_files_and_those_of_its_vocoder() -> None:
    own = describe(find("english")).size_bytes / 1e6
    assert disk_megabytes("english") > own + 0.5


def test_the_cost_of_a_voice_is_whole() -> None:
    found = cost_of("english", ["Hello."], repeats=1)
    assert 0 < found["first_sound_seconds"] < found["cold_start_seconds"]
    assert found["peak_megabytes"] > 20
    assert all(found[key] > 0 for key in ("real_time_factor", "real_time_factor_two_threads"))
    lines = " ".join(cost_lines(found))
    assert f"{found['disk_megabytes']:.1f} MB on disk" in lines
    assert "peak memory" not in " ".join(cost_lines({**found, "peak_megabytes": None}))
    with pytest.raises(SettingsError, match="at least one"):
        cost_of("english", [])
