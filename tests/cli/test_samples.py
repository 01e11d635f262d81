"""`.pt` samples from the command line: made up, learned from, written with codes, read again."""

import numpy as np
import pytest

from intone.cli.main import main
from intone.cli.samples import holds_samples
from intone.codec.folder import find_codec, read_manifest
from intone.core.protocols import Needs
from intone.data.codes import read_codes
from intone.data.durations import Aligned, write_durations
from intone.data.prepared import PreparedCorpus
from intone.data.sample_files import read_sample
from intone.speech.voice import Voice

FEW = [
    "train.steps=2", "train.save_every=2", "train.validate_every=2", "train.log_every=2",
    "train.device=cpu", "train.threads=1", "train.trackers=[csv]", "data.max_frames=400",
    "data.held_out=1", "data.spoken=1", "train.schedule=constant", "train.samples_every=2",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with dummy samples in `pt`, prepared in `prepared`, a codec's run in `runs/vq`."""
    folder = tmp_path_factory.mktemp("samples")
    corpus = folder / "prepared"
    assert main(["prepare", str(folder / "pt"), "-o", str(corpus), "--create-dummy", "6"]) == 0
    even = []
    for entry in PreparedCorpus(corpus).entries.values():
        ends = np.linspace(0, entry.frames, entry.symbols + 1).astype(np.int64)
        even.append(Aligned(entry.id, np.diff(ends), 0.0, entry.fingerprint))
    write_durations(corpus, even)
    where = ["--corpus", str(corpus), "--preset", "tiny", "-o", str(folder / "runs")]
    assert main(["train", "codec", "--family", "mel-vq", "--run", "vq", *where, *FEW]) == 0
    return folder


@pytest.mark.timeout(600)  # a process of the lowest priority speaks meanwhile, and is waited for
def test_mel_vq_and_echolancer_learn_from_mels_alone(made):
    where = ["--corpus", str(made / "prepared"), "--preset", "tiny", "-o", str(made / "runs")]
    given = [f"data.codec={made / 'runs' / 'vq'}", "model.emotion=true"]
    named = ["train", "echolancer", "--run", "voice", "--vocoder", "griffin-lim"]
    tested = ["train.test_every=2", "train.test_sentences=[5 12 3]"]
    assert main([*named, *where, *FEW, *given, *tested]) == 0
    spoken = (made / "runs" / "voice" / "test_speech" / "step=2").iterdir()
    assert sorted(path.name for path in spoken) == ["0-1.wav", "1-1.wav"]
    voice = Voice.load(made / "runs" / "voice")
    assert voice.speakers == ("0", "1")
    assert np.abs(voice.speak("5 12 3").audio.samples).max() > 0


def test_a_family_that_learns_from_sound_says_so_in_a_line(made, capsys):
    where = ["--corpus", str(made / "prepared"), "--preset", "tiny", "-o", str(made / "runs")]
    assert main(["train", "fastspeech2", "--run", "no", *where, *FEW]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "without sound" in line and "echolancer" in line


@pytest.mark.parametrize("name", ["its own", "mel-vq"])
def test_codes_are_written_and_read_again(made, tmp_path, name):
    chosen = str(made / "runs" / "vq") if name == "its own" else name
    codec = ["--codec", chosen]
    corpus, samples, again = made / "prepared", tmp_path / "codes", tmp_path / "again"
    assert main(["corpus", "samples", str(corpus), str(samples), "--ids", *codec]) == 0
    about = read_manifest(find_codec(chosen))
    one = read_sample(samples / "sample_00003.pt")
    assert one.is_codes and one.text.ndim == 1
    assert main(["prepare", str(samples), "-o", str(again), *codec]) == 0
    found = PreparedCorpus(again)
    kept = read_codes(found, about.format, about.fingerprint)
    assert kept.values.keys() == found.entries.keys()
    assert one.mel.shape[1] == about.format.codebooks
    assert np.array_equal(kept.values["sample_00003"], one.mel)
    assert (one.voice is None) == (about.voice == 0)
    if one.voice is not None:
        assert np.allclose(kept.voices["sample_00003"], one.voice)
    (example,) = found.load(["sample_00003"], Needs(emotion=True))
    assert len(example.mel) == about.stride * len(one.mel)
    assert np.array_equal(example.emotion, read_sample(made / "pt" / "sample_00003.pt").emotion)


def test_a_model_beside_recordings_is_no_sample(tmp_path):
    (tmp_path / "metadata.csv").write_text("a|one\n", encoding="utf-8")
    (tmp_path / "model.pt").write_bytes(b"")
    assert not holds_samples(tmp_path)
    (tmp_path / "metadata.csv").unlink()
    assert holds_samples(tmp_path)


@pytest.mark.parametrize("option", ["--codec", "--set-aside"])
def test_an_option_that_means_nothing_here_is_refused(made, tmp_path, capsys, option):
    corpus = tmp_path if option == "--codec" else made / "pt"
    assert main(["prepare", str(corpus), "-o", str(tmp_path / "out"), option, "x"]) == 2
    assert option in capsys.readouterr().err


def test_samples_are_not_written_over_others(made, capsys):
    assert main(["corpus", "samples", str(made / "prepared"), str(made / "pt")]) == 1
    assert "holds samples already" in capsys.readouterr().err
