"""The codes of a corpus, computed once, ahead of training, by a trained codec."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

from intone.codec.codes import Codes, SoundCodec
from intone.codec.folder import CodecManifest, find_codec, read_manifest
from intone.codec.sounding import open_folder
from intone.core.errors import SettingsError, TrainingError
from intone.core.files import write_text
from intone.core.protocols import CorpusFacts, Needs
from intone.core.types import Audio, FrameFormat
from intone.data.codes import Coded, codes_folder, read_codes, write_part
from intone.data.prepared import PreparedCorpus
from intone.train.recipes import Recipe, read_recipe
from intone.train.run_folder import RunFolder

log = logging.getLogger("intone.train")

UTTERANCES_IN_PART = 64
"""The work that a kill can lose."""

KEPT_FILE = "codec.txt"
"""In a run's folder, the fingerprint of the codec whose codes it learns."""

_SECONDS_BETWEEN_LINES = 10.0


def codec_manifest(codec: str) -> tuple[Path, CodecManifest]:
    """The folder of a trained codec, by name, path or run, and what it says of itself.

    Raises `IntoneError` if there is none, `FormatError` if it is damaged.
    """
    folder = find_codec(codec)
    return folder, read_manifest(folder)


def codec_of(recipe: Recipe) -> str | None:
    """The codec whose codes the recipe's model speaks, None where it speaks mel frames.

    Raises `SettingsError` if one is wanted and not given, or given and not wanted, and if the
    model cannot speak its codes: before a corpus is coded, which takes minutes.
    """
    wanted = recipe.room == "acoustic" and needs_of(recipe).codes
    name, codec = recipe.family.name, recipe.data.codec
    if wanted and codec is None:
        raise SettingsError(
            f"{name} speaks the codes of a codec; name one that is installed, such as "
            "data.codec=mel-vq, or the run of one that you train: intone train codec --family "
            f"mel-vq --corpus {recipe.corpus}"
        )
    if codec is not None and not wanted:
        raise SettingsError(f"{name} speaks no codes, so it takes no codec; leave data.codec out")
    if codec is not None:
        format = codec_manifest(codec)[1].format
        spoken = replace(format, codebooks=recipe.data.codebooks or format.codebooks)
        _unlearned(recipe, spoken)
    return codec


def with_codebooks(recipe: Recipe, begun: RunFolder | None) -> Recipe:
    """`recipe` with a number of codebooks: the given one, or that of its `begun` run.

    Without either, all that its codec has by now: it may get more. Raises what `codec_of` does.
    """
    codec = codec_of(recipe)
    if codec is None or recipe.data.codebooks is not None:
        return recipe
    known = {}
    if begun is not None and begun.config.is_file():
        known = read_recipe(begun.config).get("data", {})
    count = known.get("codebooks") or codec_manifest(codec)[1].format.codebooks
    return replace(recipe, data=recipe.data.model_copy(update={"codebooks": count}))


def needs_of(recipe: Recipe) -> Needs:
    """What the recipe's acoustic model asks of a corpus, found without building its weights."""
    needs: Needs = _unlearned(recipe, FrameFormat()).needs
    return needs


def _unlearned(recipe: Recipe, format: FrameFormat) -> Any:
    """The recipe's model over frames of `format`, without weights."""
    nobody = CorpusFacts(symbols=1, speakers=("nobody",), format=format)
    with torch.device("meta"):
        return recipe.family.model(recipe.model, nobody)


def keep_codec(run: Path, codec: str, *, going_on: bool) -> None:
    """Note in the folder of a `run` which weights its `codec` has.

    Raises `TrainingError` if the run is `going_on` and its codec has others by now: the model's
    codes would mean something else.
    """
    fingerprint = codec_manifest(codec)[1].fingerprint
    path = run / KEPT_FILE
    if going_on and path.is_file() and path.read_text(encoding="utf-8").strip() != fingerprint:
        raise TrainingError(
            f"the codec {codec} was trained again since {run} began to learn its codes; "
            "bring the old one back, or train the model anew"
        )
    write_text(path, f"{fingerprint}\n")


def code_corpus(corpus: PreparedCorpus, codec: str, device: str = "cpu") -> Coded:
    """The codes of every utterance of `corpus` by the trained `codec`, which are kept beside it.

    What was computed before is not computed again. Raises `FormatError` if the codec codes
    other frames than the corpus has, and what `codec_manifest` does.
    """
    folder, manifest = codec_manifest(codec)
    if manifest.sound is not None:
        manifest.features.require(
            corpus.format, ours=f"the codec {folder}", theirs=f"{corpus.folder}"
        )
    kept = codes_folder(corpus.folder, manifest.fingerprint, manifest.format.codebooks)
    kept.mkdir(parents=True, exist_ok=True)
    # Several processes of one training share the folder.
    with FileLock(kept / ".lock"):
        coded = read_codes(corpus, manifest.format, manifest.fingerprint)
        missing = [key for key in corpus.entries if key not in coded.values]
        if missing:
            _compute(corpus, open_folder(folder, device), manifest.fingerprint, missing)
            coded = read_codes(corpus, manifest.format, manifest.fingerprint)
    return coded


def _compute(
    corpus: PreparedCorpus, codec: SoundCodec, fingerprint: str, missing: list[str]
) -> None:
    log.info("coding %d utterances by %s", len(missing), codec.name)
    tell = _teller(len(missing))
    for start in range(0, len(missing), UTTERANCES_IN_PART):
        some = missing[start : start + UTTERANCES_IN_PART]
        values, voices = {}, {}
        for key in some:
            codes = _codes_of(corpus, codec, key)
            values[key] = codes.values
            if codes.voice is not None:
                voices[key] = codes.voice
            tell(start + len(values))
        write_part(corpus, fingerprint, values, voices)


def _codes_of(corpus: PreparedCorpus, codec: SoundCodec, key: str) -> Codes:
    """The codes of an utterance; of its mel where the corpus has no sound."""
    (example,) = corpus.load([key], Needs(samples=corpus.has_sound))
    if example.samples is None:
        return codec.encode_frames(example.mel)
    return codec.encode(Audio(example.samples, corpus.format.sample_rate))


def _teller(total: int) -> Callable[[int], None]:
    """Says now and then how many of `total` are done, and how long the others will take."""
    began = last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            left = (now - began) / done * (total - done)
            log.info("coded %d of %d utterances, %.0f s left", done, total, left)

    return tell
