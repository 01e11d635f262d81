"""Spectrograms and their losses as differentiable modules.

`MelSpectrogram` takes its filterbank as a matrix, so that numpy and torch share one
definition (`intone.audio.mel.filterbank`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class MelSpectrogram(nn.Module):
    """Natural-log mel (B, F, bands) of samples (B, T), F = T // hop, floored at `floor`.

    Args:
        filterbank: (bands, window // 2 + 1) float32.
        window: Hann window and transform length in samples.
        hop: samples from frame to frame.
    """

    filterbank: Tensor
    hann: Tensor

    def __init__(self, filterbank: Tensor, *, window: int, hop: int, floor: float) -> None:
        super().__init__()
        self.window, self.hop, self.floor = window, hop, floor
        self.register_buffer("filterbank", filterbank, persistent=False)
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        frames = samples.shape[-1] // self.hop
        pad = (self.window - self.hop) // 2
        mode = "reflect" if samples.shape[-1] > pad else "constant"
        padded = functional.pad(samples[:, None], (pad, pad), mode=mode)[:, 0]
        spectrum = torch.stft(
            padded,
            self.window,
            self.hop,
            window=self.hann,
            center=False,
            return_complex=True,
        )  # (B, bins, F)
        power = torch.view_as_real(spectrum).square().sum(-1)
        magnitude = torch.sqrt(power + 1e-9)[..., :frames]
        mel = torch.matmul(self.filterbank, magnitude)  # (B, bands, F)
        return mel.clamp(min=self.floor).log().transpose(1, 2)  # (B, F, bands)


class MultiResolutionSpectralLoss(nn.Module):
    """Spectral convergence plus log-magnitude L1, averaged over window sizes.

    Parallel WaveGAN (Yamamoto et al. 2020), equations 4 to 6, on samples (B, T).
    """

    def __init__(self, windows: Sequence[int] = (512, 1024, 2048)) -> None:
        super().__init__()
        self.windows = tuple(windows)
        for size in self.windows:
            self.register_buffer(f"hann_{size}", torch.hann_window(size), persistent=False)

    def _magnitude(self, samples: Tensor, size: int) -> Tensor:
        spectrum = torch.stft(
            samples,
            size,
            size // 4,
            window=getattr(self, f"hann_{size}"),
            return_complex=True,
        )
        return torch.sqrt(torch.view_as_real(spectrum).square().sum(-1) + 1e-7)  # (B, bins, F)

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        total = made.new_zeros(())
        for size in self.windows:
            ours, theirs = self._magnitude(made, size), self._magnitude(real, size)
            convergence = (theirs - ours).norm() / theirs.norm().clamp(min=1e-5)
            total = total + convergence + (ours.log() - theirs.log()).abs().mean()
        return total / len(self.windows)
