"""Vectors → integers and back: learned codebooks, stacks of them, and fixed levels.

A forward pass of these never learns; `learn` moves the codebooks, so that a critic's
look at the same batch leaves them alone. All of it is computed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of

_SEEN_LEAST = 0.15
"""A code that is chosen less often than this share of its even part is dead."""
_KMEANS_ROUNDS = 12


class Codebook(nn.Module):
    """`size` vectors of width `channels`; vectors are quantised to the nearest.

    The vectors are running means of what chose them (van den Oord et al. 2017, appendix
    A.1), begin as k-means of the first batch, and move to a random input when nothing
    chooses them any more (Zeghidour et al. 2021, section III-C).
    """

    vectors: Tensor
    counts: Tensor
    sums: Tensor
    begun: Tensor

    def __init__(self, size: int, channels: int, *, decay: float = 0.99) -> None:
        super().__init__()
        self.size, self.decay = size, decay
        self.register_buffer("vectors", torch.randn(size, channels) / math.sqrt(channels))
        self.register_buffer("counts", torch.ones(size))
        self.register_buffer("sums", self.vectors.clone())
        self.register_buffer("begun", torch.zeros((), dtype=torch.int64))

    def encode(self, vectors: Tensor) -> Tensor:
        """The nearest codes (...) int64 of vectors (..., C)."""
        # The square of the input is the same for all codes.
        closeness = vectors @ self.vectors.T - 0.5 * self.vectors.square().sum(-1)
        return closeness.argmax(-1)

    def decode(self, codes: Tensor) -> Tensor:
        """The vectors (..., C) of codes (...)."""
        return functional.embedding(codes, self.vectors)

    @torch.no_grad()
    def learn(self, vectors: Tensor) -> Tensor:
        """Move towards vectors (N, C); returns what is left of each, (N, C), as it was coded."""
        vectors = vectors.float()
        if not self.begun:
            self._begin(vectors)
        codes = self.encode(vectors)
        left = vectors - self.decode(codes)
        chosen = torch.bincount(codes, minlength=self.size).to(vectors.dtype)
        summed = torch.zeros_like(self.sums).index_add_(0, codes, vectors)
        add_over_processes(chosen, summed)
        self.counts.lerp_(chosen, 1 - self.decay)
        self.sums.lerp_(summed, 1 - self.decay)
        self._revive(vectors)
        self.vectors.copy_(self.sums / self.counts[:, None].clamp(min=1e-5))
        return left

    @property
    def use(self) -> Tensor:
        """The share of codes that are alive, a scalar."""
        return (self.counts >= 2 * _SEEN_LEAST * self._even()).float().mean()

    def _even(self) -> Tensor:
        """How often each code would be chosen in a batch if all were alike."""
        return self.counts.mean()

    def _begin(self, vectors: Tensor) -> None:
        drawn = torch.randint(len(vectors), (self.size,), device=vectors.device)
        self.vectors.copy_(vectors[drawn] + 1e-3 * vectors.std() * torch.randn_like(self.vectors))
        for _ in range(_KMEANS_ROUNDS):
            codes = self.encode(vectors)
            chosen = torch.bincount(codes, minlength=self.size).to(vectors.dtype)
            summed = torch.zeros_like(self.vectors).index_add_(0, codes, vectors)
            means = summed / chosen[:, None].clamp(min=1)
            self.vectors.copy_(torch.where(chosen[:, None] > 0, means, self.vectors))
        _take_first_process(self.vectors)
        self.counts.fill_(len(vectors) / self.size)
        self.sums.copy_(self.vectors * self.counts[:, None])
        self.begun.fill_(1)

    def _revive(self, vectors: Tensor) -> None:
        """Put dead codes onto random inputs, with an even share's count to live on for a while."""
        even = self._even()
        dead = self.counts < _SEEN_LEAST * even
        drawn = torch.randint(len(vectors), (self.size,), device=vectors.device)
        fresh = vectors[drawn]
        _take_first_process(fresh)
        self.counts.copy_(torch.where(dead, even, self.counts))
        self.sums.copy_(torch.where(dead[:, None], fresh * even, self.sums))


