"""`.pt` samples: what is read, what is refused, and that none of their code runs."""

import json

import numpy as np
import pytest
import torch

from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.data.dummy_samples import create_dummy
from intone.data.prepare_samples import prepare_samples
from intone.data.prepared import PreparedCorpus
from intone.data.sample_files import Sample, read_sample, write_sample
from intone.text.characters import CharactersFrontend
from intone.text.token_ids import TokenIdsFrontend


class Touch:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


MEL = torch.full((12, 80), -5.0)


def test_a_file_that_would_run_code_is_refused_without_running_it(tmp_path):
    path, trace = tmp_path / "a.pt", tmp_path / "ran"
    torch.save({"text": "abc", "mel": MEL, "speaker": Touch(trace)}, path)
    with pytest.raises(CorpusError, match="no file of tensors"):
        read_sample(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mel": None}, "mel is a NoneType"),
        ({"mel": torch.zeros(3, 4, 5)}, r"frames \(F, bands\)"),
        ({"mel": torch.tensor([1, -2])}, "codec's codes"),
        ({"mel": MEL * float("nan")}, "not finite"),
        ({"mel": torch.zeros(1).expand(10**9)}, "size"),
        ({"text": torch.tensor([0.5])}, "token ids"),
        ({"text": b"abc"}, "text is a bytes"),
        ({"speaker": 1.5}, "speaker must be"),
        ({"emotion": torch.zeros(2, 2)}, "emotion must be"),
        ({"gate": 1}, "unknown key 'gate'"),
    ],
)
def test_what_is_wrong_with_a_sample_is_said_in_a_line(tmp_path, changed, said):
    torch.save({"text": "abc", "mel": MEL, "speaker": 0} | changed, tmp_path / "a.pt")
    with pytest.raises(CorpusError, match=said) as caught:
        read_sample(tmp_path / "a.pt")
    assert "\n" not in str(caught.value)


def test_the_samples_of_echolancers_description_are_read(tmp_path):
    described = {
        "text": torch.randint(0, 100, (20,)),
        "mel": torch.randint(0, 1010, (100,)),
        "speaker": torch.tensor(3),
        "emotion": torch.randn(768),
    }
    torch.save(described, tmp_path / "sample_00001.pt")
    found = read_sample(tmp_path / "sample_00001.pt")
    assert found.is_codes and found.speaker == "3"
    assert np.array_equal(found.text, described["text"].numpy())
    assert np.array_equal(found.mel, described["mel"][:, None].numpy())
    assert np.allclose(found.emotion, described["emotion"].numpy())


def test_a_folder_is_prepared_and_broken_samples_are_set_aside(tmp_path):
    folder, out = tmp_path / "pt", tmp_path / "out"
    create_dummy(folder, 5)
    (folder / "broken.pt").write_bytes(b"PK\x03\x04 no more")
    torch.save({"text": torch.tensor([1]), "mel": MEL[:, :40], "speaker": 0}, folder / "low.pt")
    torch.save({"text": torch.tensor([1]), "mel": torch.tensor([4]), "speaker": 0}, folder / "c.pt")
    report = prepare_samples(folder, out, TokenIdsFrontend("en", 30))
    assert report.utterances == report.computed == 5
    told = [json.loads(x) for x in (out / "set_aside.jsonl").read_text().splitlines()]
    reasons = {one["id"]: one["reason"] for one in told}
    assert set(reasons) == {"broken", "low", "c"}
    assert "40 bands" in reasons["low"] and "--codec" in reasons["c"]
    corpus = PreparedCorpus(out)
    (example,) = corpus.load(["sample_00002"], Needs(emotion=True, energy=True))
    given = read_sample(folder / "sample_00002.pt")
    assert np.array_equal(example.mel, given.mel)
    assert (example.symbols - 1).tolist() == given.text.tolist()
    assert np.array_equal(example.emotion, given.emotion)
    assert np.isfinite(example.energy).all()
    # Nothing is done twice, and a change is seen.
    write_sample(folder / "sample_00000.pt", given)
    again = prepare_samples(folder, out, TokenIdsFrontend("en", 30))
    assert (again.computed, again.kept) == (1, 4)
    first, other = PreparedCorpus(out).load(["sample_00000", "sample_00002"], Needs())
    assert np.array_equal(first.mel, other.mel)


@pytest.mark.parametrize("needs", [Needs(samples=True), Needs(pitch=True)])
def test_a_model_that_learns_from_sound_is_refused(tmp_path, needs):
    create_dummy(tmp_path / "pt", 2)
    prepare_samples(tmp_path / "pt", tmp_path / "out", TokenIdsFrontend("en", 30))
    corpus = PreparedCorpus(tmp_path / "out")
    for ask in (lambda: corpus.usable(needs), lambda: corpus.load(list(corpus.entries), needs)):
        with pytest.raises(CorpusError, match="without sound"):
            ask()


def test_emotions_of_samples_may_have_names(tmp_path):
    folder = tmp_path / "pt"
    for number, name in enumerate(["sad", "calm"]):
        write_sample(folder / f"{number}.pt", Sample("abc", MEL.numpy(), "anna", name))
    prepare_samples(folder, tmp_path / "out", CharactersFrontend("en", "abc"))
    assert PreparedCorpus(tmp_path / "out").facts().emotions == ("calm", "sad")
