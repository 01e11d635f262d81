"""Published recognisers through `transformers`: Whisper, and any that was trained with CTC.

By name where the hub can be reached, or from a local folder in the same layout. Neither has
seen the other's mistakes, so a figure on which they agree is not one recogniser's whim.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.resampling import resample
from intone.core.errors import DownloadError, MissingExtra
from intone.core.types import Audio
from intone.evaluate.spoken_form import spoken_form

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_WINDOW_SECONDS = 30
_SEARCH_SECONDS = 8
_SHORTEST_SECONDS = 0.1


class HubCTC:
    """A model that `AutoModelForCTC` opens (wav2vec 2.0, HuBERT, ...), read by the best path.

    `name` is a name on the hub or a folder. Raises `MissingExtra` without the libraries and
    `DownloadError` if the model cannot be had.
    """

    def __init__(self, name: str, language: str = "en") -> None:
        self.name, self.language = name, language
        parts = _parts(name, "AutoModelForCTC")
        self._model, self._features, self._tokenizer = parts

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say, figures in words; empty if none."""
        import torch

        samples = resample(audio.samples, audio.sample_rate, self._features.sampling_rate)
        shortest = int(_SHORTEST_SECONDS * self._features.sampling_rate)
        samples = np.pad(samples, (0, max(0, shortest - len(samples))))
        inputs = _inputs(self._features, samples)
        with torch.inference_mode():
            best = self._model(**inputs).logits[0].argmax(-1)
        return _in_words(self._tokenizer.decode(best, skip_special_tokens=True), self.language)

    def as_heard(self, text: str) -> str:
        """`text` with its figures in words."""
        return _in_words(text, self.language)


class HubWhisper:
    """Whisper (Radford et al. 2022), in windows of 30 seconds cut where it is quiet.

    `name` is a name on the hub or a folder. A model of many languages is told `language`.
    Raises `MissingExtra` without the libraries and `DownloadError` if it cannot be had.
    """

    def __init__(self, name: str, language: str = "en") -> None:
        self.name, self.language = name, language
        parts = _parts(name, "WhisperForConditionalGeneration")
        self._model, self._features, self._tokenizer = parts
        self._manner: dict[str, Any] = {}
        if getattr(self._model.generation_config, "is_multilingual", False):
            self._manner = {"language": language.split("-")[0], "task": "transcribe"}

    def hear(self, audio: Audio) -> str:
        """The words that `audio` seems to say, figures in words; empty if none."""
        import torch

        rate = self._features.sampling_rate
        heard = []
        for piece in windows(resample(audio.samples, audio.sample_rate, rate), rate):
            inputs = _inputs(self._features, piece)
            with torch.inference_mode():
                tokens = self._model.generate(**inputs, **self._manner)
            heard.append(self._tokenizer.decode(tokens[0], skip_special_tokens=True).strip())
        return _in_words(" ".join(filter(None, heard)), self.language)

    def as_heard(self, text: str) -> str:
        """`text` with its figures in words."""
        return _in_words(text, self.language)


def windows(samples: FloatArray, sample_rate: int) -> Iterator[FloatArray]:
    """Samples (T) in pieces of at most 30 seconds, cut at the quietest moment near the end."""
    longest, search = _WINDOW_SECONDS * sample_rate, _SEARCH_SECONDS * sample_rate
    step = sample_rate // 20
    while len(samples) > longest:
        tail = samples[longest - search : longest]
        loudness = np.square(tail[: len(tail) // step * step]).reshape(-1, step).sum(1)
        cut = longest - search + step * int(loudness.argmin()) + step // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _in_words(text: str, language: str) -> str:
    # Whether ё is written is a habit, and its vowel is no mistake of the voice.
    return spoken_form(text, language).replace("ё", "е").replace("Ё", "Е")


def _inputs(features: Any, samples: FloatArray) -> Any:
    return features(samples, sampling_rate=features.sampling_rate, return_tensors="pt")


def _parts(name: str, kind: str) -> tuple[Any, Any, Any]:
    """The model of class `kind`, its feature extractor and its tokenizer."""
    try:
        import torch  # noqa: F401
        import transformers
    except ImportError as error:
        raise MissingExtra(error.name or "transformers", "hub", "a published recogniser") from None
    try:
        model = getattr(transformers, kind).from_pretrained(name).eval()
        features = transformers.AutoFeatureExtractor.from_pretrained(name)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    # The library raises OSError for a name or folder, but also its own for a broken file.
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise DownloadError(
            f"the recogniser {name!r} cannot be had ({first}); give a folder that holds "
            "config.json, preprocessor_config.json, model.safetensors and the tokenizer's files"
        ) from None
    return model, features, tokenizer
