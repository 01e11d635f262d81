"""Opening voices: found by name or place, checked, and never trusted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intone.core.errors import SettingsError, VoiceError
from intone.core.onnx_graph import default_threads
from intone.core.types import MEL_22K, Controls
from intone.speech import Voice, packaged
from intone.speech.manifest import VocoderManifest, file_inside, read_voice
from intone.speech.onnx_engine import OnnxAcoustic

from .conftest import MakeVoice, write_acoustic, write_vocoder


def change(folder: Path, **values: Any) -> None:
    """Rewrite keys of a voice.json; None removes one."""
    path = folder / "voice.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content.update(values)
    content = {key: value for key, value in content.items() if value is not None}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_manifest_reads_back_as_written(make_voice: MakeVoice) -> None:
    folder = make_voice(speakers=("Ада", "ben"), default_speaker="Ада")
    found = read_voice(folder)
    assert found.speakers == ("Ада", "ben")
    assert found.format == MEL_22K
    found.write(folder)
    assert read_voice(folder) == found


def test_found_by_name_by_folder_and_by_run(make_voice: MakeVoice, tmp_path: Path) -> None:
    folder = make_voice("tiny")
    run = tmp_path / "runs" / "one"
    run.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    folder.rename(run / "voice")
    assert packaged.find(run) == run / "voice"
    assert packaged.find(run / "voice" / "voice.json") == run / "voice"
    make_voice("other")
    assert packaged.find("other").name == "other"


def test_an_unknown_voice_names_the_nearest(make_voice: MakeVoice) -> None:
    make_voice("tiny")
    with pytest.raises(VoiceError, match="did you mean 'tiny'"):
        Voice.load("tinny")


def test_a_folder_without_voice_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"holds no voice\.json"):
        Voice.load(tmp_path)


def test_the_language_of_a_text_chooses(make_voice: MakeVoice) -> None:
    make_voice("anna", "en-us")
    make_voice("ivan", "ru")
    assert packaged.choose("Good morning.").name == "anna"
    assert read_voice(packaged.choose("Доброе утро, Anna.")).language == "ru"
    assert packaged.choose("12", "ru").name == "ivan"
    assert read_voice(packaged.choose("12:30")).language.startswith("en")


@pytest.mark.parametrize(("text", "language"), [("Καλημέρα", None), ("Hello", "qq")])
def test_a_language_that_no_voice_speaks(
    make_voice: MakeVoice, text: str, language: str | None
) -> None:
    make_voice("anna", "en")
    with pytest.raises(VoiceError, match="no installed voice speaks"):
        packaged.choose(text, language)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "upgrade intone"),
        ({"version": "1"}, "version"),
        ({"version": None}, "version"),
        ({"speakers": []}, "speakers"),
        ({"default_speaker": "cleo"}, "cleo"),
        ({"frontend": None}, "frontend"),
        ({"frontend": {"language": "en"}}, "frontend"),
        ({"frontend": {"frontend": "letters"}}, "frontend"),
        ({"engine": "quantum"}, "quantum"),
        ({"format": {"bands": "80"}}, "format.bands"),
        ({"format": {"hop": 256}}, "hop"),
        ({"format": {"hop_samples": 0}}, "no sound"),
        ({"acoustic": {"file": 3}}, "file"),
        ({"vocoder": {}}, "either"),
        ({"vocoder": {"file": "vocoder.onnx", "context_frames": -1}}, "context_frames"),
        ({"vocoder": {"shared": "lost"}}, "lost"),
        ({"vocoder": {"shared": "../tiny"}}, "tiny"),
    ],
)
def test_a_malformed_manifest_is_one_line(
    make_voice: MakeVoice, changes: dict[str, Any], words: str
) -> None:
    folder = make_voice()
    change(folder, **changes)
    with pytest.raises((VoiceError, SettingsError), match=words) as caught:
        Voice.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"voice"', "\x00"])
def test_a_manifest_that_is_no_object(make_voice: MakeVoice, content: str) -> None:
    folder = make_voice()
    (folder / "voice.json").write_text(content, encoding="utf-8")
    with pytest.raises(VoiceError):
        Voice.load(folder)


@pytest.mark.parametrize(
    "name",
    ["../secret.onnx", "/etc/passwd", "a/../../secret.onnx", "..\\secret.onnx", "C:\\x", "x\0"],
)
def test_no_file_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.onnx").write_bytes(b"secret")
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice" / "a").mkdir()
    with pytest.raises(VoiceError, match="leads out"):
        file_inside(tmp_path / "voice", name)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets administrators alone make links")
def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.onnx").write_bytes(b"secret")
    folder = tmp_path / "voice"
    folder.mkdir()
    (folder / "acoustic.onnx").symlink_to(tmp_path / "secret.onnx")
    with pytest.raises(VoiceError, match="link"):
        file_inside(folder, "acoustic.onnx")


@pytest.mark.parametrize("file", ["acoustic.onnx", "vocoder.onnx"])
@pytest.mark.parametrize("damage", ["truncated", "noise", "empty", "missing", "text"])
def test_a_damaged_file_is_one_line_with_its_name(
    make_voice: MakeVoice, capfd: pytest.CaptureFixture[str], file: str, damage: str
) -> None:
    folder = make_voice()
    path = folder / file
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "truncated": content[: len(content) // 2],
                "noise": np.random.default_rng(1).bytes(5000),
                "empty": b"",
                "text": b"version https://example.org\n" * 3,
            }[damage]
        )
    with pytest.raises(VoiceError, match=file) as caught:
        Voice.load(folder)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_the_wrong_graph_is_told_by_its_inputs(make_voice: MakeVoice) -> None:
    folder = make_voice()
    write_vocoder(folder / "acoustic.onnx")
    with pytest.raises(VoiceError, match="must have symbols, speaker"):
        Voice.load(folder)


def test_numbers_that_are_no_sound_are_an_error(make_voice: MakeVoice) -> None:
    folder = make_voice()
    write_acoustic(folder / "acoustic.onnx", scale=float("nan"))
    with pytest.raises(VoiceError, match="no sound"):
        Voice.load(folder).speak("Hello.")


def test_bands_that_do_not_fit_the_manifest(make_voice: MakeVoice) -> None:
    folder = make_voice()
    write_acoustic(folder / "acoustic.onnx", bands=40)
    with pytest.raises(VoiceError, match="80"):
        Voice.load(folder).speak("Hello.")


def test_a_vocoder_that_fails_is_one_line(make_voice: MakeVoice) -> None:
    folder = make_voice()
    write_vocoder(folder / "vocoder.onnx", bands=40)
    with pytest.raises(VoiceError, match=r"vocoder\.onnx") as caught:
        Voice.load(folder).speak("Hello.")
    assert "\n" not in str(caught.value)


def test_a_shared_vocoder_sounds_like_ones_own(
    make_voice: MakeVoice, share_vocoder: Callable[..., Path]
) -> None:
    share_vocoder("universal", context_frames=6)
    own = Voice.load(make_voice("own"))
    sharing = make_voice("sharing", vocoder=VocoderManifest(shared="universal"))
    (sharing / "vocoder.onnx").unlink()
    shared = Voice.load(sharing)
    one, other = own.speak("Hello there."), shared.speak("Hello there.")
    assert np.array_equal(one.audio.samples, other.audio.samples)


def test_a_shared_vocoder_of_another_format_is_refused(
    make_voice: MakeVoice, share_vocoder: Callable[..., Path]
) -> None:
    share_vocoder("universal", format=replace(MEL_22K, sample_rate=24_000))
    folder = make_voice(vocoder=VocoderManifest(shared="universal"))
    with pytest.raises(VoiceError, match="sample_rate is 22050 in the acoustic model but 24000"):
        Voice.load(folder)


def test_threads_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTONE_THREADS", "3")
    assert default_threads() == 3
    monkeypatch.setenv("INTONE_THREADS", "many")
    with pytest.raises(VoiceError, match="INTONE_THREADS"):
        default_threads()
    monkeypatch.delenv("INTONE_THREADS")
    assert 1 <= default_threads() <= 4


def test_durations_sum_to_the_frames(make_voice: MakeVoice) -> None:
    engine = OnnxAcoustic(make_voice() / "acoustic.onnx", MEL_22K, threads=1)
    frames, durations = engine.frames(np.array([1, 2, 3]), 1, Controls(speed=1.5))
    assert frames.shape == (6, 80)
    assert durations.tolist() == [2, 2, 2]


def test_a_voice_without_a_trained_vocoder_speaks(make_voice: MakeVoice) -> None:
    folder = make_voice(vocoder=VocoderManifest(file="griffin-lim"))
    (folder / "vocoder.onnx").unlink()
    speech = Voice.load(folder).speak("Hello there.")
    assert len(speech.audio.samples) == 13 * 3 * 256
    assert np.isfinite(speech.audio.samples).all()
