"""Examples → `Batch`: padded with zeros, lengths beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from intone.core.batch import Batch
from intone.data.prepared import Example


def collate(examples: Sequence[Example], references: Sequence[Example] | None = None) -> Batch:
    """The batch of `examples`; a feature is in it if the first example has it.

    `references`, one for each example, are other utterances whose mels say how to speak.
    Where there are codes, they are the frames, and the mel is left out.
    """
    first = examples[0]
    frames = [e.mel if e.codes is None else e.codes for e in examples]

    def padded(name: str) -> Tensor | None:
        if getattr(first, name) is None:
            return None
        return _pad([getattr(e, name) for e in examples])

    samples = padded("samples")
    return Batch(
        ids=tuple(e.id for e in examples),
        symbols=_pad([e.symbols for e in examples]),
        symbol_lengths=torch.tensor([len(e.symbols) for e in examples]),
        speaker=torch.tensor([e.speaker for e in examples]),
        mel=_pad(frames) if first.codes is None else None,
        codes=None if first.codes is None else _pad(frames),
        frame_lengths=torch.tensor([len(f) for f in frames]),
        durations=padded("durations"),
        pitch=padded("pitch"),
        voiced=padded("voiced"),
        pitch_hz=padded("pitch_hz"),
        energy=padded("energy"),
        emotion=padded("emotion"),
        samples=samples,
        sample_lengths=None
        if samples is None
        else torch.tensor([len(e.samples) for e in examples if e.samples is not None]),
        reference=None if references is None else _pad([r.mel for r in references]),
        reference_lengths=None
        if references is None
        else torch.tensor([len(r.mel) for r in references]),
    )


def _pad(arrays: Sequence[Any]) -> Tensor:
    """Arrays (L, ...) as one (B, longest L, ...), zeros behind."""
    longest = max(len(a) for a in arrays)
    out = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), arrays[0].dtype)
    for row, array in enumerate(arrays):
        out[row, : len(array)] = array
    return torch.from_numpy(out)
