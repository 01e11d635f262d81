"""A small network that reads something off every mel frame and its neighbours."""

from __future__ import annotations

from torch import Tensor, nn

from intone.nn.convnext import convnext_blocks
from intone.nn.over_frames import over_frames


class FrameReader(nn.Module):
    """Mel frames (B, F, bands) → scores of what each may be (B, F, outputs).

    `reach` is how many frames on either side can change a score.

    Args:
        bands: of the mel.
        channels: width of the network.
        outputs: things to choose among.
        layers: ConvNeXt blocks.
        kernel: width of each convolution over frames, odd.
    """

    def __init__(
        self, bands: int, channels: int, outputs: int, *, layers: int = 4, kernel: int = 7
    ) -> None:
        super().__init__()
        self.reach = (kernel // 2) * (layers + 1)
        self.embed = nn.Conv1d(bands, channels, kernel, padding="same")
        self.norm_in = nn.LayerNorm(channels, eps=1e-6)
        self.blocks = convnext_blocks(channels, hidden=2 * channels, kernel=kernel, layers=layers)
        self.norm_out = nn.LayerNorm(channels, eps=1e-6)
        self.scores = nn.Linear(channels, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        hidden = self.norm_in(over_frames(self.embed, frames)).transpose(1, 2)  # (B, C, F)
        for block in self.blocks:
            hidden = block(hidden)
        scores: Tensor = self.scores(self.norm_out(hidden.transpose(1, 2)))
        return scores
