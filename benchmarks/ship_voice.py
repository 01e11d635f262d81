"""Puts a trained run into the package as a voice, with a card of what it is.

    python benchmarks/ship_voice.py RUN --name english --default-speaker rms

The figures come from `benchmarks/results/`, where the benchmark of that voice left them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from report import RESULTS

from intone.data.prepared import PreparedCorpus
from intone.export.voice import write_voice
from intone.speech.manifest import VocoderManifest, read_voice
from intone.train.checkpoint import voice_weights
from intone.train.recipes import read_recipe, resolve
from intone.train.run_folder import RunFolder

VOICES = Path(__file__).parent.parent / "src" / "intone" / "voices"


@dataclass(frozen=True)
class Origin:
    """What a shipped voice comes from."""

    teachers: str
    recipe: str
    figures: str
    notice: str


ORIGINS = {
    "english": Origin(
        "flite's {speakers} reading sentences of the `fortunes` package",
        "recipes/english.sh",
        "voice",
        "The teachers are the voices rms, slt and awb of flite, built from the CMU Arctic "
        "databases: copyright (c) 2003 Carnegie Mellon University, all rights reserved; free to "
        "use, copy, modify and license for any purpose, without fee, as long as this notice is "
        "kept, changes are marked as such, and the authors' names endorse nothing without their "
        "permission. It is provided as it is, without any warranty.",
    ),
    "russian": Origin(
        "festival's {speakers} reading sentences of the `fortunes-ru` package",
        "recipes/russian.sh",
        "families",
        "The teacher is the voice msu_ru_nsh_clunits of festvox-ru: copyright (c) 2005 Nickolay V. "
        "Shmyrev, all rights reserved; free to use, copy, modify and sell, as long as this notice "
        "is kept, changes are marked as such, the authors' names are not deleted, and they endorse "
        "nothing without their permission. It is provided as it is, without any warranty.",
    ),
}


def main() -> None:
    """Write the voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", choices=sorted(ORIGINS), default="english")
    parser.add_argument("--default-speaker", default="rms")
    parser.add_argument("--checkpoint", default="last")
    options = parser.parse_args()
    run = RunFolder(options.run)
    recipe = resolve(read_recipe(run.config))
    corpus = PreparedCorpus(recipe.corpus)
    weights = run.find(options.checkpoint)
    assert weights is not None
    model = recipe.family.model(recipe.model, corpus.facts())
    model.load_state_dict(voice_weights(weights))
    state = json.loads((weights / "state.json").read_text(encoding="utf-8"))
    origin = ORIGINS[options.name]
    teachers = origin.teachers.format(speakers=", ".join(corpus.speakers))
    figures = RESULTS / f"{origin.figures}.json"
    card = {
        "model": recipe.family.name,
        "preset": recipe.preset,
        "trained_on": f"{corpus.about['utterances']} utterances, {corpus.about['hours']:.2f} h of "
        f"{teachers}",
        "command": origin.recipe,
        "steps": state["step"],
        "minutes": round(state["elapsed_seconds"] / 60),
        "licence": "Apache-2.0",
        "notices": [origin.notice],
    }
    if figures.is_file():
        rows = json.loads(figures.read_text(encoding="utf-8"))["rows"]
        card["figures"] = rows.get(options.name, rows)
    folder = write_voice(
        VOICES / options.name,
        name=options.name,
        model=model,
        frontend=corpus.frontend(),
        speakers=corpus.speakers,
        vocoder=VocoderManifest(shared="universal"),
        card=card,
    )
    replace(read_voice(folder), default_speaker=options.default_speaker).write(folder)


if __name__ == "__main__":
    main()
