"""`SoundSegments`: random pieces of sound at any rate, with their pitch and without their mel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
    """Batches of samples (B, F * hop) at `sample_rate` Hz and pitch (B, F), cut from `ids`.

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
        hop_samples: int,
        frames: int,
        count: int,
        seed: int = 0,
        disguised: float = 0.0,
    ) -> None:
        self._corpus = corpus
        self._rate = sample_rate
        self._hop, self._samples = hop_samples, frames * hop_samples
        self._seed = seed
        self._disguised = disguised
        fastest = corpus.format.sample_rate * (FASTEST if disguised else 1.0)
        longest = needed(self._samples, from_hz=fastest, to_hz=sample_rate)
        least = math.ceil(longest / corpus.format.hop_samples)
        piece = f"{self._samples / sample_rate:.2f} s"
        self._drawing = Drawing(corpus, ids, frames=least, count=count, piece=piece)

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """As many batches as cover the corpus once, without the first `skip`."""
        return prefetched(self._batch(seed, epoch, n) for n in range(skip, self._drawing.batches))

    def length(self, epoch: int) -> int:
        """How many batches an epoch has."""
        return self._drawing.batches

    def _batch(self, seed: int, epoch: int, number: int) -> Batch:
        source = np.random.default_rng([seed, epoch, number])
        needs = Needs(samples=True, pitch=True)
        examples = self._corpus.load(self._drawing.batch(source), needs)
        sounds, pitches, from_hz = [], [], self._corpus.format.sample_rate
        for example in examples:
            assert example.samples is not None and example.pitch_hz is not None
            disguise = drawn(source) if source.random() < self._disguised else None
            pace = 1.0 if disguise is None else disguise.pace
            own = needed(self._samples, from_hz=from_hz * pace, to_hz=self._rate)
            start = int(source.integers(0, len(example.samples) - own + 1))
            given = example.samples[start : start + own]
            piece = (middle if disguise is None else disguise.of)(
                given, self._samples, from_hz=from_hz, to_hz=self._rate
            )
            gain = 10 ** (float(source.uniform(_QUIETEST_DB, _LOUDEST_DB)) / 20)
            loudest = max(1e-4, float(np.abs(piece).max()))
            sounds.append(piece * np.float32(min(gain, 0.98 / loudest)))
            pitches.append(self._pitch(example.pitch_hz, start + own / 2, pace))
        batch = sound_batch(tuple(e.id for e in examples), [e.speaker for e in examples], sounds)
        return replace(batch, pitch_hz=torch.from_numpy(np.stack(pitches)))

    def _pitch(self, pitch_hz: FloatArray, middle: float, pace: float) -> FloatArray:
        """The pitch (F,) of a piece about sample `middle` of a recording, played at `pace`."""
        format, frames = self._corpus.format, self._samples // self._hop
        # Frame i lies at (i + 1/2 - F / 2) hops from the middle, on either clock.
        away = (np.arange(frames) + 0.5 - frames / 2) * self._hop * pace
        at = middle + away * format.sample_rate / self._rate
        own = np.clip(at / format.hop_samples, 0, len(pitch_hz) - 1).astype(np.int64)
        return pitch_hz[own] * np.float32(pace)


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
