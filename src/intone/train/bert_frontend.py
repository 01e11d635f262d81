"""`BERTFrontEnd`: what a text feels like, by a pretrained encoder of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from intone.core.errors import DownloadError, MissingExtra
from intone.core.protocols import Needs
from intone.data.emotions import Emotions
from intone.data.prepared import PreparedCorpus

if TYPE_CHECKING:
    from intone.core.types import FloatArray

DEFAULT = "answerdotai/ModernBERT-base"

_TEXTS_AT_ONCE = 32
_LONGEST = 256


class BERTFrontEnd:
    """Texts → vectors (N, E) of unit deviation, the mean of an encoder's outputs over real pieces.

    Not every encoder has a pooler, so none is used. Raises `MissingExtra` without
    `transformers`, `DownloadError` if the encoder is neither a folder nor to be had.
    """

    def __init__(self, name: str = DEFAULT, device: str = "cpu") -> None:
        try:
            from transformers import AutoModel, AutoTokenizer
        except ImportError:
            raise MissingExtra("transformers", "gpt2", "a text encoder") from None
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name)
            self._model: Any = AutoModel.from_pretrained(name).to(device).eval()
        except (OSError, ValueError) as error:
            raise DownloadError(
                f"the text encoder {name!r} cannot be had ({str(error).splitlines()[0]}); "
                "give a folder that holds one"
            ) from None

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Vectors float32 (N, E) of `texts`, each the same alone and in company."""
        made = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            given = self._tokenizer(
                list(texts[start : start + _TEXTS_AT_ONCE]),
                padding=True,
                truncation=True,
                max_length=_LONGEST,
                return_tensors="pt",
            ).to(self._model.device)
            hidden = self._model(**given).last_hidden_state  # (N, L, E)
            real = given["attention_mask"][..., None].to(hidden.dtype)
            mean = (hidden * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)
            deviation = mean.std(dim=1, keepdim=True).clamp(min=1e-6)
            made.append(((mean - mean.mean(dim=1, keepdim=True)) / deviation).float().cpu().numpy())
        found: FloatArray = np.concatenate(made)
        return found


def emotions_of_texts(corpus: PreparedCorpus, frontend: BERTFrontEnd) -> Emotions:
    """An emotion of its own for each utterance of `corpus`, from its text; none has a name."""
    keys = list(corpus.entries)
    texts = [example.text for example in corpus.load(keys, Needs())]
    return Emotions((), frontend(texts), {key: row for row, key in enumerate(keys)})
