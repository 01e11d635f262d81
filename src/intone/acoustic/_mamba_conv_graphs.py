"""What `mamba-conv` is outside torch: three graphs that `intone.speech.refining` drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from intone.core.graphs import GraphSpec

if TYPE_CHECKING:
    from intone.acoustic.mamba_conv import MambaConv


class _Style(nn.Module):
    """A reference (1, F, bands) → a style (1, D)."""

    def __init__(self, model: MambaConv) -> None:
        super().__init__()
        self.model = model

    def forward(self, reference: Tensor) -> Tensor:
        return self.model.hear(reference, torch.full((1,), reference.shape[1]))


class _Text(nn.Module):
    """Everything that is known before the first token."""

    def __init__(self, model: MambaConv) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        symbols: Tensor,
        speaker: Tensor,
        speed: Tensor,
        pitch: Tensor,
        energy: Tensor,
        variation: Tensor,
        style: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        lengths = torch.full((1,), symbols.shape[1], dtype=torch.int64)
        hidden, adapted, durations = self.model.plan(
            symbols, lengths, speaker, style, speed, pitch, energy, variation
        )
        return hidden.mean(dim=1), adapted, durations


class _Refine(nn.Module):
    """One pass: what frames are told (1, F, C + 2) and codes (1, F, K) → hidden (1, F, C)."""

    def __init__(self, model: MambaConv) -> None:
        super().__init__()
        self.model = model

    def forward(self, told: Tensor, codes: Tensor, style: Tensor | None = None) -> Tensor:
        mask = torch.ones(codes.shape[:2], dtype=torch.bool)
        return self.model.refine(self.model.regulated(told), codes, mask, style)


def graphs_of(model: MambaConv, symbols: int) -> list[GraphSpec]:
    """The graphs of a `model` over `symbols` symbols; with no style, there is none for it."""
    s = model.settings

    def random(*shape: int, seed: int) -> Tensor:
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    def style(size: int) -> tuple[Tensor, ...]:
        return (random(1, s.style, seed=size),) if s.style else ()

    def text(size: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(size)
        return (
            torch.randint(1, symbols, (1, size), generator=source),
            torch.zeros(1, dtype=torch.int64),
            *(torch.full((1,), value) for value in (1.1, 0.9, 1.2)),
            random(size, seed=size),
            *style(size),
        )

    def refine(size: int) -> tuple[Tensor, ...]:
        source = torch.Generator().manual_seed(size)
        codes = torch.randint(0, model.size + 1, (1, size, model.books), generator=source)
        return (random(1, size, s.channels + 2, seed=size), codes, *style(size))

    def reference(size: int) -> tuple[Tensor, ...]:
        return (random(1, size, s.reference_bands, seed=size) - 5,)

    styled = ("style",) if s.style else ()
    graphs = [
        GraphSpec(
            "text",
            _Text(model),
            ("symbols", "speaker", "speed", "pitch", "energy", "variation", *styled),
            ("context", "adapted", "durations"),
            text,
            {"symbols": {1: "S"}, "variation": {0: "S"}},
            sizes=(3, 17, 100),
            decisions=("durations",),
        ),
        GraphSpec(
            "refine",
            _Refine(model),
            ("told", "codes", *styled),
            ("hidden",),
            refine,
            {"told": {1: "F"}, "codes": {1: "F"}},
            sizes=(3, 64, 65, 200),
        ),
    ]
    if s.style:
        graphs.append(
            GraphSpec(
                "style",
                _Style(model),
                ("reference",),
                ("style",),
                reference,
                {"reference": {1: "F"}},
                sizes=(20, 47, 300),
            )
        )
    return graphs
