"""How well a voice is understood after so many minutes of training on this machine.

    python benchmarks/minutes.py --teacher rms --hours 1 --minutes 15

Makes an hour of flite's voice, prepares and aligns it, then trains one FastSpeech 2 of
preset `laptop`. From one run it takes the weights of minutes 1, 2, 5, 10 and 15, lets
each speak 100 sentences that no corpus contains, and writes pocketsphinx' character
error, beside the teacher's, to `benchmarks/results/minutes.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import torch
from report import write_report
from voice import teacher

from intone.cli.corridor import align_folder, prepare_folder
from intone.core.types import Audio
from intone.corpus.make import make_corpus
from intone.corpus.sentences_en import sentences as invented
from intone.corpus.sentences_en import word_salad
from intone.corpus.teachers import teacher as teacher_called
from intone.data.prepared import PreparedCorpus
from intone.evaluate.judge import judge_of
from intone.evaluate.sentences import sentences
from intone.export.voice import write_voice
from intone.speech import Voice
from intone.speech.manifest import VocoderManifest
from intone.train.checkpoint import voice_weights
from intone.train.recipes import Recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings

MARKS = (1, 2, 5, 10, 15)
SECONDS_A_SENTENCE = 3.9
"""What flite's `rms` takes for one of our sentences, on average."""


def prepared_hour(folder: Path, voice: str, hours: float) -> Path:
    """A prepared and aligned corpus of so many hours of one flite voice."""
    count = round(hours * 3600 / SECONDS_A_SENTENCE)
    # Invented sentences use few words; salads of rare ones bring the other sounds in.
    salads = word_salad(count // 3, 1)
    script = {voice: [*invented(count - len(salads), 1), *salads]}
    make_corpus(folder / "corpus", teacher_called("flite"), script)
    prepare_folder(folder / "corpus", folder / "prepared")
    align_folder(folder / "prepared")
    return folder / "prepared"


def checkpoint_at(run: RunFolder, minutes: float) -> tuple[Path, float, int] | None:
    """The last checkpoint of the first `minutes`, its seconds and its step."""
    best = None
    for name in run.names():
        folder = run.checkpoints / name
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        seconds = float(state["elapsed_seconds"])
        if seconds <= minutes * 60 + 2:
            best = (folder, seconds, int(state["step"]))
    return best


def spoken_by(recipe: Recipe, weights: Path, texts: list[str], folder: Path) -> list[Audio]:
    """The sentences, by the weights of a checkpoint through the shipped vocoder."""
    corpus = PreparedCorpus(recipe.corpus)
    model = recipe.family.model(recipe.model, corpus.facts())
    model.load_state_dict(voice_weights(weights))
    write_voice(
        folder,
        name="minutes",
        model=model,
        frontend=corpus.frontend(),
        speakers=corpus.speakers,
        vocoder=VocoderManifest(shared="universal"),
        card={},
    )
    voice = Voice.load(folder)
    return [voice.speak(text).audio for text in texts]


def main() -> None:
    """Train, take the marks, judge each, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", default="rms")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="keep the corpus and the run here")
    options = parser.parse_args()
    texts = sentences("english_plain")[: options.sentences]
    judge = judge_of("en")
    assert judge is not None
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        prepared = folder / "prepared"
        if not (prepared / "durations").is_dir():
            prepared = prepared_hour(folder, options.teacher, options.hours)
        recipe = resolve(
            {"room": "acoustic", "family": "fastspeech2", "corpus": str(prepared)},
            [
                "train.steps=1000000",
                f"train.max_minutes={options.minutes}",
                "train.save_every=50",
                "train.keep=1000",
                "train.validate_every=0",
                "train.samples_every=0",
            ],
        )
        run = RunFolder(folder / "run")
        train_from_settings(recipe, run, resume="auto")
        rows: list[dict[str, Any]] = []
        for minutes in (m for m in MARKS if m <= options.minutes):
            found = checkpoint_at(run, minutes)
            if found is None:
                continue
            weights, seconds, step = found
            with tempfile.TemporaryDirectory() as voice:
                figures = judge(spoken_by(recipe, weights, texts, Path(voice)), texts)
            row = {"minutes": minutes, "seconds": round(seconds), "step": step}
            rows.append(row | {k: round(v, 4) for k, v in figures.items()})
            print(rows[-1], flush=True)
        with (run.metrics).open(encoding="utf-8") as lines:
            logged = list(csv.DictReader(lines))
        speeds = [float(r["value"]) for r in logged if r["name"] == "time/frames_per_second"]
        figures = judge(teacher(options.teacher, texts), texts)
    write_report(
        "minutes",
        {
            "teacher": options.teacher,
            "hours": options.hours,
            "threads": torch.get_num_threads(),
            "frames_per_second": round(statistics.median(speeds)) if speeds else None,
            "teacher_figures": {k: round(v, 4) for k, v in figures.items()},
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main()
