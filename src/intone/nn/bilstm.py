"""LSTMs that read a sequence from either end, and their step."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.nn.masks import mask_of


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
