"""Where `gpt2-mel` has latents, symbols and steps in GPT-2's row, and which of them see which."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Places:
    """Latents first, then as many places of symbols as of steps, which come round after `period`.

    A symbol or a step sees `text_window` symbols, a step also `mel_window` steps before it; 0 is
    all of them.
    """

    latents: int
    period: int
    text_window: int
    mel_window: int

    def of_prefix(self, mask: Tensor, shift: int) -> Tensor:
        """The places (B, L + S) of latents, and of symbols with `mask` (B, S), from `shift` on."""
        batch, count = mask.shape
        first = torch.arange(self.latents, device=mask.device)
        text = (torch.arange(count, device=mask.device) + shift) % self.period
        return torch.cat([first, self.latents + text])[None].expand(batch, -1)

    def of_steps(self, first_step: int, count: int, shift: int, like: Tensor) -> Tensor:
        """The places (B, G) of `count` steps, `like` (B, ...)."""
        steps = torch.arange(first_step, first_step + count, device=like.device)
        places = self.latents + self.period + (steps + shift) % self.period
        return places[None].expand(len(like), -1)

    def prefix_sees(self, mask: Tensor) -> Tensor:
        """What latents and symbols see of each other, (B, L + S, L + S), of `mask` (B, S)."""
        batch, count = mask.shape
        at = torch.arange(count, device=mask.device)
        near = at[:, None] >= at[None, :]
        if self.text_window:
            near = near & (at[:, None] - at[None, :] <= self.text_window)
        near = near[None] & mask[:, None, :]  # (B, S, S)
        symbols = functional.pad(near, (self.latents, 0), value=True)  # (B, S, L + S)
        all_latents = torch.ones(
            (batch, self.latents, self.latents), dtype=torch.bool, device=mask.device
        )
        return torch.cat([functional.pad(all_latents, (0, count)), symbols], dim=1)

    def steps_see(
        self, mask: Tensor, pointers: Tensor | None, first_step: int, count: int, steps_seen: int
    ) -> Tensor:
        """What `count` steps from `first_step` on see, (B, G, L + S + steps_seen).

        `pointers` (B, G) are the symbols that they speak; without them all text is seen.
        """
        text = mask[:, None, :].expand(-1, count, -1)
        if self.text_window and pointers is not None:
            at = torch.arange(mask.shape[1], device=mask.device)
            text = text & ((at[None, None] - pointers[..., None]).abs() <= self.text_window)
        text = functional.pad(text, (self.latents, 0), value=True)
        now = first_step + torch.arange(count, device=mask.device)[:, None]
        before = now - torch.arange(steps_seen, device=mask.device)[None]
        earlier = before >= 0
        if self.mel_window:
            earlier = earlier & (before <= self.mel_window)
        return torch.cat([text, earlier[None].expand(len(mask), -1, -1)], dim=-1)
