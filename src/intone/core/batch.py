"""`Batch`: the padded tensors of some utterances, with their lengths beside them.

Torch is named for the type checker only; nothing here imports it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Utterances, padded with zeros to the longest; a field is None where nobody asked for it.

    Every mask is derived from the lengths by `intone.nn.masks.mask_of`; True means real.
    """

    ids: tuple[str, ...]
    symbols: Tensor  # (B, S) int64
    symbol_lengths: Tensor  # (B,) int64
    speaker: Tensor  # (B,) int64
    mel: Tensor | None = None  # (B, F, C) float32
    frame_lengths: Tensor | None = None  # (B,) int64
    durations: Tensor | None = None  # (B, S) int64, frames of each symbol
    pitch: Tensor | None = None  # (B, F) float32, log Hz normalised per speaker, 0 if unvoiced
    voiced: Tensor | None = None  # (B, F) bool
    pitch_hz: Tensor | None = None  # (B, F) float32, 0 if unvoiced
    energy: Tensor | None = None  # (B, F) float32, normalised per speaker
    samples: Tensor | None = None  # (B, T) float32
    sample_lengths: Tensor | None = None  # (B,) int64
    codes: Tensor | None = None  # (B, F, K) int64
    reference: Tensor | None = None  # (B, F, C) float32, another utterance of the same speaker
    reference_lengths: Tensor | None = None  # (B,) int64
    emotion: Tensor | None = None  # (B, C) float32

    def to(self, device: Any) -> Batch:
        """The same batch with every tensor on `device`."""
        values = {
            f.name: value.to(device, non_blocking=True) if hasattr(value, "to") else value
            for f in fields(self)
            if (value := getattr(self, f.name)) is not None
        }
        return Batch(**values)

    def __len__(self) -> int:
        return len(self.ids)
