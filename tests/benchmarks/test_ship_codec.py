"""A shipped codec is its graphs alone, codes as the trained one, and is found by its name."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from intone.audio.files import write_audio
from intone.cli.main import main
from intone.codec import folder as folders
from intone.codec.code_file import read_codes
from intone.codec.folder import CodecManifest, find_codec, read_manifest, shipped_name
from intone.codec.mel_vq import FAMILY, MelVq, MelVqSettings
from intone.codec.sounding import load_module, open_folder, open_module
from intone.core.types import Audio
from intone.export.codec import write_codec

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a codec that has heard noise of many colours."""
    torch.manual_seed(0)
    codec = MelVq(MelVqSettings(**{**FAMILY.presets["tiny"], "channels": 96}))
    for _ in range(4):
        with torch.no_grad():
            latents = codec.latents_of(torch.randn(8, 60, 80) * 2 - 5)
        codec.codebooks.learn(latents.flatten(0, 1))
    path: Path = tmp_path_factory.mktemp("runs") / "vq"
    card = {"trained_on": "prep: 7 utterances, 0.10 h of x", "figures": {"mel": 0.5}}
    write_codec(path / "codec", codec=codec, name="vq", family="mel-vq", card=card)
    return path


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CodecManifest]:
    """What puts a run's codec into a folder of the package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    found: Callable[..., CodecManifest] = importlib.import_module("ship_codec").ship
    return found


@pytest.fixture
def package(shipped: Path, tmp_path: Path) -> Path:
    """A package that has the codec already."""
    return shutil.copytree(shipped, tmp_path / "package")


@pytest.fixture(scope="module")
def shipped(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("package") / "_codec" / "mel-vq"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        importlib.import_module("ship_codec").ship(run, folder, name="mel-vq")
    return folder


def test_only_the_graphs_are_shipped_and_take_a_byte_a_weight(run: Path, shipped: Path) -> None:
    assert {path.name for path in shipped.iterdir()} == {
        "codec.json",
        "encode.onnx",
        "decode.onnx",
    }
    ours, theirs = (
        sum((place / name).stat().st_size for name in ("encode.onnx", "decode.onnx"))
        for place in (shipped, run / "codec")
    )
    assert ours < 0.75 * theirs
    card = read_manifest(shipped).card
    assert card["trained_on"].startswith("7 utterances, 0.10 h of flite")
    assert card["licence"] and card["notices"] and card["figures"] == {"mel": 0.5}


def test_rounding_changes_few_codes_and_little_of_what_they_say(run: Path, shipped: Path) -> None:
    source = np.random.default_rng(0)
    audio = Audio(source.normal(0, 0.1, 44_100).astype(np.float32), 22_050)
    ours, theirs = open_folder(shipped), open_module(run / "codec")
    codes = theirs.encode(audio)
    assert np.mean(ours.encode(audio).values != codes.values) < 0.1
    # Codes made by weights that were rounded otherwise are not told apart by their format.
    again = ours.render(type(codes)(codes.values, codes.format, codes.samples, "mel-vq"))
    assert np.abs(again - theirs.render(codes)).mean() < 0.05
    assert ours.encode(audio).fingerprint != codes.fingerprint


def retold(run: Path, folder: Path, *prefixes: str) -> Path:
    """The run's codec, with other weights where their names begin so, as a run in `folder`."""
    codec = load_module(run / "codec")
    with torch.no_grad():
        for name, value in codec.state_dict().items():
            if name.startswith(prefixes):
                value += torch.randn_like(value) * 0.2
    about = read_manifest(run / "codec")
    write_codec(folder / "codec", codec=codec, name="vq", family="mel-vq", card=about.card)
    return folder


def test_another_decoder_decodes_the_same_codes_and_another_codebook_does_not(
    run: Path, shipped: Path, package: Path, tmp_path: Path, ship: Callable[..., CodecManifest]
) -> None:
    # Somebody's voice knows the shipped codec by this.
    manifest = replace(read_manifest(shipped), fingerprint="as ever")
    manifest.write(package)
    decoder = retold(run, tmp_path / "decoder", "decoder.", "out.")
    assert read_manifest(decoder / "codec").fingerprint == read_manifest(run / "codec").fingerprint
    assert ship(decoder, package, name="mel-vq").fingerprint == "as ever"
    codes = open_folder(package).encode(Audio(np.zeros(9_000, np.float32), 22_050))
    ours = open_folder(package).render(codes)
    theirs = open_folder(shipped).render(replace(codes, fingerprint=""))
    assert np.abs(ours - theirs).max() > 0.01
    book = retold(run, tmp_path / "book", "codebooks.each.0.vectors")
    assert read_manifest(book / "codec").fingerprint != read_manifest(run / "codec").fingerprint
    assert ship(book, package, name="mel-vq").fingerprint not in ("", "as ever")


def test_one_more_codebook_leaves_the_codes_before_it_as_they_are(
    run: Path, shipped: Path, package: Path, tmp_path: Path, ship: Callable[..., CodecManifest]
) -> None:
    former = load_module(run / "codec")
    codec = MelVq(former.settings.model_copy(update={"codebooks": 2}))
    codec.load_state_dict(former.state_dict(), strict=False)
    card = read_manifest(run / "codec").card
    write_codec(tmp_path / "two" / "codec", codec=codec, name="vq", family="mel-vq", card=card)
    made = ship(tmp_path / "two", package, name="mel-vq")
    assert made.format.codebooks == 2
    assert made.fingerprint == read_manifest(shipped).fingerprint


def test_it_is_found_by_name_and_decodes_what_names_it(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTONE_VOICES", str(shipped.parents[1]))
    monkeypatch.chdir(tmp_path)
    sound = tmp_path / "a.wav"
    write_audio(sound, Audio(np.sin(np.arange(20_000) / 30).astype(np.float32) * 0.3, 22_050))
    assert main(["codec", "encode", "a.wav", "--codec", "mel-vq"]) == 0
    assert main(["codec", "decode", "a.itc", "--vocoder", "griffin-lim"]) == 0
    assert main(["codec", "info", "mel-vq"]) == 0
    assert read_codes(tmp_path / "a.itc").fingerprint == read_manifest(shipped).fingerprint
    assert find_codec("mel-vq") == shipped
    # What a user has installed is not what everybody has.
    assert shipped_name(shipped) is None
    monkeypatch.setattr(folders, "SHIPPED", shipped.parents[1])
    assert shipped_name(shipped) == "mel-vq"
