"""Reading the pitch off mel frames, as a choice among many."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from intone.nn.frame_reader import FrameReader

LOWEST_HZ, HIGHEST_HZ = 50.0, 700.0
_STEPS_A_HZ = 8


class PitchScale(nn.Module):
    """What scores of `bins` pitches (B, F, bins), evenly spaced in log Hz, say and should say."""

    log_hz: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        log_hz = torch.linspace(math.log(LOWEST_HZ), math.log(HIGHEST_HZ), bins)
        self.register_buffer("log_hz", log_hz, persistent=False)

    def hz(self, scores: Tensor) -> Tensor:
        """The pitch of each frame, (B, F), in eighths of a Hz: the mean about the best bin."""
        chances = scores.softmax(-1)
        best = chances.argmax(-1, keepdim=True)
        bins = torch.arange(scores.shape[-1], device=scores.device)
        chances = chances * ((bins - best).abs() <= 3)
        hz = torch.exp((chances * self.log_hz).sum(-1) / chances.sum(-1))
        # On a grid: errors of the seventh digit, which differ from engine to engine and from
        # piece to piece, would add up in the phase of high harmonics.
        return torch.round(hz * _STEPS_A_HZ) / _STEPS_A_HZ

    def loss(self, scores: Tensor, pitch_hz: Tensor) -> Tensor:
        """Cross-entropy against a bell of one bin's width at the measured pitch, (B, F) in Hz.

        Frames without a pitch (0 Hz) do not count.
        """
        voiced = (pitch_hz > 0).to(scores.dtype)
        width = self.log_hz[1] - self.log_hz[0]
        far = (self.log_hz - pitch_hz.clamp(min=1.0).log()[..., None]) / width  # (B, F, bins)
        bell = torch.softmax(-0.5 * far.square(), dim=-1)
        each = -(bell * scores.log_softmax(-1)).sum(-1)
        return (each * voiced).sum() / voiced.sum().clamp(min=1)


class PitchReader(nn.Module):
    """Mel frames (B, F, bands) → scores of pitches (B, F, bins), voiced or not; see its `scale`.

    Args:
        bands: of the mel.
        channels: width of the network.
        layers: ConvNeXt blocks.
        kernel: width of each convolution over frames, odd.
        bins: pitches told apart.
    """

    def __init__(
        self, bands: int, channels: int, *, layers: int = 4, kernel: int = 7, bins: int = 160
    ) -> None:
        super().__init__()
        self.reader = FrameReader(bands, channels, bins, layers=layers, kernel=kernel)
        self.scale = PitchScale(bins)
        self.reach = self.reader.reach

    def forward(self, frames: Tensor) -> Tensor:
        scores: Tensor = self.reader(frames)
        return scores
