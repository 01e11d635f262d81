"""What a sound with a source carries from piece to piece of a passage: how far it has turned.

The graph of such a vocoder or codec takes, beside a piece's frames, the `number` of the first of
them, and the `turns` done at the frame `anchor`; it gives what was `turned` at each. No torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intone.core.types import FloatArray

TURNING_INPUTS = ("number", "anchor", "turns")
TURNING_OUTPUTS = ("turned",)


class Turning:
    """The turns of one passage, whose pieces are rendered in order and overlap.

    `reach` is how many frames on either side decide the pitch of one.
    """

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._turned: FloatArray = np.zeros(1, dtype=np.float32)
        self._known_from = 0

    def given(self, first: int, count: int) -> dict[str, NDArray[np.generic]]:
        """What the graph is told beside `count` frames, of which the first is number `first`."""
        # Before that, the pitch is read without all the frames that decide it.
        anchor = 0 if first == 0 else min(self._reach, count - 1)
        return {
            "number": np.array([first], dtype=np.int64),
            "anchor": np.array([anchor], dtype=np.int64),
            "turns": self._turned[[first + anchor - self._known_from]],
        }

    def keep(self, turned: FloatArray, first: int) -> None:
        """Remember what a piece from frame `first` on had turned at each frame, (F,)."""
        self._turned, self._known_from = turned, first
