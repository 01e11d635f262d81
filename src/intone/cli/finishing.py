"""What `intone train` makes of a trained model: a voice, a vocoder that voices share, a codec."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import VoiceError

if TYPE_CHECKING:
    from torch import nn

    from intone.core.types import FrameFormat
    from intone.data.prepared import PreparedCorpus
    from intone.speech.manifest import VocoderManifest
    from intone.train.recipes import Recipe
    from intone.train.run_folder import RunFolder
    from intone.train.runs import Finish

log = logging.getLogger("intone.train")


def finish_of(recipe: Recipe, *, vocoder: str | None, command: str) -> Finish:
    """Writes the trained model to the run's `voice/`, its card saying how it was made.

    A codec goes to `codec/`.

    `vocoder` is what the voice sounds through: griffin-lim, an installed shared one's name,
    the folder of a vocoder's run, or None for the best there is. A name that does not exist
    raises `VoiceError` at once, not after hours of training.
    """
    if vocoder is not None and recipe.room == "acoustic":
        choose_vocoder(vocoder)

    def finish(model: nn.Module, run: RunFolder) -> None:
        from intone.data.prepared import PreparedCorpus
        from intone.export.voice import write_vocoder

        corpus = PreparedCorpus(recipe.corpus)
        trained_on = f"{recipe.corpus.name}: {corpus.about['utterances']} utterances, "
        trained_on += f"{corpus.about['hours']:.2f} h of {', '.join(corpus.speakers)}"
        card: dict[str, Any] = {
            "model": recipe.family.name,
            "preset": recipe.preset,
            "trained_on": trained_on,
            "command": command,
            "figures": _figures(run),
        }
        if recipe.room == "codec":
            _write_codec(recipe, model, run, card, corpus)
            return
        if recipe.room == "vocoder":
            card["parameters"] = sum(p.numel() for p in model.parameters())
            write_vocoder(run.voice, vocoder=model, format=corpus.format, card=card)
        else:
            _write_voice(recipe, model, run, vocoder, card, corpus)
        log.info("the %s is in %s", "vocoder" if recipe.room == "vocoder" else "voice", run.voice)

    return finish


def choose_vocoder(
    name: str, format: FrameFormat | None = None
) -> tuple[VocoderManifest, Path | None]:
    """A voice's vocoder by name, and the graph file to copy into the voice if it is not shared.

    A name is griffin-lim, a vocoder's run or folder, an installed one's, or what
    `intone.vocoder.published` knows: a folder, a file or a name on the hub. Raises `VoiceError`
    if there is none, `FormatError` if it renders other frames than `format`.
    """
    from intone.speech.manifest import (
        GRIFFIN_LIM,
        VOCODER_FILE,
        VocoderManifest,
        file_inside,
        read_shared_vocoder,
    )
    from intone.speech.packaged import find_shared_vocoder

    if name == GRIFFIN_LIM:
        return VocoderManifest(file=GRIFFIN_LIM), None
    folders = [Path(name), Path(name) / "voice"]
    if not any((folder / VOCODER_FILE).is_file() for folder in folders) and _elsewhere(name):
        from intone.export.published import converted

        folders = [converted(name, format)]
    for folder in folders:
        if (folder / VOCODER_FILE).is_file():
            own = read_shared_vocoder(folder)
            if format is not None:
                own.format.require(format, ours=f"the vocoder {name}", theirs="the model")
            graph = file_inside(folder, own.file)
            return VocoderManifest(
                file=graph.name, context_frames=own.context_frames, pitch_reach=own.pitch_reach
            ), graph
    shared = read_shared_vocoder(find_shared_vocoder(name))
    if format is not None:
        shared.format.require(format, ours=f"the vocoder {name}", theirs="the model")
    return VocoderManifest(shared=name), None


def _elsewhere(name: str) -> bool:
    """Whether `name` is somebody else's vocoder; an installed one's has no slash and no folder."""
    if "/" not in name and not Path(name).exists():
        return False
    from intone.vocoder.published import is_published

    return is_published(name)


def installed_vocoder(format: FrameFormat) -> str:
    """The first shared vocoder that renders `format`; griffin-lim if there is none."""
    from intone.core.installed import VOCODERS, roots
    from intone.speech.manifest import GRIFFIN_LIM, VOCODER_FILE, read_shared_vocoder

    for root in roots():
        for file in sorted((root / VOCODERS).glob(f"*/{VOCODER_FILE}")):
            if read_shared_vocoder(file.parent).format == format:
                return file.parent.name
    log.warning("no neural vocoder is installed; the voice speaks through Griffin-Lim")
    return GRIFFIN_LIM


def _write_voice(
    recipe: Recipe,
    model: Any,
    run: RunFolder,
    vocoder: str | None,
    card: dict[str, Any],
    corpus: PreparedCorpus,
) -> None:
    from intone.export.voice import write_voice

    if not (hasattr(model, "speak") or hasattr(model, "graphs")):
        raise VoiceError(
            f"{recipe.family.name} cannot be written as a voice without torch yet; "
            f"its weights are in {run.checkpoints}"
        )
    codec, voices = None, []
    rendered: FrameFormat | None = model.format
    if recipe.data.codec is not None:
        from intone.train.coding import code_corpus, codec_manifest, keep_codec

        keep_codec(run.path, recipe.data.codec, going_on=True)
        codec, about = codec_manifest(recipe.data.codec)
        rendered = about.sound
        if about.voice:
            voices = code_corpus(corpus, recipe.data.codec).voices_of(corpus)
    manifest, graph = _sounding_through(vocoder, rendered)
    if graph is not None:
        run.voice.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(graph, run.voice / graph.name)
    write_voice(
        run.voice,
        name=run.path.name,
        model=model,
        frontend=corpus.frontend(),
        speakers=corpus.speakers,
        vocoder=manifest,
        card=card,
        codec=codec,
        voices=voices,
    )


def _sounding_through(
    vocoder: str | None, format: FrameFormat | None
) -> tuple[VocoderManifest, Path | None]:
    """As `choose_vocoder`, by default the best there is; none for a codec that gives samples."""
    from intone.speech.manifest import CODEC_ALONE, VocoderManifest

    if format is None:
        return VocoderManifest(file=CODEC_ALONE), None
    return choose_vocoder(vocoder or installed_vocoder(format), format)


def _write_codec(
    recipe: Recipe, model: Any, run: RunFolder, card: dict[str, Any], corpus: PreparedCorpus
) -> None:
    """Write the codec to the run's `codec/`, with the use of its codebooks on what was held out."""
    from intone.codec.codes import uses_of
    from intone.codec.sounding import ModuleCodec
    from intone.core.protocols import Needs
    from intone.core.types import Audio
    from intone.export.codec import write_codec

    folder = run.codec
    _, held = corpus.split(corpus.usable(Needs()), recipe.data.held_out)
    codec = ModuleCodec(model, run.path.name)
    coded = [
        codec.encode_frames(example.mel).values
        if example.samples is None
        else codec.encode(Audio(example.samples, corpus.format.sample_rate)).values
        for example in corpus.load(held, Needs(samples=corpus.has_sound))
    ]
    if coded:
        size = model.format.codebook_size
        uses = uses_of(coded, size)
        card["codes_heard"] = sum(map(len, coded))
        card["codebook_use"] = [round(use, 4) for use in uses]
    write_codec(folder, codec=model, name=run.path.name, family=recipe.family.name, card=card)
    log.info("the codec is in %s", folder)


def _figures(run: RunFolder) -> dict[str, float]:
    """The last held-out figures of the run, by name."""
    from intone.train.summary import curves

    if not run.metrics.exists():
        return {}
    return {
        name.removeprefix("validation/"): round(values[-1], 4)
        for name, (_, values) in curves(run).items()
        if name.startswith("validation/") and not name.startswith("validation/_")
    }
