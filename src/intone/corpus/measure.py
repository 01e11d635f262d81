"""`measure`: what a check wants to know of one recording."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.files import read_audio
from intone.audio.loudness import frame_levels_dbfs, peak_dbfs, rms_dbfs
from intone.audio.trim import speech_span
from intone.core.errors import AudioError
from intone.core.types import Utterance

if TYPE_CHECKING:
    from intone.core.types import FloatArray

_CLIP_RUN_SAMPLES = 3
_CLIP_LEVEL = 0.98
_CHUNK = 32
_WORTH_PROCESSES = 200
"""Fewer recordings are measured sooner than other processes are started."""


@dataclass(frozen=True)
class Measured:
    """One recording in figures; with a `problem` where it could not be read."""

    seconds: float = 0.0
    sample_rate: int = 0
    rms: float = 0.0
    peak: float = 0.0
    noise_distance_db: float = 0.0
    """From the quiet frames up to the loud ones: an estimate of signal over noise."""
    clipped_share: float = 0.0
    speech_start: float = 0.0
    speech_end: float = 0.0
    sound_hash: str = ""
    problem: str = ""

    @property
    def speech_seconds(self) -> float:
        """Length without the silence at both ends."""
        return self.speech_end - self.speech_start


def measure(utterance: Utterance) -> Measured:
    """The figures of an utterance's recording; never raises."""
    try:
        audio = read_audio(utterance.audio_path)
        try:
            start, end = speech_span(audio.samples, audio.sample_rate)
        except AudioError:
            start = end = 0
        levels = frame_levels_dbfs(audio.samples, audio.sample_rate)
        return Measured(
            seconds=audio.seconds,
            sample_rate=audio.sample_rate,
            rms=rms_dbfs(audio.samples),
            peak=peak_dbfs(audio.samples),
            noise_distance_db=float(np.percentile(levels, 95) - np.percentile(levels, 2)),
            clipped_share=_clipped_share(audio.samples),
            speech_start=start / audio.sample_rate,
            speech_end=end / audio.sample_rate,
            sound_hash=hashlib.blake2b(audio.samples.tobytes(), digest_size=16).hexdigest(),
        )
    except AudioError as error:
        return Measured(problem=str(error))
    except Exception as error:  # one recording must not stop the check of thousands
        return Measured(problem=f"{utterance.audio_path}: {type(error).__name__}: {error}")


def measure_all(
    utterances: Sequence[Utterance],
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Measured]:
    """The figures of all utterances in their order, by several processes where it is worth it.

    A recording over which the decoder itself crashes gets a `problem` as well.
    """
    measured: dict[int, Measured] = {}
    workers = min(processes or os.cpu_count() or 1, len(utterances) // _CHUNK + 1)
    several = workers > 1 and len(utterances) >= _WORTH_PROCESSES
    results = _by_processes(utterances, workers) if several else _here(utterances)
    for number, figures in results:
        measured[number] = figures
        if progress:
            progress(len(measured), len(utterances))
    return [measured[number] for number in range(len(utterances))]


def _here(utterances: Sequence[Utterance]) -> Iterator[tuple[int, Measured]]:
    return ((number, measure(utterance)) for number, utterance in enumerate(utterances))


def _by_processes(utterances: Sequence[Utterance], workers: int) -> Iterator[tuple[int, Measured]]:
    chunks = [
        range(start, min(start + _CHUNK, len(utterances)))
        for start in range(0, len(utterances), _CHUNK)
    ]
    broken: list[int] = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[list[Measured]], range] = {}
        for chunk in chunks:
            try:
                waiting[pool.submit(_measure_chunk, [utterances[i] for i in chunk])] = chunk
            except BrokenProcessPool:
                broken += chunk
        for future in as_completed(waiting):
            try:
                yield from zip(waiting[future], future.result(), strict=True)
            except BrokenProcessPool:
                broken += waiting[future]
    for number in broken:
        yield number, _alone(utterances[number])


def _measure_chunk(utterances: list[Utterance]) -> list[Measured]:
    return [measure(utterance) for utterance in utterances]


def _alone(utterance: Utterance) -> Measured:
    """Measure in a process of its own, which may die."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(measure, utterance).result()
        except BrokenProcessPool:
            return Measured(problem=f"{utterance.audio_path} crashes the decoder; export it again")


def _clipped_share(samples: FloatArray) -> float:
    """The share of samples that stand at the peak for three samples or more, where it is high."""
    magnitude = np.abs(samples)
    peak = float(magnitude.max(initial=0.0))
    if peak < _CLIP_LEVEL:
        return 0.0
    flat = magnitude >= peak * 0.9995
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    lengths = np.diff(edges.reshape(-1, 2), axis=1)
    return float(lengths[lengths >= _CLIP_RUN_SAMPLES].sum()) / len(samples)
