"""The configuration files of Echolancer's own description."""

import pytest

from intone.core.errors import SettingsError
from intone.train.described_yaml import described
from intone.train.recipes import resolve

MODEL = """
model:
  vocab_size: 100
  mel_channels: 80
  emotion_channels: 256
  speaker_channels: 32
  use_alibi: True
  alibi_alpha: 1.5
  activation: "relu"
  encoder_dim: 64
  decoder_dim: 64
  num_heads: 4
"""
TRAIN = """
optimizer:
  type: "adamw"
  learning_rate: 0.0001
scheduler:
  type: cosine
training:
  batch_size: 16
  epochs: 100
  test_step: 2000
early_stopping:
  patience: 5
wandb:
  enabled: true
  project: voices
"""


@pytest.fixture
def files(tmp_path):
    """Writes the two files, with changes."""

    def write(model=MODEL, train=TRAIN):
        paths = tmp_path / "model.yaml", tmp_path / "train.yaml"
        for path, text in zip(paths, (model, train), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return write


def test_the_described_files_make_a_recipe(files):
    recipe = resolve({"family": "echolancer", "corpus": "p", **described(*files())})
    assert (recipe.model.use_alibi, recipe.model.alibi_alpha) == (True, 1.5)
    assert (recipe.model.activation, recipe.model.channels, recipe.model.heads) == ("relu", 64, 4)
    assert recipe.train.learning_rate == 1e-4
    assert (recipe.train.max_epochs, recipe.train.steps) == (100, 1_000_000)
    assert (recipe.train.test_every, recipe.train.patience) == (2000, 5)
    assert "wandb" in recipe.train.trackers
    assert recipe.data.max_utterances == 16


def test_early_stopping_can_be_off(files):
    stopping = "early_stopping: {enabled: false, patience: 5}"
    assert described(*files(train=stopping))["train"] == {"patience": 0}


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"model": "model: {use_alibbi: true}"}, "did you mean 'use_alibi'"),
        ({"model": "model: {encoder_dim: 64, decoder_dim: 32}"}, "give both the same"),
        ({"train": "optimizer: {type: sgd}"}, "adamw alone"),
        ({"train": "training: {batchsize: 4}"}, "batch_size"),
    ],
)
def test_what_cannot_be_taken_says_why(files, given, match):
    with pytest.raises(SettingsError, match=match):
        described(*files(**given))
