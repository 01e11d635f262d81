"""`HarmonicNoise`: a filtered pulse train plus noise plus what only a free phase can say.

The harmonic-plus-noise model of neural source-filter vocoders (Wang, Takaki and Yamagishi 2019,
section II) on short-time spectra: the phase of every harmonic follows in closed form from the
pitch, and a network only says how each bin is filtered.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from intone.nn.harmonics import ShortTimeSpectrum, phases, pulses
from intone.nn.istft import InverseSTFT

_NOISE_FRAMES = 251
_QUIET = -4.0
"""What the free branch starts with, natural logarithm: the source speaks first."""


class HarmonicNoise(nn.Module):
    """What a network says of each frame, (B, F, said), and a pitch → samples (B, F * hop).

    Has nothing to learn. `reach` is how many frames on either side change a frame's samples.

    Args:
        window: of the spectra, samples, a multiple of `hop`.
        hop: samples from frame to frame.
        sample_rate: of the sound, Hz.
    """

    noise: Tensor

    def __init__(self, *, window: int, hop: int, sample_rate: int) -> None:
        super().__init__()
        self.hop, self.sample_rate = hop, sample_rate
        self.bins = window // 2 + 1
        self.said = 5 * self.bins
        self.reach = window // hop
        self.inverse = InverseSTFT(window=window, hop=hop)
        self.analysis = ShortTimeSpectrum(self.inverse.fourier, hop=hop)
        # A table and not a generator: every run and every engine makes the same sound.
        chance = torch.Generator().manual_seed(0)
        noise = torch.randn(_NOISE_FRAMES, 2 * self.bins, generator=chance).half().float()
        self.register_buffer("noise", noise * math.sqrt(window * 3 / 16), persistent=False)

    @torch.no_grad()
    def begin(self, bias: Tensor) -> None:
        """Let the source speak first: sets the `bias` (said) of the layer that says it."""
        bias[: self.bins] = _QUIET  # of the free branch
        bias[2 * self.bins : 4 * self.bins] = _QUIET  # gain of pulses and of noise

    def phases(self, pitch_hz: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Turns done at each frame's start, and turns a sample there and at its end, (B, F)."""
        return phases(pitch_hz, sample_rate=self.sample_rate, hop=self.hop)

    def phases_from(
        self, pitch_hz: Tensor, anchor: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `phases`, of a piece of a sound: at the frame `anchor` (1,), `turns` (1,) are done."""
        turned, first, last = self.phases(pitch_hz)
        return torch.remainder(turned - turned[:, anchor] + turns, 1.0), first, last

    def noise_at(self, first_frame: int | Tensor, frames: int) -> Tensor:
        """The noise of `frames` frames from `first_frame` of a text on, (1, F, 2 bins)."""
        at = torch.arange(frames, device=self.noise.device) + first_frame
        return self.noise.index_select(0, torch.remainder(at, _NOISE_FRAMES))[None]

    def noise_for(self, rows: int, frames: int) -> Tensor:
        """The noise of `rows` sounds, (B, F, 2 bins); in training, from anywhere.

        The free branch must not learn the first frames of the table by heart.
        """
        if not self.training:
            return self.noise_at(0, frames)
        starts = torch.randint(_NOISE_FRAMES, (rows,)).tolist()
        return torch.cat([self.noise_at(start, frames) for start in starts])

    def forward(
        self, said: Tensor, turns: Tensor, first: Tensor, last: Tensor, noise: Tensor
    ) -> Tensor:
        """Samples (B, F * hop) of `said`, `phases`' three, and noise (B, F, 2 bins)."""
        train = pulses(turns, first, last, hop=self.hop)
        source_re, source_im = self.analysis(train)  # (B, F, bins) each
        noise_re, noise_im = noise.chunk(2, dim=-1)
        free, free_phase, pulse, hiss, pulse_phase = said.chunk(5, dim=-1)
        # A runaway magnitude early in training would drown every gradient.
        free, pulse, hiss = (part.clamp(max=7.0).exp() for part in (free, pulse, hiss))
        cos, sin = torch.cos(pulse_phase) * pulse, torch.sin(pulse_phase) * pulse
        real = free * torch.cos(free_phase) + cos * source_re - sin * source_im + hiss * noise_re
        imag = free * torch.sin(free_phase) + cos * source_im + sin * source_re + hiss * noise_im
        samples: Tensor = self.inverse(real, imag)
        return samples
