"""What `kokoro-lstm` is made of: LSTMs from either end, and attention in a moving window."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of

NOTHING = -1e4
"""Added to the score of what must not be seen; finite, so that half precision bears it."""


class WindowAttention(nn.Module):
    """Multi-head attention of steps (B, G, Q) over symbols (B, S, C) in a moving window.

    A symbol's score is the product of query and key, and a learned number for how far it
    stands from the spoken one: the location of Chorowski et al. (2015), section 2.2, with the
    place given instead of remembered. What lies further than `window` is never seen.
    """

    def __init__(self, queries: int, channels: int, *, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.query = nn.Linear(queries, channels)
        self.key_value = nn.Linear(channels, 2 * channels)
        self.out = nn.Linear(channels, channels)
        # At first a step looks at the spoken symbol, and little at its neighbours.
        far = torch.arange(-window, window + 1).abs().float()
        self.place = nn.Parameter(-far[None].repeat(heads, 1))  # (heads, W)

    def _split(self, values: Tensor) -> Tensor:
        """(B, N, C) → (B, heads, N, C / heads)."""
        return values.reshape(*values.shape[:2], self.heads, -1).transpose(1, 2)

    def kept(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each (B, S, C), of `memory` (B, S, C)."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return keys, values

    def forward(self, asked: Tensor, memory: Tensor, mask: Tensor, pointers: Tensor) -> Tensor:
        """Answers (B, G, C) to `asked` (B, G, Q), whose steps speak symbols `pointers` (B, G).

        `memory` is (B, S, C), `mask` (B, S) True where real.
        """
        keys, values = self.kept(memory)
        last = mask.sum(dim=1, keepdim=True) - 1
        pointers = torch.minimum(pointers, last)  # steps behind the end look at the last symbol
        at = torch.arange(mask.shape[1], device=mask.device)
        away = at[None, None] - pointers[..., None]  # (B, G, S)
        seen = (away.abs() <= self.window) & mask[:, None]
        places = self.place[:, (away + self.window).clamp(0, 2 * self.window)]  # (heads, B, G, S)
        bias = places.transpose(0, 1).masked_fill(~seen[:, None], NOTHING)  # (B, heads, G, S)
        found = functional.scaled_dot_product_attention(
            self._split(self.query(asked)), self._split(keys), self._split(values), attn_mask=bias
        )
        answers: Tensor = self.out(found.transpose(1, 2).reshape(*asked.shape[:2], -1))
        return answers

    def window_at(
        self, keys: Tensor, values: Tensor, mask: Tensor, pointer: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values (B, W, C) around symbols `pointer` (B,), and holes (B, W).

        A hole is `NOTHING` where the window reaches beyond the text, else 0.
        """
        last = mask.sum(dim=1) - 1
        reach = torch.arange(-self.window, self.window + 1, device=mask.device)
        at = torch.minimum(pointer, last)[:, None] + reach[None]  # (B, W)
        empty = (at < 0) | (at > last[:, None])
        at = at.clamp(0, mask.shape[1] - 1)[..., None].expand(-1, -1, keys.shape[2])
        hole = empty.to(keys.dtype) * NOTHING
        return keys.gather(1, at), values.gather(1, at), hole

    def look(
        self, asked: Tensor, keys: Tensor, values: Tensor, hole: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step: the answer (B, C) to `asked` (B, Q), and where it looked (B, W).

        `keys`, `values` (B, W, C) and `hole` (B, W) are what `window_at` gives.
        """
        query = self._split(self.query(asked)[:, None])  # (B, heads, 1, C / heads)
        scores = (query * self._split(keys)).sum(dim=-1) / query.shape[-1] ** 0.5
        weights = (scores + self.place[None] + hole[:, None]).softmax(dim=-1)  # (B, heads, W)
        found = (weights[..., None] * self._split(values)).sum(dim=2)  # (B, heads, C / heads)
        answer: Tensor = self.out(found.reshape(len(asked), -1))
        return answer, weights.mean(dim=1)


class BiLSTM(nn.Module):
    """LSTMs that read (B, S, C) from either end, half of the channels each."""

    def __init__(self, channels: int, *, layers: int, dropout: float) -> None:
        super().__init__()

        def readers() -> nn.ModuleList:
            return nn.ModuleList(
                nn.LSTM(channels, channels // 2, batch_first=True) for _ in range(layers)
            )

        self.forwards, self.backwards = readers(), readers()
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """`inputs` (B, S, C) of `lengths` (B,) → (B, S, C), zeros behind the end."""
        count = inputs.shape[1]
        at = torch.arange(count, device=inputs.device)[None]
        # Each row is turned around by itself, so that no reader meets its padding first.
        turned = torch.where(at < lengths[:, None], lengths[:, None] - 1 - at, at)[..., None]
        real = mask_of(lengths, count)[..., None].to(inputs.dtype)
        for ahead, back in zip(self.forwards, self.backwards, strict=True):
            assert isinstance(ahead, nn.LSTM) and isinstance(back, nn.LSTM)
            there = outputs_of(ahead, inputs)
            again = outputs_of(back, inputs.gather(1, turned.expand(-1, -1, inputs.shape[2])))
            again = again.gather(1, turned.expand(-1, -1, again.shape[2]))
            inputs = self.dropout(torch.cat([there, again], dim=-1)) * real  # (B, S, C)
        return inputs


def outputs_of(lstm: nn.LSTM, inputs: Tensor) -> Tensor:
    """What a one-layer `lstm` gives at each of `inputs` (B, S, C): (B, S, its width)."""
    if not torch.compiler.is_exporting():
        outputs: Tensor = lstm(inputs)[0]
        return outputs
    # Traced, an LSTM is fixed to one length; as ONNX's own operator it takes any.
    batch, count = inputs.shape[:2]
    inward, across, *biases = (_in_onnx_order(values) for values in _weights(lstm))
    found = torch.onnx.ops.symbolic(
        "LSTM",
        [inputs.transpose(0, 1), inward[None], across[None], torch.cat(biases)[None]],
        {"hidden_size": lstm.hidden_size},
        dtype=inputs.dtype,
        shape=(count, 1, batch, lstm.hidden_size),
        version=14,
    )
    return found[:, 0].transpose(0, 1)


def _weights(lstm: nn.LSTM) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Weights of inputs and of outputs, and their biases, of a one-layer `lstm`."""
    inward, across, bias_inward, bias_across = lstm.all_weights[0]
    return inward, across, bias_inward, bias_across


def _in_onnx_order(weights: Tensor) -> Tensor:
    """Weights of gates in, forget, cell, out (4C, ...) as ONNX has them: in, out, forget, cell."""
    takes, keeps, new, gives = weights.chunk(4, dim=0)
    return torch.cat([takes, gives, keeps, new])


def one_step(lstm: nn.LSTM, inputs: Tensor, output: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """The output and cell (B, C) of a one-layer `lstm` after `inputs`, given those before."""
    inward, across, bias_inward, bias_across = _weights(lstm)
    gates = functional.linear(inputs, inward, bias_inward)
    gates = gates + functional.linear(output, across, bias_across)
    takes, keeps, new, gives = gates.chunk(4, dim=-1)
    cell = keeps.sigmoid() * cell + takes.sigmoid() * new.tanh()
    return gives.sigmoid() * cell.tanh(), cell
