"""Emotions from texts, by a text encoder in a folder."""

import numpy as np
import pytest
import torch

from intone.core.errors import DownloadError
from intone.train.bert_frontend import BERTFrontEnd

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A tiny untrained BERT without a pooler, and its words."""
    folder = tmp_path_factory.mktemp("encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "what", "a", "sad", "happy", "day"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=24,
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


def test_a_text_feels_the_same_alone_and_in_company(encoder):
    frontend = BERTFrontEnd(encoder)
    texts = ["what a sad day", "happy", "what a happy happy happy day"]
    together = frontend(texts)
    assert together.shape == (3, 16) and together.dtype == np.float32
    for text, vector in zip(texts, together, strict=True):
        assert np.allclose(frontend([text])[0], vector, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 0.1


def test_an_encoder_that_is_not_there_is_an_error_in_one_line(tmp_path):
    with pytest.raises(DownloadError, match="give a folder") as caught:
        BERTFrontEnd(str(tmp_path / "nothing"))
    assert "\n" not in str(caught.value)
