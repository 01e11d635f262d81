"""A convolution over frames as one matrix."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def over_frames(convolution: nn.Conv1d, frames: Tensor) -> Tensor:
    """What `convolution`, of an odd width, makes of frames (B, F, C): (B, F, channels).

    As a matrix, each frame is summed in the same order however many there are. A runtime that
    sums the frames of a piece otherwise than those of the whole makes them differ in the sixth
    digit, and what is rounded behind that, such as a pitch, may then fall another way.
    """
    width, count = convolution.kernel_size[0], frames.shape[1]
    padded = functional.pad(frames, (0, 0, width // 2, width // 2))
    windows = torch.cat([padded[:, at : at + count] for at in range(width)], dim=-1)
    matrix = convolution.weight.permute(2, 1, 0).flatten(0, 1)  # (width * C, channels)
    assert convolution.bias is not None
    return torch.matmul(windows, matrix) + convolution.bias
