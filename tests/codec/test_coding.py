"""The codes of a corpus, computed once by a codec and kept beside it."""

from dataclasses import replace

import numpy as np
import pytest

from intone.codec.folder import CODEC_FILE
from intone.codec.sounding import open_module
from intone.core.errors import FormatError, SettingsError, TrainingError
from intone.core.files import read_json, write_json
from intone.core.protocols import Needs
from intone.core.types import Audio
from intone.data.prepared import PreparedCorpus
from intone.export.codec import write_codec
from intone.train import coding
from intone.train.coding import code_corpus, codec_of, keep_codec
from intone.train.recipes import resolve


@pytest.fixture(scope="module")
def codecs(build, tmp_path_factory):
    """Folders of two untrained codecs."""
    folder = tmp_path_factory.mktemp("codecs")
    for name in ("mel-vq", "small-codec"):
        write_codec(folder / name, codec=build(name), name=name, family=name, card={})
    return folder


@pytest.fixture(scope="module")
def voiced(build, tmp_path_factory):
    """The folder of an untrained codec that keeps whose voice it is beside the codes."""
    folder = tmp_path_factory.mktemp("voiced") / "codec"
    codec = build("mel-vq", voice=5, voice_channels=16)
    write_codec(folder, codec=codec, name="voiced", family="mel-vq", card={})
    return folder


@pytest.mark.parametrize(("name", "rate"), [("mel-vq", 0.5), ("small-codec", 75 * 256 / 22_050)])
def test_every_utterance_has_the_codes_of_its_sound(corpus, codecs, name, rate):
    prepared = PreparedCorpus(corpus)
    coded = code_corpus(prepared, str(codecs / name))
    assert set(coded.values) == set(prepared.entries)
    for key, entry in prepared.entries.items():
        assert len(coded.values[key]) == int(np.ceil(entry.frames * rate))
    (example,) = prepared.load(["u3"], Needs(samples=True))
    codec = open_module(codecs / name)
    assert np.array_equal(coded.values["u3"], codec.encode(Audio(example.samples, 22_050)).values)


def test_whose_voice_each_utterance_is_is_kept_beside_its_codes(corpus, codecs, voiced):
    prepared = PreparedCorpus(corpus)
    coded = code_corpus(prepared, str(voiced))
    codec = open_module(voiced)
    size = codec.encode(Audio(np.zeros(2_205, np.float32), 22_050)).voice.size
    assert size == 25 and {len(voice) for voice in coded.voices.values()} == {size}
    (example,) = prepared.load(["u3"], Needs(samples=True))
    heard = codec.encode(Audio(example.samples, 22_050)).voice
    assert np.allclose(coded.voices["u3"], heard, atol=1e-6)
    voices = coded.voices_of(prepared)
    own = [coded.voices[f"u{n}"] for n in range(0, 10, 2)]  # of the first speaker
    assert len(voices) == 2 and np.allclose(voices[0], np.mean(own, axis=0), atol=1e-4)
    assert coded.first(1).voices == coded.voices
    # Of whom nothing is told is nobody, and takes nobody else's voice away.
    of_the_first = {key: coded.voices[key] for key in ("u0", "u2")}
    assert replace(coded, voices=of_the_first).voices_of(prepared)[1] == [0.0] * size
    assert code_corpus(prepared, str(codecs / "mel-vq")).voices_of(prepared) == []


def test_work_that_was_cut_off_goes_on(corpus, codecs, monkeypatch):
    from shutil import rmtree

    prepared = PreparedCorpus(corpus)
    whole = code_corpus(prepared, str(codecs / "mel-vq"))
    folder = coding.codes_folder(corpus, whole.fingerprint, whole.format.codebooks)
    rmtree(folder)
    monkeypatch.setattr(coding, "UTTERANCES_IN_PART", 3)
    kept = coding.write_part
    parts = []

    def killed_after_two(*given):
        parts.append(given)
        if len(parts) == 3:
            raise KeyboardInterrupt
        return kept(*given)

    monkeypatch.setattr(coding, "write_part", killed_after_two)
    with pytest.raises(KeyboardInterrupt):
        code_corpus(prepared, str(codecs / "mel-vq"))
    assert len(list(folder.glob("*.parquet"))) == 2
    monkeypatch.setattr(coding, "write_part", kept)
    again = code_corpus(prepared, str(codecs / "mel-vq"))
    # Two files of three were there already; the other four utterances are new.
    assert len(list(folder.glob("*.parquet"))) == 4
    assert all(np.array_equal(again.values[key], whole.values[key]) for key in whole.values)


def test_a_codec_of_other_frames_is_refused(corpus, codecs, tmp_path):
    from shutil import copytree

    other = tmp_path / "other"
    copytree(codecs / "mel-vq", other)
    about = read_json(other / CODEC_FILE)
    about["features"]["high_hz"] = 11_025.0
    about["sound"]["high_hz"] = 11_025.0
    write_json(other / CODEC_FILE, about)
    with pytest.raises(FormatError, match="high_hz"):
        code_corpus(PreparedCorpus(corpus), str(other))


def test_a_codec_is_asked_for_where_codes_are_spoken_and_only_there(corpus, codecs):
    given = {"corpus": str(corpus), "preset": "tiny"}
    with pytest.raises(SettingsError, match="speaks no codes"):
        codec_of(resolve({**given, "family": "fastspeech2"}, [f"data.codec={codecs / 'mel-vq'}"]))
    recipe = resolve({**given, "family": "fastspeech2"})
    assert codec_of(recipe) is None
    speaks_codes = replace(
        recipe.family, model=lambda *_: type("M", (), {"needs": Needs(codes=True)})
    )
    with pytest.raises(SettingsError, match="train codec --family mel-vq"):
        codec_of(replace(recipe, family=speaks_codes))
    several = f"data.codec={codecs / 'small-codec'}"
    for more in ([], ["data.codebooks=1"]):
        recipe = resolve({**given, "family": "echolancer"}, [several, *more])
        assert codec_of(recipe) == str(codecs / "small-codec")


def test_a_run_does_not_go_on_with_another_codec(codecs, tmp_path):
    keep_codec(tmp_path, str(codecs / "mel-vq"), going_on=False)
    keep_codec(tmp_path, str(codecs / "mel-vq"), going_on=True)
    with pytest.raises(TrainingError, match="trained again"):
        keep_codec(tmp_path, str(codecs / "small-codec"), going_on=True)
