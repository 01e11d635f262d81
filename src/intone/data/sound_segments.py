"""`SoundSegments`: random pieces of sound at any rate, without their mel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from intone.audio.resampling import resample
from intone.core.batch import Batch
from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.data.prefetch import prefetched
from intone.data.prepared import PreparedCorpus

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_QUIETEST_DB, _LOUDEST_DB = -9.0, 3.0
_SLOWEST, _FASTEST = 0.87, 1.15
_CURVES, _LIFT_DB = 3, 4.0
"""How many slow curves over the spectrum tilt a disguised voice, and how high they are."""
_EDGE = 64
"""A piece is resampled with so many samples more on either side, whose ends ring."""


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
        self._count = count
        self._seed = seed
        self._disguised = disguised
        longest = self._needed(_FASTEST if disguised else 1.0)
        frames = math.ceil(longest / corpus.format.hop_samples)
        # Long utterances are drawn as often as their length tells, so all sound is heard alike.
        self._ids = [key for key in ids if corpus.entries[key].frames >= frames]
        if not self._ids:
            raise CorpusError(
                f"no utterance of {corpus.folder} has the {samples / sample_rate:.2f} s of a "
                "segment; lower data.segment_frames or add longer recordings"
            )
        lengths = np.array([corpus.entries[key].frames for key in self._ids], dtype=np.float64)
        self._shares = lengths / lengths.sum()
        self._batches = max(1, int(lengths.sum() / (frames * count)))

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """As many batches as cover the corpus once, without the first `skip`."""
        return prefetched(self._batch(seed, epoch, n) for n in range(skip, self._batches))

    def length(self, epoch: int) -> int:
        """How many batches an epoch has."""
        return self._batches

    def _batch(self, seed: int, epoch: int, number: int) -> Batch:
        source = np.random.default_rng([seed, epoch, number])
        picks = source.choice(len(self._ids), self._count, p=self._shares)
        examples = self._corpus.load([self._ids[i] for i in picks], Needs(samples=True))
        sounds = []
        for example in examples:
            assert example.samples is not None
            disguise = source.random() < self._disguised
            pace = float(source.uniform(_SLOWEST, _FASTEST)) if disguise else 1.0
            own = self._needed(pace)
            start = int(source.integers(0, len(example.samples) - own + 1))
            piece = self._resampled(example.samples[start : start + own], pace)
            if disguise:
                lifts = source.normal(0.0, _LIFT_DB, _CURVES).astype(np.float32)
                piece = tilted(piece, lifts)
            gain = 10 ** (float(source.uniform(_QUIETEST_DB, _LOUDEST_DB)) / 20)
            loudest = max(1e-4, float(np.abs(piece).max()))
            sounds.append(piece * np.float32(min(gain, 0.98 / loudest)))
        return sound_batch(tuple(e.id for e in examples), [e.speaker for e in examples], sounds)

    def _needed(self, pace: float) -> int:
        """Samples of the corpus that a piece played `pace` times as fast takes."""
        own = self._samples * self._corpus.format.sample_rate / self._rate
        return math.ceil(own * pace) + 2 * _EDGE

    def _resampled(self, own: FloatArray, pace: float) -> FloatArray:
        made = resample(own, round(self._corpus.format.sample_rate * pace), self._rate)
        first = (len(made) - self._samples) // 2
        return made[first : first + self._samples]


def tilted(samples: FloatArray, lifts_db: FloatArray) -> FloatArray:
    """Samples (T) through a filter without delay that lifts by slow curves over the spectrum.

    Curve k of `lifts_db` (K) is a cosine with k + 1 half periods up to half the sample rate.
    """
    spectrum = np.fft.rfft(samples)
    at = np.linspace(0, 1, len(spectrum))
    waves = np.cos(np.pi * np.arange(1, len(lifts_db) + 1)[:, None] * at)  # (K, bins)
    made = np.fft.irfft(spectrum * 10 ** ((lifts_db @ waves) / 20), len(samples))
    return made.astype(np.float32)


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
