"""`SegmentBatches`: random pieces of sound with the mel frames and the pitch of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from intone.audio.mel import mel_spectrogram
from intone.core.batch import Batch
from intone.core.protocols import Needs
from intone.data.disguise import Disguise, drawn, needed
from intone.data.drawing import Drawing
from intone.data.prefetch import prefetched
from intone.data.prepared import Example, PreparedCorpus

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_QUIETEST_DB, _LOUDEST_DB = -12.0, 3.0


class SegmentBatches:
    """Batches of mel (B, F, bands), pitch (B, F) in Hz and samples (B, F * hop), cut from `ids`.

    Frame i of a segment is centred on its hop i, as in a whole recording. Segments are
    made quieter or louder at random, mel and sound alike, so that a vocoder learns any level.
    A share of them, `disguised`, is played slower or faster and through another room's colour,
    as if somebody else had spoken. Where mels were `predicted` (F, bands) of an utterance, a
    share of each batch's segments, `predicted_share`, has them in place of its recording's own,
    and nobody is disguised.
    Raises `CorpusError` if no utterance is as long as a segment.
    """

    def __init__(
        self,
        corpus: PreparedCorpus,
        ids: Sequence[str],
        *,
        frames: int,
        count: int,
        seed: int = 0,
        predicted: Mapping[str, FloatArray] | None = None,
        predicted_share: float = 0.5,
        disguised: float = 0.0,
    ) -> None:
        self._corpus = corpus
        self._frames = frames
        self._count = count
        self._seed = seed
        self._predicted = predicted or {}
        self._predicted_share = predicted_share
        self._disguised = 0.0 if self._predicted else disguised
        self._drawing = Drawing(corpus, ids, frames=frames, count=count, piece=f"{frames} frames")

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """As many batches as cover the corpus once, without the first `skip`."""
        return prefetched(self._batch(seed, epoch, n) for n in range(skip, self._drawing.batches))

    def length(self, epoch: int) -> int:
        """How many batches an epoch has."""
        return self._drawing.batches

    def _batch(self, seed: int, epoch: int, number: int) -> Batch:
        source = np.random.default_rng([seed, epoch, number])
        picks = self._drawing.batch(source)
        format = self._corpus.format
        hop, floor = format.hop_samples, float(np.log(format.floor))
        mels, pitches, sounds = [], [], []
        needs = Needs(samples=True, pitch=True)
        examples = self._corpus.load(picks, needs)
        replaced = self._replaced(source) if self._predicted else 0
        for place, example in enumerate(examples):
            sound, own, hz = self._piece(
                example, source, self._predicted.get(example.id) if place < replaced else None
            )
            loudest = max(1e-4, float(np.abs(sound).max()))
            gain = 10 ** (float(source.uniform(_QUIETEST_DB, _LOUDEST_DB)) / 20)
            gain = min(gain, 0.98 / loudest)
            mel = own.astype(np.float32) + np.float32(np.log(gain))
            mels.append(np.maximum(mel, floor))
            pitches.append(hz)
            sounds.append(sound * np.float32(gain))
        lengths = torch.full((self._count,), self._frames)
        return Batch(
            ids=tuple(e.id for e in examples),
            symbols=torch.zeros((self._count, 1), dtype=torch.int64),
            symbol_lengths=torch.ones(self._count, dtype=torch.int64),
            speaker=torch.tensor([e.speaker for e in examples]),
            mel=torch.from_numpy(np.stack(mels)),
            frame_lengths=lengths,
            pitch_hz=torch.from_numpy(np.stack(pitches)),
            samples=torch.from_numpy(np.stack(sounds)),
            sample_lengths=lengths * hop,
        )

    def _piece(
        self, example: Example, source: np.random.Generator, predicted: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Samples (F * hop), mel (F, bands) and pitch (F) in Hz of a piece of an utterance."""
        assert example.samples is not None and example.pitch_hz is not None
        if self._disguised and source.random() < self._disguised:
            disguise = drawn(source)
            if (made := self._other_voice(example, source, disguise)) is not None:
                return made
        hop = self._corpus.format.hop_samples
        start = int(source.integers(0, len(example.mel) - self._frames + 1))
        end = start + self._frames
        mel = (example.mel if predicted is None else predicted)[start:end]
        return example.samples[start * hop : end * hop], mel, example.pitch_hz[start:end]

    def _other_voice(
        self, example: Example, source: np.random.Generator, disguise: Disguise
    ) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """As `_piece`, in `disguise`; None if the utterance is too short for it."""
        assert example.samples is not None and example.pitch_hz is not None
        format = self._corpus.format
        hop, rate = format.hop_samples, format.sample_rate
        # So many frames on either side that no frame of the piece sees beyond them.
        beside = -(-(format.window_samples - hop) // (2 * hop))
        count = (self._frames + 2 * beside) * hop
        taken = needed(count, from_hz=rate * disguise.pace, to_hz=rate)
        if taken > len(example.samples):
            return None
        start = int(source.integers(0, len(example.samples) - taken + 1))
        sound = disguise.of(example.samples[start : start + taken], count, from_hz=rate, to_hz=rate)
        mel = mel_spectrogram(sound, format)[beside : beside + self._frames]
        # Frame i lies at (i + 1/2 - F / 2) hops from the middle, on either clock.
        away = (np.arange(self._frames) + 0.5 - self._frames / 2) * hop * disguise.pace
        own = ((start + taken / 2 + away) / hop).astype(np.int64)
        hz = example.pitch_hz[np.minimum(own, len(example.pitch_hz) - 1)]
        hz = hz * np.float32(disguise.pace)
        return sound[beside * hop : (beside + self._frames) * hop], mel, hz

    def _replaced(self, source: np.random.Generator) -> int:
        """How many of a batch's segments have predicted mels, the share's fraction by chance."""
        return int(self._predicted_share * self._count + source.random())
