"""The selective scan of state-space models: a memory whose decay and input each step decides.

For every head, with a state h of (P, N) and a decay rate `a` < 0:

    h[t] = exp(dt[t] * a) * h[t-1] + dt[t] * x[t] ⊗ b[t]
    y[t] = h[t] · c[t]

One decay a head (Mamba-2; Dao and Gu 2024, "Transformers are SSMs", section 6) lets all steps
of a chunk be computed by matrix multiplication, and only the states between chunks in order.
Shapes: H heads, P numbers of a head, N numbers of memory for each; L is the length.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

CHUNK = 64
"""Steps of a chunk: the work inside one grows with it, the number of chunks falls."""


def scan_in_order(
    x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The definition, step by step: outputs (B, L, H, P) and the last state (B, H, P, N).

    Args:
        x: inputs (B, L, H, P).
        dt: step sizes (B, L, H), positive.
        a: decay rates (H), negative.
        b: what enters the memory (B, L, N).
        c: what is read from it (B, L, N).
        state: the memory before the first step (B, H, P, N); none is empty.
    """
    state = _empty(x, b) if state is None else state
    outputs = []
    for t in range(x.shape[1]):
        output, state = scan_step(x[:, t], dt[:, t], a, b[:, t], c[:, t], state)
        outputs.append(output)
    return torch.stack(outputs, dim=1), state


def scan_step(
    x: Tensor, dt: Tensor, a: Tensor, b: Tensor, c: Tensor, state: Tensor
) -> tuple[Tensor, Tensor]:
    """One step: outputs (B, H, P) and the next state (B, H, P, N), for streaming.

    `x` (B, H, P), `dt` (B, H), `a` (H), `b` and `c` (B, N), `state` (B, H, P, N).
    """
    decay = (dt * a).exp()[..., None, None]
    state = decay * state + (dt[..., None] * x)[..., None] * b[:, None, None, :]
    return (state * c[:, None, None, :]).sum(dim=-1), state


def scan(
    x: Tensor,
    dt: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    state: Tensor | None = None,
    chunk: int = CHUNK,
) -> tuple[Tensor, Tensor]:
    """What `scan_in_order` computes, chunk by chunk in parallel; memory is linear in L.

    On a GPU where `mamba-ssm` is installed, its kernels do the work.
    """
    if x.is_cuda and (kernel := _kernel()) is not None:
        return _by_kernel(kernel, x, dt, a, b, c, state, chunk)
    length = x.shape[1]
    # A graph holds neither a loop over a length that it does not know nor a shape that divides.
    exporting = torch.compiler.is_exporting()
    cut = _chunks_by_index if exporting else _chunks
    # A step of size 0 neither decays nor adds, so padding leaves the last state alone.
    # Heads stand before chunks: of a product of sizes a graph must know all but the last.
    x = cut(x * dt[..., None], chunk).permute(0, 3, 1, 2, 4)  # (B, H, M, Q, P)
    passed = cut(dt * a, chunk).permute(0, 3, 1, 2).cumsum(dim=-1)  # (B, H, M, Q)
    b, c = cut(b, chunk), cut(c, chunk)  # (B, M, Q, N)

    # Inside a chunk: step t reads what step s wrote, decayed by what passed between them.
    later = torch.ones(chunk, chunk, dtype=torch.bool, device=x.device).triu(1)
    between = (passed[..., :, None] - passed[..., None, :]).masked_fill(later, float("-inf"))
    read = torch.matmul(c, b.transpose(-1, -2))[:, None]  # (B, 1, M, Q, Q)
    outputs = torch.matmul(between.exp() * read, x)  # (B, H, M, Q, P)

    # Between chunks: what each leaves behind, handed on in order.
    remains = (passed[..., -1:] - passed).exp()[..., None]  # (B, H, M, Q, 1)
    left = torch.matmul((x * remains).transpose(-1, -2), b[:, None])  # (B, H, M, P, N)
    state = _empty(x[:, :, 0].transpose(1, 2), b) if state is None else state
    hand_on = _held_at_once if exporting else _held_in_order
    held, state = hand_on(left, passed[..., -1], state)
    old = torch.matmul(c[:, None], held.transpose(-1, -2))  # (B, H, M, Q, P)
    outputs = outputs + old * passed.exp()[..., None]
    outputs = outputs.permute(0, 2, 3, 1, 4).flatten(1, 2)  # (B, M * Q, H, P)
    wanted = torch.arange(length, device=x.device) if exporting else slice(length)
    return outputs[:, wanted], state


def _held_in_order(left: Tensor, logs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """States before each chunk (B, H, M, P, N), and after the last.

    Chunks leave `left` (B, H, M, P, N) behind and let what they found decay by `logs` (B, H, M).
    """
    before = []
    decays = logs.exp()[..., None, None]
    for each, decay in zip(left.unbind(2), decays.unbind(2), strict=True):
        before.append(state)
        state = torch.addcmul(each, decay, state)
    return torch.stack(before, dim=2), state


def _held_at_once(left: Tensor, logs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """What `_held_in_order` computes, by one multiplication that is square in the chunks."""
    passed = logs.cumsum(dim=-1)  # (B, H, M)
    until = passed - logs
    at = torch.arange(left.shape[2], device=left.device)
    # The difference is above 0 only where it is masked; exp of it must not overflow there.
    between = (until[..., :, None] - passed[..., None, :]).clamp(max=0).exp()  # (B, H, M, M)
    between = between * (at[:, None] > at[None, :])
    held = (
        torch.matmul(between, left.flatten(3))
        + until.exp()[..., None] * state.flatten(2)[:, :, None]
    )
    held = held.unflatten(-1, left.shape[3:])  # (B, H, M, P, N)
    return held, held[:, :, -1] * logs[:, :, -1].exp()[..., None, None] + left[:, :, -1]


def _chunks(values: Tensor, chunk: int) -> Tensor:
    """(B, L, ...) → (B, M, chunk, ...), zeros behind the end."""
    short = -values.shape[1] % chunk
    padded = functional.pad(values, (0, 0) * (values.dim() - 2) + (0, short))
    return padded.unflatten(1, (-1, chunk))


def _chunks_by_index(values: Tensor, chunk: int) -> Tensor:
    """The same with a chunk or two more: two at least, since one would be another graph."""
    length = values.shape[1]
    inside = torch.arange(chunk, device=values.device)
    at = torch.arange(length // chunk + 2, device=values.device)[:, None] * chunk + inside
    real = (at < length).to(values.dtype).reshape(at.shape + (1,) * (values.dim() - 2))
    return values[:, at.clamp(max=length - 1)] * real


def _empty(x: Tensor, b: Tensor) -> Tensor:
    """A state (B, H, P, N) of zeros, for `x` (B, ..., H, P) and `b` (B, ..., N)."""
    return x.new_zeros(x.shape[0], x.shape[-2], x.shape[-1], b.shape[-1])


@lru_cache(maxsize=1)
def _kernel() -> Any:
    try:
        from mamba_ssm.ops.triton.ssd_combined import (  # type: ignore[import-not-found]
            mamba_chunk_scan_combined,
        )
    except ImportError:
        return None
    return mamba_chunk_scan_combined


def _by_kernel(
    kernel: Any,
    x: Tensor,
    dt: Tensor,
    a: Tensor,
    b: Tensor,
    c: Tensor,
    state: Tensor | None,
    chunk: int,
) -> tuple[Tensor, Tensor]:
    outputs, last = kernel(
        x.contiguous(),
        dt,
        a,
        b[:, :, None],
        c[:, :, None],
        chunk,
        initial_states=state,
        return_final_states=True,
    )
    return outputs, last
