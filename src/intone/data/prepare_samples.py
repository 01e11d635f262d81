"""`.pt` samples → shards of features, without sound: their mels are taken as they are.

What is measured from sound is missing from such a corpus, and `PreparedCorpus` refuses models
that learn from it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.audio.energy import energy
from intone.core.errors import CorpusError, FormatError, TextError
from intone.core.types import MEL_22K, FrameFormat
from intone.data.emotions import Emotions, by_name, write_emotions
from intone.data.index import write_index
from intone.data.prepare import PrepareReport, locked, report_of, write_set_aside
from intone.data.sample_files import Sample, read_sample, sample_files
from intone.data.schema import UTTERANCES_IN_SHARD, VERSION
from intone.data.shards import fingerprints, next_number, shard_path, write_shard

if TYPE_CHECKING:
    from intone.core.types import FloatArray, IntArray
    from intone.text.frontend import Frontend

Decode = Callable[["IntArray", "FloatArray | None"], "FloatArray"]
"""A codec's codes (G, K), and whose voice (V) they are → mel frames (G * stride, bands)."""


def texts_of(folder: Path) -> list[str]:
    """What the samples of `folder` say, token ids as numbers; broken ones are left out."""
    texts = []
    for path in sample_files(folder):
        try:
            texts.append(_written(read_sample(path)))
        except CorpusError:
            continue
    return texts


def prepare_samples(
    folder: Path,
    out: Path,
    frontend: Frontend,
    format: FrameFormat = MEL_22K,
    *,
    decode: Decode | None = None,
    codec: str = "",
) -> PrepareReport:
    """Prepare the samples of `folder` in the folder `out`, a second time only what has changed.

    Samples whose mel is codes are decoded by `decode`, which is of the codec whose fingerprint
    is `codec`. Those that cannot be used are listed in `set_aside.jsonl`. Raises `CorpusError`
    if none can be used, or if another process prepares the folder.
    """
    began = time.perf_counter()
    state = frontend.state()
    described = json.dumps([asdict(format), state, codec, "samples", VERSION], sort_keys=True)
    paths = sample_files(folder)
    prints = {path.stem: _fingerprint(path, described) for path in paths}
    aside: dict[str, str] = {}
    with locked(out):
        present = {key for key, found in fingerprints(out) if prints.get(key) == found}
        missing = [path for path in paths if path.stem not in present]

        def rows(some: Sequence[Path]) -> Iterator[dict[str, Any]]:
            for path in some:
                try:
                    row = _row(path.stem, read_sample(path), frontend, format, decode)
                except (CorpusError, TextError, FormatError) as error:
                    aside[path.stem] = str(error)
                else:
                    yield {**row, "fingerprint": prints[path.stem]}

        first = next_number(out)
        for number, start in enumerate(range(0, len(missing), UTTERANCES_IN_SHARD), first):
            write_shard(shard_path(out, number), rows(missing[start : start + UTTERANCES_IN_SHARD]))
        size = write_index(
            out, prints, frontend_state=state, format=format, described=described, sound=False
        )
        write_set_aside(out, aside)
    if size.utterances == 0:
        found = next((f" (first: {k}: {r})" for k, r in sorted(aside.items())), "")
        raise CorpusError(f"no sample of {folder} can be used{found}")
    if felt := _emotions(path for path in paths if path.stem not in aside):
        write_emotions(out, felt)
    return report_of(size, len(present), aside, began)


def codes_of(
    folder: Path, ids: Mapping[str, Any]
) -> tuple[dict[str, IntArray], dict[str, FloatArray]]:
    """The codes (G, K) of those samples of `folder` that are among `ids` and hold codes.

    And whose voices (V) these are, of those that say it.
    """
    found, voices = {}, {}
    for path in sample_files(folder):
        if path.stem in ids and (sample := read_sample(path)).is_codes:
            found[path.stem] = np.asarray(sample.mel, dtype=np.int64)
            if sample.voice is not None:
                voices[path.stem] = sample.voice
    return found, voices


def _row(
    key: str, sample: Sample, frontend: Frontend, format: FrameFormat, decode: Decode | None
) -> dict[str, Any]:
    text = _written(sample)
    symbols = frontend.symbols(text)
    mel = sample.mel
    if sample.is_codes:
        if decode is None:
            raise CorpusError("its mel is a codec's codes; say of which codec: --codec RUN")
        mel = decode(np.asarray(mel, dtype=np.int64), sample.voice)
    if mel.shape[1] != format.bands:
        raise CorpusError(f"its mel has {mel.shape[1]} bands, but must have {format.bands}")
    lasting = int((~frontend.inventory.optional_mask()[symbols.ids]).sum())
    if len(mel) < lasting:
        raise CorpusError(f"its {len(mel)} frames are too few for {lasting} symbols")
    mel = np.maximum(mel, np.log(format.floor)).astype(np.float32)
    loudness = energy(mel)  # (F,)
    return {
        "id": key,
        "speaker": sample.speaker,
        "language": frontend.language,
        "text": text,
        "symbols": symbols.ids.astype(np.int32),
        "words": [{"text": w.text, "start": w.start, "end": w.end} for w in symbols.words],
        "frames": len(mel),
        "mel": mel.reshape(-1),
        "pitch_hz": np.zeros(0, dtype=np.float32),
        "energy": loudness,
        "samples": np.zeros(0, dtype=np.int16),
        "phones": [],
        "start_seconds": 0.0,
        "voiced_frames": 0,
        "pitch_sum": 0.0,
        "pitch_squares": 0.0,
        "energy_sum": float(loudness.sum(dtype=np.float64)),
        "energy_squares": float(np.square(loudness, dtype=np.float64).sum()),
    }


def _written(sample: Sample) -> str:
    """The text, or token ids as numbers."""
    if isinstance(sample.text, str):
        return sample.text
    return " ".join(map(str, sample.text.tolist()))


def _fingerprint(path: Path, described: str) -> str:
    """A name for the row's contents, which changes with the file and with how it is read."""
    stat = path.stat()
    parts = (path.stem, str(stat.st_size), str(stat.st_mtime_ns), described)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _emotions(paths: Iterator[Path]) -> Emotions | None:
    """The emotions of samples, names or vectors of one size; None where none has any.

    Raises `CorpusError` if some are names and others vectors, or vectors differ in size.
    """
    found = {path.stem: read_sample(path).emotion for path in paths}
    felt = {key: value for key, value in found.items() if value is not None}
    names = {key: value for key, value in felt.items() if isinstance(value, str)}
    vectors = {key: value for key, value in felt.items() if not isinstance(value, str)}
    if names and vectors:
        raise CorpusError(
            f"{min(names)} has an emotion's name and {min(vectors)} a vector; give one kind"
        )
    if names:
        return by_name(names)
    if not vectors:
        return None
    if len({len(vector) for vector in vectors.values()}) > 1:
        raise CorpusError("the samples' emotions are vectors of several sizes; give one size")
    rows = {key: number for number, key in enumerate(vectors)}
    return Emotions((), np.stack(list(vectors.values())), rows)
