"""`Mamba`: a layer whose memory of the past is selected by what comes; linear in length."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.selective_scan import scan, scan_step


@dataclass(frozen=True)
class Memory:
    """What a layer remembers between steps.

    `recent` (B, inner + 2 N, kernel - 1) are the last inputs of the convolution, `state`
    (B, H, P, N) is the scan's.
    """

    recent: Tensor
    state: Tensor


class Mamba(nn.Module):
    """Causal convolution, selective scan and gate: (B, L, C) → (B, L, C), past only.

    Mamba-2's block (Dao and Gu 2024, figure 6): `inner` channels in heads of `head`, `state`
    numbers of memory for each channel. `forward` is for training, `step` for streaming; they
    agree.
    """

    def __init__(
        self, channels: int, *, inner: int, head: int = 64, state: int = 32, kernel: int = 4
    ) -> None:
        super().__init__()
        self.head = min(head, inner)
        self.heads = inner // self.head
        self.inner = inner = self.heads * self.head
        self.memory = state
        self.kernel = kernel
        self.into = nn.Linear(channels, 2 * inner + 2 * state + self.heads, bias=False)
        mixed = inner + 2 * state
        self.convolution = nn.Conv1d(mixed, mixed, kernel, groups=mixed)
        # Step sizes begin spread over 1e-3..1e-1, decay rates over -1..-16, as in the paper.
        first = torch.exp(torch.rand(self.heads) * math.log(100.0) + math.log(1e-3))
        self.step_bias = nn.Parameter(first + torch.log(-torch.expm1(-first)))
        self.log_rate = nn.Parameter(torch.linspace(1.0, 16.0, self.heads).log())
        self.skip = nn.Parameter(torch.ones(self.heads))
        self.norm = nn.RMSNorm(inner, eps=1e-5)
        self.out = nn.Linear(inner, channels, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """`inputs` (B, L, C) → (B, L, C); what comes later changes nothing before it."""
        gate, mixed, dt = self._split(inputs)
        mixed = functional.pad(mixed.transpose(1, 2), (self.kernel - 1, 0))
        mixed = functional.silu(self.convolution(mixed)).transpose(1, 2)
        x, b, c = mixed.split([self.inner, self.memory, self.memory], dim=-1)
        x = x.unflatten(-1, (self.heads, self.head))  # (B, L, H, P)
        outputs, _ = scan(_exact(x), dt, self._rates(), _exact(b), _exact(c))
        return self._finish(outputs.to(x.dtype), x, gate)

    def step(self, inputs: Tensor, memory: Memory | None = None) -> tuple[Tensor, Memory]:
        """One step, `inputs` (B, C) → (B, C), and the memory for the next."""
        gate, mixed, dt = self._split(inputs)
        if memory is None:
            recent = mixed.new_zeros(len(inputs), mixed.shape[-1], self.kernel - 1)
            state = mixed.new_zeros(len(inputs), self.heads, self.head, self.memory)
            memory = Memory(recent, state)
        seen = torch.cat([memory.recent, mixed[..., None]], dim=-1)  # (B, mixed, kernel)
        mixed = (seen * self.convolution.weight[:, 0]).sum(-1)
        assert self.convolution.bias is not None
        mixed = functional.silu(mixed + self.convolution.bias)
        x, b, c = mixed.split([self.inner, self.memory, self.memory], dim=-1)
        x = x.unflatten(-1, (self.heads, self.head))  # (B, H, P)
        output, state = scan_step(x, dt, self._rates(), b, c, memory.state)
        return self._finish(output, x, gate), Memory(seen[..., 1:], state)

    def _rates(self) -> Tensor:
        """Decay rates (H), negative."""
        return -_exact(self.log_rate).exp()

    def _split(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The gate, what is mixed over time, and step sizes, of `inputs` (..., C)."""
        widths = [self.inner, self.inner + 2 * self.memory, self.heads]
        gate, mixed, dt = self.into(inputs).split(widths, dim=-1)
        return gate, mixed, functional.softplus(_exact(dt) + self.step_bias)

    def _finish(self, outputs: Tensor, x: Tensor, gate: Tensor) -> Tensor:
        """The scan's `outputs` and its inputs `x`, each (..., H, P), gated → (..., C)."""
        outputs = outputs + x * self.skip[:, None]
        made: Tensor = self.out(self.norm(outputs.flatten(-2) * functional.silu(gate)))
        return made


def _exact(values: Tensor) -> Tensor:
    """At least float32: sums of logarithms over a chunk do not bear less."""
    return values if values.dtype == torch.float64 else values.float()
