"""A recipe resolves in one order, and a wrong key says which one was meant."""

import pytest
import yaml

from intone.core.errors import SettingsError
from intone.train.recipes import read_recipe, resolve

GIVEN = {"room": "acoustic", "family": "fastspeech2", "corpus": "prepared/anna"}


def test_defaults_lie_under_the_preset_the_recipe_and_the_command_line():
    plain = resolve(GIVEN)
    assert (plain.preset, plain.model.channels, plain.train.clip_norm) == ("laptop", 192, 1.0)
    tiny = resolve(GIVEN | {"preset": "tiny"})
    assert (tiny.model.channels, tiny.train.steps) == (32, 60)
    recipe = GIVEN | {"preset": "tiny", "model": {"channels": 48}, "train": {"steps": 70}}
    assert (resolve(recipe).model.channels, resolve(recipe).train.steps) == (48, 70)
    last = resolve(recipe, ["train.steps=80", "data.max_frames=900", "train.freeze=[encoder.*]"])
    assert (last.model.channels, last.train.steps, last.data.max_frames) == (48, 80, 900)
    assert last.train.freeze == ["encoder.*"]
    assert last.train.save_every == 30  # still the preset's


def test_the_config_of_a_run_is_a_recipe_of_the_same_run():
    for given in (GIVEN, {"room": "vocoder", "family": "vocos", "corpus": "c", "preset": "tiny"}):
        once = resolve(given, ["train.steps=123"])
        again = resolve(yaml.safe_load(yaml.safe_dump(once.config())))
        assert again.config() == once.config()


@pytest.mark.parametrize(
    ("changed", "overrides", "message"),
    [
        ({}, ["train.lerning_rate=1"], "train: .* 'lerning_rate'; did you mean 'learning_rate'"),
        ({}, ["model.chanels=1"], "model: .* 'chanels'; did you mean 'channels'"),
        ({}, ["data.max_frame=1"], "data: .* 'max_frame'; did you mean 'max_frames'"),
        ({}, ["train.steps=0"], "train: steps is 0: .*greater than 0"),
        ({}, ["learning_rate=1"], "no section 'learning_rate' .*begin with one of: .*train"),
        ({}, ["train.steps"], "is not a setting; write it as key=value"),
        ({"family": "fastspech2"}, [], "did you mean 'fastspeech2'"),
        ({"room": "kitchen"}, [], "room is 'kitchen'; it may be: acoustic, vocoder, codec"),
        ({"preset": "huge"}, [], "no preset 'huge'; there are: tiny, laptop, full"),
        ({"corpus": None}, [], "no corpus is given; give --corpus"),
        ({"corpus": None, "family": "fastspech2"}, [], "did you mean 'fastspeech2'"),
        ({"losses": {"mel": 1}}, [], "losses belongs to vocoders and codecs"),
    ],
)
def test_what_is_wrong_is_named(changed, overrides, message):
    with pytest.raises(SettingsError, match=message):
        resolve(GIVEN | changed, overrides)


def test_a_recipe_with_an_unknown_section_is_an_error(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("family: fastspeech2\nmodl: {}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine.yaml: there is no section 'modl'"):
        read_recipe(path)


def test_a_preset_of_a_familys_own_is_trained_as_full():
    given = {"room": "vocoder", "family": "hifigan", "corpus": "prepared"}
    own, full = (resolve(given | {"preset": preset}) for preset in ("v2", "full"))
    assert own.model.channels == 128 != full.model.channels
    assert (own.train, own.data, own.losses) == (full.train, full.data, full.losses)
