"""When refining can stop: what share of the tokens at hand is right."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class AdaptiveGenerationController(nn.Module):
    """Foretells which share of the tokens at hand is right, so that refining can stop.

    It listens to the model without disturbing it: nothing flows back.
    """

    def __init__(self, channels: int, *, hidden: int) -> None:
        super().__init__()
        self.text = nn.Linear(channels, hidden)
        self.audio = nn.Linear(channels, hidden)
        self.told = nn.Linear(2, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, text: Tensor, audio: Tensor, sure: Tensor, open_share: Tensor) -> Tensor:
        """Logits (B,) of text and audio contexts (B, C), mean probability (B,), open share (B,)."""
        told = self.told(torch.stack([sure, open_share], dim=-1).detach())
        hidden = functional.relu(self.text(text.detach()) + self.audio(audio.detach()) + told)
        logits: Tensor = self.out(hidden)[..., 0]
        return logits
