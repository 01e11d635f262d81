"""A whole run from a recipe: corpus, model, batches, loop, and what is made of the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from intone.codec.sounding import open_folder
from intone.core.errors import TrainingError
from intone.core.protocols import CorpusFacts, Judge, Needs
from intone.core.types import Audio, FrameFormat
from intone.data.prepared import PreparedCorpus
from intone.train.background_speech import BackgroundSpeech
from intone.train.checkpoint import voice_weights
from intone.train.coding import code_corpus, codec_manifest, codec_of, keep_codec, with_codebooks
from intone.train.devices import device_of
from intone.train.hearing import Hear
from intone.train.loop import TrainResult, train
from intone.train.material import Material, segments_of, sounds_of, utterances_of
from intone.train.overfit import OverfitResult, handful, overfit
from intone.train.predicted import FOLDER as PREDICTED
from intone.train.predicted import (
    predict,
    predicted_in,
    require_acoustic_run,
    require_same_symbols,
)
from intone.train.rebuilding import RebuiltFrames, RebuiltSounds
from intone.train.recipes import Recipe, learning_of
from intone.train.run_folder import RunFolder
from intone.train.speaking import RenderedFrames, SpokenCodes, SpokenTexts
from intone.train.starting import start_from, weights_in

if TYPE_CHECKING:
    from intone.core.types import FloatArray

Finish = Callable[[nn.Module, RunFolder], None]
"""Makes something of the trained model, such as the voice in `run.voice`."""


def train_from_settings(
    recipe: Recipe,
    run: RunFolder,
    *,
    resume: str | Path | None = None,
    start: Path | None = None,
    predicted_by: Path | None = None,
    judge: Judge | None = None,
    test: BackgroundSpeech | None = None,
    finish: Finish | None = None,
) -> TrainResult:
    """Train what `recipe` describes in the folder of `run`, then `finish` it.

    `start` names weights to begin with (fine-tuning). `predicted_by` names an acoustic model's
    run, whose mels a vocoder then learns from beside the recordings' own; they are kept in the
    run's folder, and a resumed run finds them there. `judge` hears the held-out
    sentences that the model speaks now and then, and `test` lets it speak novel ones while it
    learns. `finish` gets the acoustic model, or the
    vocoder or codec without its critics, with the weights that `train.voice_from` chose.
    Raises what `train`, the corpus and the settings raise.
    """
    if predicted_by is not None:
        _predict(recipe, predicted_by, run)
    # What an earlier attempt left in the folder is not asked for by a new one.
    told = predicted_by is not None or resume is not None
    recipe = with_codebooks(recipe, None if resume is None else run)
    model, material = _build(recipe, run if told else None)
    if recipe.data.codec is not None:
        begun = resume is not None and run.find("last") is not None
        keep_codec(run.path, recipe.data.codec, going_on=begun)
    if start is not None:
        start_from(model, weights_in(start))
    result = train(
        model,
        settings=recipe.train,
        batches=material.batches,
        validation=material.validation,
        run=run,
        resume=resume,
        judge=judge,
        hear=_hear(recipe, material),
        test=test,
        config=recipe.config(),
    )
    chosen = run.find(recipe.train.voice_from)
    if finish is not None and chosen is not None and _is_first_process():
        model.cpu().load_state_dict(voice_weights(chosen))
        finish(_spoken_part(recipe, model).eval(), run)
    return result


def trained_model(recipe: Recipe, weights: Path) -> nn.Module:
    """The model of `recipe` with the weights of a checkpoint's folder, ready to speak.

    A vocoder or codec comes without its critics. Raises what the corpus and the settings raise,
    `TrainingError` if the weights cannot be read.
    """
    facts = PreparedCorpus(recipe.corpus).facts()
    if (codec := codec_of(recipe)) is not None:
        format = codec_manifest(codec)[1].format
        facts = replace(
            facts, format=replace(format, codebooks=recipe.data.codebooks or format.codebooks)
        )
    model = _untrained(recipe, facts)
    try:
        model.load_state_dict(voice_weights(weights))
    except RuntimeError:
        raise TrainingError(
            f"the weights in {weights} do not fit {recipe.corpus}; its symbols or speakers, or "
            "the codebooks of its codec (data.codebooks), are not those of the training"
        ) from None
    return _spoken_part(recipe, model).eval()


def check_by_heart(recipe: Recipe, utterances: int) -> OverfitResult:
    """Whether a new model of `recipe` can learn the corpus' first `utterances` by heart."""
    model, material = _build(recipe)
    batch = next(iter(material.batches.epoch(recipe.train.seed, 0, 0)))
    return overfit(model, handful(batch, utterances), settings=recipe.train)


