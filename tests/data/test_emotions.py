"""The emotions of a corpus, by name."""

import numpy as np
import pytest

from intone.cli.main import main
from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.data.collate import collate
from intone.data.emotions import read_emotions, read_labels
from intone.data.prepared import PreparedCorpus


def test_labels_reach_batches_and_facts(folder, tmp_path, capsys):
    with pytest.raises(CorpusError, match="intone emotions"):
        PreparedCorpus(folder).usable(Needs(emotion=True))
    labels = tmp_path / "labels.tsv"
    labels.write_text("u000\tsad\nu001\tcalm\n\nu002\tsad\n", encoding="utf-8")
    assert main(["emotions", str(folder), str(labels)]) == 0
    assert "3 utterances, 2 emotions" in capsys.readouterr().out
    corpus = PreparedCorpus(folder)
    facts = corpus.facts()
    assert (facts.emotions, facts.emotion_size) == (("calm", "sad"), 2)
    needs = Needs(emotion=True)
    assert corpus.usable(needs) == ["u000", "u001", "u002"]
    batch = collate(corpus.load(["u000", "u001"], needs))
    assert np.array_equal(batch.emotion, [facts.emotion_vectors[1], facts.emotion_vectors[0]])
    assert collate(corpus.load(["u000"], Needs())).emotion is None


def test_a_line_without_a_tab_is_named(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("u000\tsad\nu001 sad\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        read_labels(path)


def test_damaged_emotions_are_an_error(tmp_path):
    (tmp_path / "emotions.npz").write_bytes(b"nothing of the kind")
    with pytest.raises(CorpusError, match="intone emotions"):
        read_emotions(tmp_path)
