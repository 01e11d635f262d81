"""Which utterances go together: alike in length, in an order that a seed and an epoch decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_NEIGHBOURHOOD = 0.08
"""How far, in log length, an utterance may wander from its place in the sorted order."""


def batches_of(
    frames: Sequence[int], *, max_frames: int, max_utterances: int, seed: int, epoch: int
) -> list[list[int]]:
    """Batches of indices into `frames`, each utterance in exactly one.

    A batch's padded size, its longest times its count, is at most `max_frames`, unless a
    single utterance is longer. Lengths are jittered before sorting, so that each epoch
    mixes neighbours anew; the batches come in random order.
    """
    source = np.random.default_rng([seed, epoch])
    lengths = np.asarray(frames, dtype=np.int64)
    noise = source.uniform(-_NEIGHBOURHOOD, _NEIGHBOURHOOD, len(lengths))
    order = np.argsort(np.log(np.maximum(lengths, 1)) + noise, kind="stable")
    batches: list[list[int]] = []
    longest = 0
    for index in order.tolist():
        longest = max(longest, int(lengths[index]))
        current = batches[-1] if batches else None
        full = (
            current is None
            or len(current) >= max_utterances
            or longest * (len(current) + 1) > max_frames
        )
        if full:
            batches.append([index])
            longest = int(lengths[index])
        else:
            assert current is not None
            current.append(index)
    return [batches[i] for i in source.permutation(len(batches))]


def padding_share(frames: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """The share of padded frames among all that the batches compute."""
    computed = sum(max(frames[i] for i in b) * len(b) for b in batches)
    real = sum(frames[i] for b in batches for i in b)
    return 1 - real / max(1, computed)
