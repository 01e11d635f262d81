"""Judges by name: each hears 16 kHz, and what is not there is one clear line."""

from __future__ import annotations

import sys
import types
import urllib.error
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from intone.core.errors import AudioError, DownloadError, MissingExtra, SettingsError
from intone.core.types import Audio
from intone.evaluate.opinions import opinion_judge
from intone.evaluate.speakers import likeness, speaker_judge


class Loudness(nn.Module):
    """An opinion that likes what is loud, and says nothing of other lengths than a second."""

    def forward(self, samples: Tensor) -> Tensor:
        assert samples.shape == (1, 16_000)
        return 1 + 4 * samples.abs().mean(1)


class Frames(nn.Module):
    """A module that gives many numbers."""

    def forward(self, samples: Tensor) -> Tensor:
        return samples


def saved(module: nn.Module, path: Path) -> str:
    """`utmos:` of the scripted module, saved to `path`."""
    torch.jit.save(torch.jit.script(module), str(path))
    return f"utmos:{path}"


def second(level: float) -> Audio:
    """A second of a constant at 22050 Hz."""
    return Audio(np.full(22_050, level, np.float32), 22_050)


def test_a_scripted_judge_hears_16_khz_and_gives_its_opinion(tmp_path: Path) -> None:
    judge = opinion_judge(saved(Loudness(), tmp_path / "judge.pt"))
    assert judge(second(0.5)) == pytest.approx(3, abs=0.05)
    assert judge(second(0.25)) == pytest.approx(2, abs=0.05)


HUBCONF = """
import torch

class Judge(torch.nn.Module):
    def forward(self, wave, sr):
        assert sr == 16_000 and wave.shape == (1, sr)
        return 1 + 4 * wave.abs().mean(1)

def utmos22_strong(**options):
    {first}
    return Judge()
"""


def fetched(folder: Path, first: str = "pass") -> None:
    """What `torch.hub` leaves of the published UTMOS in its folder, once it was fetched."""
    release = folder / "hub" / "tarepan_SpeechMOS_v1.2.0"
    release.mkdir(parents=True)
    (release / "hubconf.py").write_text(HUBCONF.format(first=first), encoding="utf-8")


def test_the_published_judge_is_taken_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    fetched(tmp_path)
    judge = opinion_judge("utmos")
    assert judge(second(0.5)) == pytest.approx(3, abs=0.05)


def test_a_published_judge_that_cannot_be_had_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("urlopen", "download_url_to_file"):
        monkeypatch.setattr(torch.hub, name, unreachable)
    with pytest.raises(DownloadError, match="no network.*utmos:FILE") as error:
        opinion_judge("utmos")
    assert "\n" not in str(error.value)
    fetched(tmp_path, "raise ImportError('No module named torchaudio')")
    with pytest.raises(DownloadError, match="torchaudio"):
        opinion_judge("utmos")


def test_a_judge_of_many_numbers_is_refused(tmp_path: Path) -> None:
    judge = opinion_judge(saved(Frames(), tmp_path / "judge.pt"))
    with pytest.raises(SettingsError, match="16000 numbers"):
        judge(second(0.5))


def test_judges_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.pt").write_text("not a module", encoding="utf-8")
    for name, text in (("none.pt", "is not there"), ("text.pt", "is no TorchScript module")):
        with pytest.raises(DownloadError, match=text) as error:
            opinion_judge(f"utmos:{tmp_path / name}")
        assert "\n" not in str(error.value)
    with pytest.raises(SettingsError, match="utmos:FILE"):
        opinion_judge("utmos:")
    with pytest.raises(SettingsError, match="ecapa:MODEL"):
        speaker_judge("ecapa")


def test_without_speechbrain_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "speechbrain", None)
    with pytest.raises(MissingExtra, match=r"intone\[ecapa\]"):
        speaker_judge("ecapa:any")


class Encoder:
    """Speechbrain's interface: sounds (B, T) to vectors (B, 1, D), here mean and deviation."""

    @classmethod
    def from_hparams(cls, source: str, savedir: str) -> Encoder:
        if source == "nowhere":
            raise ValueError("no such thing\nand more")
        return cls()

    def encode_batch(self, sounds: Tensor) -> Tensor:
        assert sounds.shape == (1, 16_000)
        return torch.stack([sounds.mean(1), sounds.std(1)], -1)[:, None]


def test_ecapa_gives_unit_vectors_and_its_errors_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("speechbrain.inference.speaker")
    module.EncoderClassifier = Encoder  # type: ignore[attr-defined]
    for name in ("speechbrain", "speechbrain.inference"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "speechbrain.inference.speaker", module)
    judge = speaker_judge("ecapa:somebody/something")
    assert np.linalg.norm(judge(second(0.5))) == pytest.approx(1)
    assert likeness([second(0.5)], [second(0.2)], judge) == pytest.approx(1, abs=0.01)
    assert likeness([second(0.5)], [second(-0.5)], judge) < -0.9
    with pytest.raises(DownloadError, match="no such thing") as error:
        speaker_judge("ecapa:nowhere")
    assert "\n" not in str(error.value)


def test_a_likeness_of_nothing_is_an_error() -> None:
    with pytest.raises(AudioError, match="at least one"):
        likeness([], [second(0.5)])
