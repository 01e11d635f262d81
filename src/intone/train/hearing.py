"""What a model sounds like while it learns: samples, pictures, a judge's figures."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from torch import nn

from intone.audio.files import write_audio
from intone.core.files import replacing
from intone.core.protocols import Judge
from intone.core.types import Audio
from intone.train.trackers import Tracker, coloured

if TYPE_CHECKING:
    from intone.core.types import FloatArray

log = logging.getLogger("intone.train")


@dataclass(frozen=True)
class Heard:
    """What a model spoke, by the name of the sentence, and what it was to say.

    `pictures` are maps of numbers (rows, columns), such as mels, by name.
    """

    spoken: Mapping[str, Audio]
    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, FloatArray] = field(default_factory=dict)


class Hear(Protocol):
    """Lets a model speak its validation sentences."""

    def __call__(self, model: nn.Module) -> Heard:
        """The sentences as `model` (in eval mode) speaks them now."""
        ...


def listen(
    model: nn.Module,
    hear: Hear,
    judge: Judge | None,
    *,
    folder: Path,
    trackers: Iterable[Tracker],
    step: int,
) -> dict[str, float]:
    """Let `model` speak, keep what it said in `folder` and `trackers`; the judge's figures.

    Never raises: a model in training may say what no recogniser can bear, and hours of
    learning must not hang on it. What went wrong is logged.
    """
    try:
        heard = hear(model)
        for name, audio in heard.spoken.items():
            write_audio(folder / f"step={step}" / f"{name}.wav", audio)
            for tracker in trackers:
                tracker.sound(step, f"samples/{name}", audio)
        for name, values in heard.pictures.items():
            _write_picture(folder / f"step={step}" / f"{name}.png", values)
            for tracker in trackers:
                tracker.picture(step, f"samples/{name}", values)
        names = [name for name in heard.spoken if name in heard.texts]
        if judge is None or not names:
            return {}
        return judge([heard.spoken[n] for n in names], [heard.texts[n] for n in names])
    except Exception as error:  # see the docstring
        log.warning("no samples at step %d: %s: %s", step, type(error).__name__, error)
        log.debug("the traceback:", exc_info=True)
        return {}


def _write_picture(path: Path, values: FloatArray) -> None:
    from matplotlib.image import imsave

    with replacing(path) as temporary:
        imsave(temporary, coloured(values))
