"""What preparation costs: core-seconds for an hour of sound, and memory as the corpus grows.

    python benchmarks/prepare.py

Speaks 50 sentences by a teacher, copies them under new names into corpora of 500 and
5,000 utterances, prepares each in a process of its own, and writes
`benchmarks/results/prepare.json`. Memory is the largest the main process had, plus, for
each worker, the largest that any of them had.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from report import write_report

from intone.corpus.make import make_corpus
from intone.corpus.manifest import read_manifest, write_manifest
from intone.corpus.sentences_en import sentences
from intone.corpus.teachers import teacher

ORIGINALS = 50


def corpus_of(folder: Path, originals: Path, count: int) -> Path:
    """A corpus of `count` utterances, the originals again and again under other names."""
    own = read_manifest(originals)
    folder.mkdir()
    write_manifest(
        folder, [replace(own[i % len(own)], id=f"{own[i % len(own)].id}-{i}") for i in range(count)]
    )
    return folder


def prepared_alone(corpus: Path, out: Path, workers: int) -> dict[str, float]:
    """Prepare in a fresh process; its figures."""
    code = (
        "import sys, benchmarks_prepare as b; b.measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))"
    ).replace("benchmarks_prepare", Path(__file__).stem)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(corpus), str(out), str(workers)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(corpus: str, out: str, workers: int) -> None:
    """Prepare `corpus` into `out` and print the figures; the body of the fresh process."""
    from intone.cli.corridor import prepare_folder

    begun = time.perf_counter()
    report = prepare_folder(Path(corpus), Path(out), workers=workers)
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    print(
        json.dumps(
            {
                "utterances": report.utterances,
                "hours": round(report.hours, 3),
                "seconds": round(time.perf_counter() - begun, 1),
                "core_seconds_an_hour": round(used / report.hours, 1),
                "main_megabytes": round(own.ru_maxrss / 1024),
                "worker_megabytes": round(children.ru_maxrss / 1024),
            }
        )
    )


def main() -> None:
    """Measure both sizes, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", default="flite")
    parser.add_argument("--voice", default="rms")
    parser.add_argument("--sizes", type=int, nargs="*", default=[500, 5_000])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = {options.voice: sentences(ORIGINALS, 5)}
        make_corpus(folder / "originals", teacher(options.teacher), script)
        rows = []
        for size in options.sizes:
            corpus = corpus_of(folder / f"corpus-{size}", folder / "originals", size)
            rows.append(prepared_alone(corpus, folder / f"prepared-{size}", options.workers))
            rows[-1]["peak_megabytes"] = (
                rows[-1]["main_megabytes"] + options.workers * rows[-1]["worker_megabytes"]
            )
            print(rows[-1], flush=True)
    write_report("prepare", {"workers": options.workers, "rows": rows})


if __name__ == "__main__":
    main()
