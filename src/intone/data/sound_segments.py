"""`SoundSegments`: random pieces of sound at any rate, without their mel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from intone.core.batch import Batch
from intone.core.protocols import Needs
from intone.data.disguise import FASTEST, drawn, middle, needed
from intone.data.drawing import Drawing
from intone.data.prefetch import prefetched
from intone.data.prepared import PreparedCorpus

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_QUIETEST_DB, _LOUDEST_DB = -9.0, 3.0


class SoundSegments:
    """Batches of samples (B, T) at `sample_rate` Hz, cut from the utterances `ids`.

    Segments are made quieter or louder at random. A share of them, `disguised`, is played
    slower or faster and through another room's colour, as if somebody else had spoken. Raises
    `CorpusError` if no utterance is as long as a segment.
    """

    def __init__(
        self,
        corpus: PreparedCorpus,
        ids: Sequence[str],
        *,
        sample_rate: int,
        samples: int,
        count: int,
        seed: int = 0,
        disguised: float = 0.0,
    ) -> None:
        self._corpus = corpus
        self._rate = sample_rate
        self._samples = samples
        self._seed = seed
        self._disguised = disguised
        fastest = corpus.format.sample_rate * (FASTEST if disguised else 1.0)
        longest = needed(samples, from_hz=fastest, to_hz=sample_rate)
        frames = math.ceil(longest / corpus.format.hop_samples)
        piece = f"{samples / sample_rate:.2f} s"
        self._drawing = Drawing(corpus, ids, frames=frames, count=count, piece=piece)

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """As many batches as cover the corpus once, without the first `skip`."""
        return prefetched(self._batch(seed, epoch, n) for n in range(skip, self._drawing.batches))

    def length(self, epoch: int) -> int:
        """How many batches an epoch has."""
        return self._drawing.batches

    def _batch(self, seed: int, epoch: int, number: int) -> Batch:
        source = np.random.default_rng([seed, epoch, number])
        examples = self._corpus.load(self._drawing.batch(source), Needs(samples=True))
        sounds, from_hz = [], self._corpus.format.sample_rate
        for example in examples:
            assert example.samples is not None
            disguise = drawn(source) if source.random() < self._disguised else None
            own = needed(
                self._samples,
                from_hz=from_hz * (1.0 if disguise is None else disguise.pace),
                to_hz=self._rate,
            )
            start = int(source.integers(0, len(example.samples) - own + 1))
            given = example.samples[start : start + own]
            piece = (middle if disguise is None else disguise.of)(
                given, self._samples, from_hz=from_hz, to_hz=self._rate
            )
            gain = 10 ** (float(source.uniform(_QUIETEST_DB, _LOUDEST_DB)) / 20)
            loudest = max(1e-4, float(np.abs(piece).max()))
            sounds.append(piece * np.float32(min(gain, 0.98 / loudest)))
        return sound_batch(tuple(e.id for e in examples), [e.speaker for e in examples], sounds)


def sound_batch(
    ids: tuple[str, ...], speakers: Sequence[int], sounds: Sequence[FloatArray]
) -> Batch:
    """A batch of nothing but sounds, zeros behind the shorter ones."""
    lengths = [len(sound) for sound in sounds]
    samples = np.zeros((len(sounds), max(lengths)), dtype=np.float32)
    for row, sound in enumerate(sounds):
        samples[row, : len(sound)] = sound
    return Batch(
        ids=ids,
        symbols=torch.zeros((len(ids), 1), dtype=torch.int64),
        symbol_lengths=torch.ones(len(ids), dtype=torch.int64),
        speaker=torch.tensor(list(speakers)),
        samples=torch.from_numpy(samples),
        sample_lengths=torch.tensor(lengths),
    )
