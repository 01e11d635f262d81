"""What each cure of `gpt2-mel` does to character error and to failures.

    python benchmarks/gpt2_mel_ablation.py --corpus prepared/rms --pieces prepared/bpe --steps 600

Trains a small model on the prepared corpus once with all cures, and once without each, all
for as many steps on the same batches; lets each speak sentences that no corpus contains
through the shipped vocoder. A row is written to `benchmarks/results/gpt2_mel_ablation.json`
as soon as it is known, and is not made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from reliability import failures
from report import RESULTS, write_report
from voice import teacher

from intone.core.types import Audio, Controls
from intone.data.prepared import PreparedCorpus
from intone.evaluate.figures import readings, summary
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences
from intone.speech import Voice
from intone.train.recipes import Recipe, resolve
from intone.train.run_folder import RunFolder
from intone.train.runs import train_from_settings, trained_model

ROWS: dict[str, tuple[str, ...]] = {
    "all cures": (),
    "no pointer: attention and a stop": ("guidance=none",),
    "pointer without pitch and energy": ("guidance=symbol",),
    "no noise, no dropout on what is fed back": (
        "noise=0",
        "feedback_dropout=0",
        "prenet_dropout=0",
    ),
    "also scheduled sampling, 0.3": ("scheduled_sampling=0.3",),
    "8 frames a step instead of 4": ("reduction=8",),
    "no postnet": ("postnet_layers=0",),
    "predicts the next group only": ("ahead=0",),
    "2 frames a step": ("reduction=2",),
    "no pointer, no noise, no postnet": (
        "guidance=none",
        "noise=0",
        "feedback_dropout=0",
        "prenet_dropout=0",
        "postnet_layers=0",
    ),
}

SMALL = ("channels=128", "encoder_hidden=256", "postnet_hidden=256", "layers=4")


PIECES = "pieces of words instead of phonemes"
"""The row whose corpus is the same, prepared with `--frontend bpe`."""


def spoken_by(recipe: Recipe, run: RunFolder, texts: list[str], voice: Voice) -> list[Audio]:
    """The sentences, by the run's last weights, in the corpus' first voice."""
    weights = run.find("last")
    assert weights is not None
    model: Any = trained_model(recipe, weights)
    frontend = PreparedCorpus(recipe.corpus).frontend()
    made = []
    for text in texts:
        symbols = torch.from_numpy(frontend.symbols(text).ids)[None]
        spoken = model.generate(
            symbols, torch.tensor([symbols.shape[1]]), torch.tensor([0]), Controls(temperature=0)
        )
        frames = spoken.frames[0, : int(spoken.lengths[0])].numpy()
        made.append(Audio(voice.renderer.render(frames), voice.sample_rate))
    return made


def row_of(
    corpus: Path, changes: tuple[str, ...], steps: int, texts: list[str], taught: list[Audio]
) -> dict[str, Any]:
    """Train one model and judge it."""
    settings = [f"model.{change}" for change in (*SMALL, *changes)]
    settings += [
        f"train.steps={steps}",
        f"train.validate_every={steps}",
        "train.samples_every=0",
        "train.learning_rate=2e-3",
        "train.warmup_steps=100",
        "train.voice_from=last",
        "data.max_frames=2500",
    ]
    given = {"room": "acoustic", "family": "gpt2-mel", "corpus": str(corpus), "preset": "laptop"}
    recipe = resolve(given, settings)
    voice = Voice.load("english", threads=1)
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "run")
        result = train_from_settings(recipe, run)
        took = time.process_time() - begun
        said = spoken_by(recipe, run, texts, voice)
    found = readings(said, texts, PocketSphinx())
    ratios = [one.seconds / other.seconds for one, other in zip(said, taught, strict=True)]
    failed = failures(found, texts)
    return {
        "settings": list(changes),
        "training_processor_seconds": round(took),
        "held_out": {k: round(v, 4) for k, v in result.figures.items() if k in ("coarse", "mel")},
        **summary(found),
        "length_beside_teacher": round(sum(ratios) / len(ratios), 3),
        "failed_sentences": len(failed),
        "failures": failed[:5],
    }


def main() -> None:
    """Make the rows that are missing; print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="aligned, of flite's rms")
    parser.add_argument("--pieces", type=Path, help="the same, prepared with --frontend bpe")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--sentences", type=int, default=30)
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts = sentences("english_plain")[: options.sentences]
    taught = teacher("rms", texts)
    path = RESULTS / "gpt2_mel_ablation.json"
    about = {"steps": options.steps, "sentences": len(texts), "small": list(SMALL)}
    rows: dict[str, Any] = {}
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        if all(before.get(name) == value for name, value in about.items()):
            rows = before["rows"]
    wanted = [(name, options.corpus, changes) for name, changes in ROWS.items()]
    if options.pieces is not None:
        wanted.insert(1, (PIECES, options.pieces, ()))
    for name, corpus, changes in wanted:
        if name not in rows:
            rows[name] = row_of(corpus, changes, options.steps, texts, taught)
            write_report("gpt2_mel_ablation", {**about, "rows": rows})
        row = rows[name]
        print(
            f"{name:<42} {100 * row['character_error']:5.1f} %  "
            f"{row['failed_sentences']} of {len(texts)} fail",
            flush=True,
        )


if __name__ == "__main__":
    main()