class ResidualCodebooks(nn.Module):
    """Codebooks in a row, each of which codes what those before it left."""

    def __init__(self, codebooks: int, size: int, channels: int, *, decay: float = 0.99) -> None:
        super().__init__()
        self.size = size
        self.each = nn.ModuleList(Codebook(size, channels, decay=decay) for _ in range(codebooks))

    def encode(self, vectors: Tensor) -> Tensor:
        """Codes (B, F, K) of vectors (B, F, C)."""
        left, codes = vectors.float(), []
        for book in self.each:
            chosen = book.encode(left)  # type: ignore[operator]
            left = left - book.decode(chosen)  # type: ignore[operator]
            codes.append(chosen)
        return torch.stack(codes, dim=-1)

    def decode(self, codes: Tensor) -> Tensor:
        """Vectors (B, F, C) of codes (B, F, k) of the first k codebooks, for any k."""
        return self.partial(codes).sum(dim=2)

    def partial(self, codes: Tensor) -> Tensor:
        """What each codebook adds, (B, F, k, C), of codes (B, F, k)."""
        table = torch.cat([book.get_buffer("vectors") for book in self.each])  # (K * size, C)
        first = torch.arange(codes.shape[-1], device=codes.device) * self.size  # (k,)
        return functional.embedding(codes + first, table)

    @torch.no_grad()
    def learn(self, vectors: Tensor) -> None:
        """Let each codebook learn from what those before it leave of vectors (N, C)."""
        left = vectors.float()
        for book in self.each:
            left = book.learn(left)  # type: ignore[operator]

    def uses(self) -> Tensor:
        """The share of each codebook that is alive, (K,)."""
        return torch.stack([book.use for book in self.each])  # type: ignore[misc]


class FiniteLevels(nn.Module):
    """Each channel rounded to one of a few levels: a codebook that needs no learning.

    Mentzer et al. 2023, "Finite Scalar Quantization", section 3.1. The vectors are
    len(levels) wide; the size is the product of the levels.
    """

    levels: Tensor
    strides: Tensor

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.size = math.prod(levels)
        counts = torch.tensor(list(levels), dtype=torch.int64)
        self.register_buffer("levels", counts, persistent=False)
        strides = torch.cat([torch.ones(1, dtype=torch.int64), counts.cumprod(0)[:-1]])
        self.register_buffer("strides", strides, persistent=False)

    def bound(self, vectors: Tensor) -> Tensor:
        """Vectors (..., C) squeezed into -1..1, the range that the levels divide."""
        return torch.tanh(vectors.float())

    def _places(self, vectors: Tensor) -> Tensor:
        steps = (self.levels - 1).float()
        return (((self.bound(vectors) + 1) / 2) * steps).round()

    def encode(self, vectors: Tensor) -> Tensor:
        """Codes (...) of vectors (..., C)."""
        return (self._places(vectors).to(torch.int64) * self.strides).sum(-1)

    def decode(self, codes: Tensor) -> Tensor:
        """Vectors (..., C) in -1..1 of codes (...)."""
        places = torch.div(codes[..., None], self.strides, rounding_mode="floor") % self.levels
        return places.float() / (self.levels - 1).float() * 2 - 1


def summed_first(added: Tensor, kept: Tensor) -> Tensor:
    """Vectors (B, F, C) of what codebooks add (B, F, K, C), in row b of the first `kept[b]`."""
    of_kept = mask_of(kept, added.shape[2])[:, None, :, None]  # (B, 1, K, 1)
    return (added * of_kept).sum(dim=2)


def straight_through(vectors: Tensor, coded: Tensor) -> Tensor:
    """`coded`, whose gradient goes to `vectors` as if it had not been coded."""
    return vectors + (coded - vectors).detach()


def _distributed() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def add_over_processes(*tensors: Tensor) -> None:
    """Make each of `tensors` its sum over the processes that train together, in place."""
    if _distributed():
        for tensor in tensors:
            torch.distributed.all_reduce(tensor)


def _take_first_process(tensor: Tensor) -> None:
    if _distributed():
        torch.distributed.broadcast(tensor, 0)
