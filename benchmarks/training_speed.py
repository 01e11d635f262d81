"""Frames a second in training, and where the time goes.

    python benchmarks/training_speed.py --corpus PREPARED

Trains FastSpeech 2 of preset `laptop` for some steps on the prepared corpus and measures
the wait for data, the forward pass, the backward pass and the optimiser apart; writes
`benchmarks/results/training_speed.json`.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from report import write_report

from intone.acoustic.fastspeech2 import FAMILY, FastSpeech2Settings
from intone.data.loader import UtteranceBatches
from intone.data.prepared import PreparedCorpus

WARM_STEPS = 5


def measured(prepared: Path, steps: int, threads: int) -> dict[str, Any]:
    """Frames a second over `steps` steps on `threads` threads, and what takes the time."""
    torch.set_num_threads(threads)
    corpus = PreparedCorpus(prepared)
    model = FAMILY.model(FastSpeech2Settings(), corpus.facts())
    (turn,) = model.turns()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    ids = corpus.usable(model.needs)
    batches = UtteranceBatches(corpus, ids, model.needs, max_frames=6_000, max_utterances=64)
    shares: dict[str, float] = defaultdict(float)
    frames = padded = step = 0
    stream = batches.epoch(0, 0, 0)
    while step < steps + WARM_STEPS:
        begun = time.perf_counter()
        batch = next(stream, None)
        if batch is None:
            stream = batches.epoch(0, step, 0)
            continue
        marks = [("data", begun), ("forward", time.perf_counter())]
        losses = turn.losses(batch)
        total = sum(turn.weights.get(name, 1.0) * value for name, value in losses.items())
        marks.append(("backward", time.perf_counter()))
        torch.as_tensor(total).backward()
        marks.append(("optimiser", time.perf_counter()))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        marks.append(("end", time.perf_counter()))
        step += 1
        if step <= WARM_STEPS:
            continue
        for (name, start), (_, end) in zip(marks[:-1], marks[1:], strict=True):
            shares[name] += end - start
        assert batch.frame_lengths is not None and batch.mel is not None
        frames += int(batch.frame_lengths.sum())
        padded += batch.mel.shape[0] * batch.mel.shape[1]
    seconds = sum(shares.values())
    return {
        "threads": threads,
        "frames_per_second": round(frames / seconds),
        "times_real_time": round(frames / corpus.format.frames_per_second / seconds, 1),
        "padding": round(1 - frames / padded, 4),
        "shares": {name: round(value / seconds, 3) for name, value in shares.items()},
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    figures = measured(options.corpus, options.steps, options.threads)
    print(figures)
    write_report("training_speed", figures)


if __name__ == "__main__":
    main()