def _predict(recipe: Recipe, predicted_by: Path, run: RunFolder) -> None:
    """Leave the mels that the run `predicted_by` predicts of the recipe's corpus in `run`."""
    if recipe.room != "vocoder":
        raise TrainingError("predicted mels are for vocoders; train one, or leave them out")
    acoustic = require_acoustic_run(predicted_by)
    corpus = PreparedCorpus(recipe.corpus)
    require_same_symbols(acoustic, corpus)
    model = trained_model(replace(acoustic.recipe, corpus=recipe.corpus), acoustic.weights)
    model.format.require(  # type: ignore[operator,union-attr]
        corpus.format, ours=f"the model of {predicted_by}", theirs=f"{corpus.folder}"
    )
    predict(model, acoustic, corpus, run.path / PREDICTED)


def _build(recipe: Recipe, run: RunFolder | None = None) -> tuple[nn.Module, Material]:
    """The untrained model and its data; the `run` may hold predicted mels."""
    codec = codec_of(recipe)
    corpus = PreparedCorpus(recipe.corpus)
    if codec is not None:
        coded = code_corpus(corpus, codec, device_of(recipe.train))
        corpus.speak_codes(coded.first(recipe.data.codebooks))
    model = _untrained(recipe, corpus.facts())
    learns_as = learning_of(recipe.room, recipe.family)
    if learns_as == "vocoder":
        predicted = predicted_in(run.path / PREDICTED) if run is not None else None
        return model, segments_of(corpus, recipe.data, recipe.train.seed, predicted)
    if learns_as == "codec":
        format: FrameFormat = model.generator.format  # type: ignore[assignment,union-attr]
        return model, sounds_of(corpus, format, recipe.data, recipe.train.seed)
    needs: Needs = model.needs  # type: ignore[assignment]
    material = utterances_of(corpus, needs, recipe.data, recipe.train.seed)
    voices = [] if corpus.coded is None else corpus.coded.voices_of(corpus)
    return model, replace(material, voices=voices)


def _untrained(recipe: Recipe, facts: CorpusFacts) -> nn.Module:
    """The model, whose weights follow from the seed; a vocoder or codec with its critics."""
    torch.manual_seed(recipe.train.seed)
    model: nn.Module = recipe.family.model(recipe.model, facts)
    if recipe.room == "vocoder":
        from intone.vocoder.training import AdversarialSettings, VocoderTask

        assert isinstance(recipe.losses, AdversarialSettings)
        return VocoderTask(model, facts.format, recipe.losses)
    if learning_of(recipe.room, recipe.family) == "codec":
        from intone.train.codec_task import CodecLossSettings, CodecTask

        assert isinstance(recipe.losses, CodecLossSettings)
        return CodecTask(model, recipe.losses)
    return model


def _hear(recipe: Recipe, material: Material) -> Hear | None:
    if material.few is None:
        return None
    if recipe.room == "vocoder":
        return RenderedFrames(material.few, material.texts)
    if learning_of(recipe.room, recipe.family) == "codec":
        return RebuiltSounds(material.few, material.texts)
    if recipe.room == "codec":
        return RebuiltFrames(material.few, material.texts, _griffin_lim)
    if recipe.data.codec is not None:
        codec = open_folder(codec_manifest(recipe.data.codec)[0])
        return SpokenCodes(material.few, material.texts, codec, _griffin_lim, material.voices)
    return SpokenTexts(material.few, material.texts, _griffin_lim)


def _griffin_lim(frames: FloatArray, format: FrameFormat) -> Audio:
    from intone.vocoder.griffin_lim import griffin_lim

    return Audio(griffin_lim(frames, format), format.sample_rate)


def _spoken_part(recipe: Recipe, model: nn.Module) -> nn.Module:
    part = model.generator if recipe.losses is not None else model
    assert isinstance(part, nn.Module)
    return part


def _is_first_process() -> bool:
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0
