"""How exact the aligner is, and which wrong texts it finds.

    python benchmarks/alignment.py

Three corpora of flite: 900 clips of `rms` and 900 of `slt`, aligned from scratch by what
is learned from them alone; and 60 clips of `kal16`, a voice that no aligner of ours has
heard, from the shipped aligner. In each, 5 % of the texts are given to the wrong
recordings. Boundaries are compared with flite's own; figures go to
`benchmarks/results/alignment.json`.

The aligner learns from the recordings it aligns, never from the true times. Beside the
corpus' own boundaries stand those of 60 more clips of the voice, which the aligner did not
hear in training ("held_out").
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from report import write_report

from intone.acoustic.aligner import Aligner, AlignerSettings
from intone.cli.corridor import prepare_folder
from intone.core.protocols import Needs
from intone.corpus.make import make_corpus
from intone.corpus.manifest import read_manifest, write_manifest
from intone.corpus.sentences_en import sentences, word_salad
from intone.corpus.teachers import teacher
from intone.data.loader import in_order
from intone.data.prepared import PreparedCorpus
from intone.evaluate.alignment import boundary_errors
from intone.train.align import RUN, align_corpus
from intone.train.checkpoint import voice_weights
from intone.train.run_folder import RunFolder

WRONG = 0.05


def spoken_corpus(folder: Path, voice: str, count: int, seed: int) -> tuple[Path, set[str]]:
    """A corpus of one voice in which some neighbours swapped texts; the ids of those."""
    salads = word_salad(count // 4, seed)
    texts = [*sentences(count - len(salads), seed), *salads]
    make_corpus(folder, teacher("flite"), {voice: texts})
    utterances = read_manifest(folder)
    picked = random.Random(seed).sample(
        range(len(utterances)), 2 * round(len(utterances) * WRONG / 2)
    )
    for a, b in zip(picked[::2], picked[1::2], strict=True):
        one, other = utterances[a].text, utterances[b].text
        utterances[a] = replace(utterances[a], text=other)
        utterances[b] = replace(utterances[b], text=one)
    write_manifest(folder, utterances)
    return folder, {utterances[i].id for i in picked}


def errors_of(corpus: PreparedCorpus, durations: dict[str, Any]) -> dict[str, float]:
    """Figures over the boundaries of the utterances in `durations`."""
    tokens = corpus.frontend().inventory.tokens
    errors: list[float] = []
    for key, frames in durations.items():
        (example,) = corpus.load([key], Needs())
        ends = np.cumsum(frames) / corpus.format.frames_per_second
        ours = [
            (tokens[symbol], float(end))
            for symbol, end, count in zip(example.symbols, ends, frames, strict=True)
            if count > 0
        ]
        errors += boundary_errors(ours, corpus.truth(key))
    size = np.abs(errors)
    return {
        "boundaries": len(errors),
        "mean_ms": round(1000 * float(size.mean()), 2),
        "median_ms": round(1000 * float(np.median(size)), 2),
        "bias_ms": round(1000 * float(np.mean(errors)), 2),
        "within_50_ms": round(float((size < 0.05).mean()), 4),
    }


def held_out(trained: Path, fresh: Path) -> dict[str, float]:
    """Figures of the prepared corpus `fresh`, aligned by the aligner of the corpus `trained`."""
    corpus = PreparedCorpus(fresh)
    aligner = Aligner(AlignerSettings(), corpus.facts())
    weights = RunFolder(trained / RUN).find("last")
    assert weights is not None
    aligner.load_state_dict(voice_weights(weights))
    aligner.eval()
    durations = {}
    for batch in in_order(corpus, list(corpus.entries), Needs(), max_frames=6_000):
        for key, made in zip(batch.ids, aligner.align(batch), strict=True):
            if made is not None:
                durations[key] = made.durations
    return errors_of(corpus, durations)


def main() -> None:
    """Make, align, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=900)
    parser.add_argument("--few", type=int, default=60)
    options = parser.parse_args()
    cases = [
        ("rms", options.clips, True),
        ("slt", options.clips, True),
        ("kal16", options.few, False),
    ]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        for voice, clips, from_scratch in cases:
            folder, wrong = spoken_corpus(root / voice, voice, clips, seed=11)
            prepared = root / f"{voice}-prepared"
            prepare_folder(folder, prepared)
            begun = time.perf_counter()
            report = align_corpus(prepared, from_scratch=from_scratch)
            seconds = time.perf_counter() - begun
            fresh = root / f"{voice}-fresh"
            make_corpus(root / f"{voice}-more", teacher("flite"), {voice: sentences(60, 99)})
            prepare_folder(root / f"{voice}-more", fresh)
            corpus = PreparedCorpus(prepared)
            found = {s.id for s in report.suspects} | set(report.impossible)
            found |= wrong - set(corpus.entries)
            right = {key: a.durations for key, a in corpus.aligned.items() if key not in wrong}
            usable = len(set(corpus.entries) - wrong)
            rows.append(
                {
                    "voice": voice,
                    "clips": clips,
                    "from": "scratch" if from_scratch else "the shipped aligner",
                    "seconds": round(seconds),
                    **errors_of(corpus, right),
                    "held_out": held_out(prepared, fresh),
                    "wrong_texts": len(wrong),
                    "found": round(len(found & wrong) / len(wrong), 4),
                    "false": round(len(found - wrong) / usable, 4),
                }
            )
            print(rows[-1], flush=True)
    write_report("alignment", {"rows": rows})


if __name__ == "__main__":
    main()
