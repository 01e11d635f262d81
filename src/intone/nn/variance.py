"""Predictors of one number a symbol: duration, pitch, energy."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class VariancePredictor(nn.Module):
    """Two convolutions with norms and a linear: (B, S, C) → (B, S), zero on padding.

    FastSpeech 2 (Ren et al. 2021), figure 1(c).
    """

    def __init__(self, channels: int, *, hidden: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(channels, hidden, kernel, padding=kernel // 2)
        self.norm_first = nn.LayerNorm(hidden)
        self.second = nn.Conv1d(hidden, hidden, kernel, padding=kernel // 2)
        self.norm_second = nn.LayerNorm(hidden)
        self.out = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`inputs` (B, S, C), `mask` (B, S) → (B, S)."""
        real = mask[..., None].to(inputs.dtype)  # (B, S, 1)
        hidden = inputs * real
        for layer, norm in (
            (self.first, self.norm_first),
            (self.second, self.norm_second),
        ):
            hidden = functional.relu(layer(hidden.transpose(1, 2))).transpose(1, 2)
            hidden = self.dropout(norm(hidden)) * real
        out: Tensor = self.out(hidden)[..., 0] * mask.to(inputs.dtype)
        return out


def with_prosody(
    embed_pitch: nn.Conv1d,
    embed_energy: nn.Conv1d,
    hidden: Tensor,
    pitch: Tensor,
    energy: Tensor,
    mask: Tensor,
) -> Tensor:
    """`hidden` (B, S, C) with the embedded `pitch` and `energy`, each (B, S), 0 on padding."""
    added = embed_pitch(pitch[:, None]) + embed_energy(energy[:, None])  # (B, C, S)
    together: Tensor = (hidden + added.transpose(1, 2)) * mask[..., None].to(hidden.dtype)
    return together


def in_deviations(factor: Tensor, deviation: Tensor, speaker: Tensor) -> Tensor:
    """How far a `factor` (B,) of pitch or energy moves its predictions, (B, 1).

    Those are logarithms in units of each speaker's `deviation` (speakers,).
    """
    return (factor.log() / deviation[speaker])[:, None]
