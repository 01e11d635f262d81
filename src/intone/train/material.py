"""What a prepared corpus gives to a run: batches to learn, batches held out, texts to speak."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from intone.audio.resampling import resample
from intone.core.batch import Batch
from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.core.types import FrameFormat
from intone.data.loader import UtteranceBatches, in_order
from intone.data.prepared import PreparedCorpus
from intone.data.segments import SegmentBatches
from intone.data.sound_segments import SoundSegments, sound_batch
from intone.train.feed import Batches
from intone.train.settings import DataSettings
from intone.train.validation import Validation

if TYPE_CHECKING:
    from intone.core.types import FloatArray

log = logging.getLogger("intone.train")

HELD_OUT_SEED = 1_234_567
"""Of the pieces that a vocoder is validated on; any but a training's own."""


@dataclass(frozen=True)
class Material:
    """Batches to learn; `validation`, `few` and `texts` come of what was held out.

    `few` is a batch to speak in validation and `texts` what it says, by id; where nothing
    was held out, both of these and `validation` are empty. `voices` (N, V) are the speakers', where
    codes are learned that do not say whose they are.
    """

    batches: Batches
    validation: Validation | None
    few: Batch | None
    texts: dict[str, str]
    voices: Sequence[Sequence[float]] = ()


def utterances_of(
    corpus: PreparedCorpus, needs: Needs, settings: DataSettings, seed: int
) -> Material:
    """Whole utterances, for acoustic models. Raises `CorpusError` if too few can be used."""
    usable = _within(corpus, corpus.usable(needs), settings.frame_limit)
    learned, held = corpus.split(usable, settings.held_out)
    batches = UtteranceBatches(
        corpus,
        learned,
        needs,
        max_frames=settings.max_frames,
        max_utterances=settings.max_utterances,
        seed=seed,
    )

    def validation() -> Iterator[Batch]:
        return in_order(corpus, held, needs, max_frames=settings.max_frames)

    few, texts = _few(corpus, held[: settings.spoken], needs)
    return Material(batches, validation if held else None, few, texts)


def _within(corpus: PreparedCorpus, ids: list[str], limit: int | None) -> list[str]:
    """Those of `ids` that last at most `limit` frames; how many do not is reported."""
    if limit is None:
        return ids
    within = [key for key in ids if corpus.entries[key].frames <= limit]
    if not within:
        raise CorpusError(
            f"every utterance of {corpus.folder} is longer than data.frame_limit={limit}; raise it"
        )
    if len(within) < len(ids):
        longest = max(ids, key=lambda key: corpus.entries[key].frames)
        log.warning(
            "%d of %d utterances are longer than data.frame_limit=%d and left out, the longest "
            "%s (%d frames); nothing is cut off",
            len(ids) - len(within), len(ids), limit, longest, corpus.entries[longest].frames,
        )  # fmt: skip
    return within


def segments_of(
    corpus: PreparedCorpus,
    settings: DataSettings,
    seed: int,
    predicted: Mapping[str, FloatArray] | None = None,
) -> Material:
    """Pieces of sound, for vocoders, some with `predicted` mels (F, bands) of their utterance.

    Those held out are always of recordings. Raises `CorpusError` if too few can be used.
    """
    needs = Needs(samples=True)
    learned, held = corpus.split(corpus.usable(needs), settings.held_out)
    frames, count = settings.segment_frames, settings.max_utterances
    batches = SegmentBatches(
        corpus,
        learned,
        frames=frames,
        count=count,
        seed=seed,
        predicted=predicted,
        predicted_share=settings.predicted_share,
        disguised=settings.disguised,
    )

    def validation() -> Iterator[Batch]:
        pieces = SegmentBatches(corpus, held, frames=frames, count=min(count, len(held)))
        return pieces.epoch(HELD_OUT_SEED, 0, 0)

    few, texts = _few(corpus, held[: settings.spoken], needs)
    return Material(batches, validation if held else None, few, texts)


def sounds_of(
    corpus: PreparedCorpus, format: FrameFormat, settings: DataSettings, seed: int
) -> Material:
    """Pieces of sound at the rate of `format`, for codecs; `few` holds whole sounds at that rate.

    Raises `CorpusError` if too few can be used.
    """
    needs = Needs(samples=True)
    learned, held = corpus.split(corpus.usable(needs), settings.held_out)
    rate, count = format.sample_rate, settings.max_utterances

    def pieces(ids: Sequence[str], number: int, disguised: float) -> SoundSegments:
        return SoundSegments(
            corpus,
            ids,
            sample_rate=rate,
            hop_samples=format.hop_samples,
            frames=settings.segment_frames,
            count=number,
            seed=seed,
            disguised=disguised,
        )

    def validation() -> Iterator[Batch]:
        return pieces(held, min(count, len(held)), 0.0).epoch(HELD_OUT_SEED, 0, 0)

    few, texts = None, {}
    if chosen := held[: settings.spoken]:
        examples = corpus.load(chosen, needs)
        sounds = [
            resample(e.samples, corpus.format.sample_rate, rate)
            for e in examples
            if e.samples is not None
        ]
        few = sound_batch(tuple(e.id for e in examples), [e.speaker for e in examples], sounds)
        texts = {e.id: e.text for e in examples}
    return Material(
        pieces(learned, count, settings.disguised), validation if held else None, few, texts
    )


def _few(
    corpus: PreparedCorpus, ids: Sequence[str], needs: Needs
) -> tuple[Batch | None, dict[str, str]]:
    """One batch of `ids`, and their texts."""
    if not ids:
        return None, {}
    frames = sum(corpus.entries[key].frames for key in ids) * len(ids)
    (batch,) = in_order(corpus, ids, replace(needs, samples=False), max_frames=frames)
    return batch, {example.id: example.text for example in corpus.load(ids, Needs())}
