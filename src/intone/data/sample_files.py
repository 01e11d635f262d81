"""`.pt` samples, as Echolancer's description has them: a dict with `text`, `mel`, `speaker`.

They are read by `torch.load` with `weights_only`, which makes tensors and plain values and
runs no code of the file; what holds anything else is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from intone.core.errors import CorpusError
from intone.core.files import replacing

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray

SUFFIX = ".pt"
MOST_NUMBERS = 20_000_000
"""More than any utterance has. A file of some bytes may claim to hold more."""

_KEYS = ("text", "mel", "speaker", "emotion", "voice")


@dataclass(frozen=True)
class Sample:
    """One utterance: `text` or ids int64 (S), `mel` float32 (F, bands) or codes int64 (G, K).

    `emotion` is a name, a vector (E), or None. `voice` float32 (V), from -1 to 1, is whose it is,
    where the codec keeps that beside the codes.
    """

    text: str | IntArray
    mel: FloatArray | IntArray
    speaker: str
    emotion: str | FloatArray | None = None
    voice: FloatArray | None = None

    @property
    def is_codes(self) -> bool:
        """Whether `mel` holds a codec's codes in place of frames."""
        return bool(np.issubdtype(self.mel.dtype, np.integer))


def is_sample_folder(folder: Path) -> bool:
    """Whether `folder` holds samples."""
    return folder.is_dir() and bool(sample_files(folder))


def sample_files(folder: Path) -> list[Path]:
    """The samples of `folder`, in order."""
    return sorted(p for p in folder.glob(f"*{SUFFIX}") if not p.name.startswith("."))


def read_sample(path: Path) -> Sample:
    """The sample in `path`; `CorpusError` says what is wrong with it. Runs no code of the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever torch makes of a file that is broken or malicious
        raise CorpusError(
            f"it is no file of tensors and plain values ({type(error).__name__}), so it is not "
            "opened; save a dict of those with torch.save"
        ) from None
    if not isinstance(found, Mapping):
        raise CorpusError(f"it holds a {type(found).__name__}, but must be a dict")
    for key in _KEYS[:3]:
        if key not in found:
            raise CorpusError(f"it lacks {key!r}; a sample has text, mel and speaker")
    if unknown := [str(key) for key in found if key not in _KEYS]:
        raise CorpusError(f"it has an unknown key {unknown[0][:40]!r}; leave it out")
    return Sample(
        _text(found["text"]),
        _mel(found["mel"]),
        _speaker(found["speaker"]),
        _emotion(found.get("emotion")),
        _voice(found.get("voice")),
    )


def write_sample(path: Path, sample: Sample) -> None:
    """Write `sample` to `path`, whole or not at all; what is None is left out."""
    holds: dict[str, Any] = {"speaker": sample.speaker}
    for name in ("text", "mel", "emotion", "voice"):
        value = getattr(sample, name)
        if value is not None:
            if name == "mel" and sample.is_codes and value.shape[1] == 1:
                value = value[:, 0]
            # A copy, since arrays of a shard may not be written to.
            holds[name] = value if isinstance(value, str) else torch.from_numpy(value.copy())
    with replacing(path) as temporary:
        torch.save(holds, temporary)


def _numbers(value: Any, name: str) -> Tensor:
    if not isinstance(value, Tensor):
        raise CorpusError(f"{name} is a {type(value).__name__}, but must be a tensor")
    if value.layout != torch.strided or value.numel() > MOST_NUMBERS or value.is_complex():
        raise CorpusError(f"{name} is no tensor of an utterance's size; save plain numbers")
    return value.detach()


def _text(value: Any) -> str | IntArray:
    if isinstance(value, str):
        return value
    ids = _numbers(value, "text")
    if ids.ndim != 1 or ids.is_floating_point() or not len(ids) or int(ids.min()) < 0:
        raise CorpusError("text must be a string, or token ids: whole numbers from 0, one axis")
    made: IntArray = ids.to(torch.int64).numpy()
    return made


def _mel(value: Any) -> FloatArray | IntArray:
    mel = _numbers(value, "mel")
    whole = not mel.is_floating_point() and mel.dtype != torch.bool
    if mel.ndim in (1, 2) and mel.numel() and whole and int(mel.min()) >= 0:
        codes: IntArray = mel.to(torch.int64).reshape(len(mel), -1).numpy()
        return codes
    if mel.ndim != 2 or not mel.numel() or not mel.is_floating_point():
        raise CorpusError(
            "mel must be frames (F, bands), or a codec's codes: whole numbers (G) or (G, K)"
        )
    if not bool(torch.isfinite(mel).all()):
        raise CorpusError("mel holds numbers that are not finite")
    frames: FloatArray = mel.to(torch.float32).numpy()
    return frames


def _speaker(value: Any) -> str:
    if isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex():
        value = value.item()
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise CorpusError("speaker must be a whole number or a name")


def _voice(value: Any) -> FloatArray | None:
    if value is None:
        return None
    voice = _numbers(value, "voice")
    # Written so that what is no number fits no better than what is too large.
    if voice.ndim != 1 or not bool((voice.float().abs() <= 1).all()):
        raise CorpusError("voice must be a vector of numbers from -1 to 1")
    made: FloatArray = voice.to(torch.float32).numpy()
    return made


def _emotion(value: Any) -> str | FloatArray | None:
    if value is None or isinstance(value, str):
        return value
    vector = _numbers(value, "emotion")
    if vector.ndim != 1 or not len(vector) or not bool(torch.isfinite(vector.float()).all()):
        raise CorpusError("emotion must be a vector of finite numbers, or a name")
    made: FloatArray = np.asarray(vector.to(torch.float32).numpy())
    return made
