"""A corpus' facts and a batch, small and random, for the tests of the families."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts
from intone.core.types import MEL_22K, code_format
from intone.nn.masks import mask_of

SYMBOLS = 40
OPTIONAL = (1, 2, 3)
CODES = code_format(sample_rate=22_050, hop_samples=256, codebooks=1, codebook_size=50)


@pytest.fixture
def facts() -> CorpusFacts:
    """Forty symbols, the first three of them optional; two speakers."""
    return CorpusFacts(
        symbols=SYMBOLS,
        speakers=("ann", "bob"),
        format=MEL_22K,
        pitch_mean=(5.3, 4.8),
        pitch_deviation=(0.2, 0.3),
        energy_mean=(1.0, 1.1),
        energy_deviation=(0.9, 1.1),
        optional_symbols=OPTIONAL,
    )


@pytest.fixture
def make_batch() -> Callable[..., Batch]:
    """A function that makes a batch of the given symbol lengths, with all features."""

    def make(lengths: tuple[int, ...] = (12, 7, 9), seed: int = 0, extra: int = 0) -> Batch:
        """`extra` pads symbols and frames beyond the longest."""
        source = torch.Generator().manual_seed(seed)
        count, most = len(lengths), max(lengths)
        symbol_lengths = torch.tensor(lengths)
        mask = mask_of(symbol_lengths, most)
        symbols = torch.randint(4, SYMBOLS, (count, most), generator=source) * mask
        durations = torch.randint(1, 7, (count, most), generator=source) * mask
        frames = durations.sum(dim=1)
        longest = int(frames.max())
        real = mask_of(frames, longest)
        values = torch.nn.functional.pad

        def randn(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=source)

        mel = (randn(count, longest, 80) - 5) * real[..., None]
        pitch = randn(count, longest) * real
        codes = torch.randint(
            CODES.codebook_size, (count, longest, 1), generator=torch.Generator().manual_seed(seed)
        )
        codes = codes * real[..., None]
        return Batch(
            ids=tuple(f"u{i}" for i in range(count)),
            symbols=values(symbols, (0, extra)),
            symbol_lengths=symbol_lengths,
            speaker=torch.arange(count) % 2,
            mel=values(mel, (0, 0, 0, extra)),
            frame_lengths=frames,
            durations=values(durations, (0, extra)),
            pitch=values(pitch, (0, extra)),
            voiced=values((torch.rand(count, longest, generator=source) > 0.3) & real, (0, extra)),
            energy=values(randn(count, longest) * real, (0, extra)),
            codes=values(codes, (0, 0, 0, extra)),
            reference=values(randn(count, 60, 80) - 5, (0, 0, 0, extra)),
            reference_lengths=torch.arange(count) % 3 * 7 + 46,
        )

    return make
