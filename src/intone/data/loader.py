"""`UtteranceBatches`: a corpus as batches of whole utterances, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intone.core.batch import Batch
from intone.core.protocols import Needs
from intone.data.batching import batches_of
from intone.data.collate import collate
from intone.data.prefetch import prefetched
from intone.data.prepared import PreparedCorpus
from intone.data.references import References


class UtteranceBatches:
    """Batches of the utterances `ids`; their order follows from the seed and the epoch alone."""

    def __init__(
        self,
        corpus: PreparedCorpus,
        ids: Sequence[str],
        needs: Needs,
        *,
        max_frames: int,
        max_utterances: int,
        seed: int = 0,
    ) -> None:
        self._corpus = corpus
        self._ids = list(ids)
        self._needs = needs
        self._limits = {"max_frames": max_frames, "max_utterances": max_utterances}
        self._seed = seed
        self._references = References(corpus, self._ids) if needs.reference else None
        self._planned: tuple[tuple[int, int], list[list[int]]] | None = None

    def plan(self, seed: int, epoch: int) -> list[list[int]]:
        """The batches of an epoch, as indices into the ids."""
        if self._planned is None or self._planned[0] != (seed, epoch):
            frames = [self._corpus.entries[key].frames for key in self._ids]
            made = batches_of(frames, seed=seed, epoch=epoch, **self._limits)
            self._planned = ((seed, epoch), made)
        return self._planned[1]

    def epoch(self, seed: int, epoch: int, skip: int) -> Iterator[Batch]:
        """The batches of `epoch` without its first `skip`."""
        self._seed = seed
        chosen = self.plan(seed, epoch)[skip:]
        return prefetched(self._batch(rows, seed, epoch) for rows in chosen)

    def length(self, epoch: int) -> int:
        """How many batches `epoch` has under the seed last used."""
        return len(self.plan(self._seed, epoch))

    def _batch(self, rows: Sequence[int], seed: int, epoch: int) -> Batch:
        ids = [self._ids[i] for i in rows]
        return _collated(self._corpus, ids, self._needs, self._references, (seed, epoch))


def in_order(
    corpus: PreparedCorpus, ids: Sequence[str], needs: Needs, *, max_frames: int
) -> Iterator[Batch]:
    """Each of `ids` once, alike lengths together, shortest first: for validation and aligning.

    References, where they are needed, are always the same.
    """
    references = References(corpus, ids) if needs.reference else None
    order = sorted(ids, key=lambda key: (corpus.entries[key].frames, key))
    batch: list[str] = []
    for key in order:
        if batch and corpus.entries[key].frames * (len(batch) + 1) > max_frames:
            yield _collated(corpus, batch, needs, references, (0, 0))
            batch = []
        batch.append(key)
    if batch:
        yield _collated(corpus, batch, needs, references, (0, 0))


def _collated(
    corpus: PreparedCorpus,
    ids: Sequence[str],
    needs: Needs,
    references: References | None,
    seed: tuple[int, int],
) -> Batch:
    examples = corpus.load(ids, needs)
    if references is None:
        return collate(examples)
    return collate(examples, corpus.load(references.of(ids, seed), Needs()))
