"""`intone train`: train a model on a prepared corpus."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

RECIPES = (".yaml", ".yml")


def train(
    what: Annotated[
        str, typer.Argument(help="a recipe (.yaml), an acoustic model, vocoder, codec")
    ],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="settings, such as train.steps=4000", metavar="KEY=VALUE..."),
    ] = None,
    corpus: Annotated[Path | None, typer.Option("--corpus", "-c", help="prepared corpus")] = None,
    preset: Annotated[str | None, typer.Option(help="tiny, laptop or full")] = None,
    family: Annotated[str | None, typer.Option(help="which vocoder or codec")] = None,
    run: Annotated[str | None, typer.Option("--run", help="name of the run, or its folder")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="folder of all runs")] = Path(
        "runs"
    ),
    resume: Annotated[
        str | None, typer.Option("--resume", "-r", help="auto, step=N or a checkpoint's path")
    ] = None,
    from_voice: Annotated[
        Path | None,
        typer.Option(help="fine-tune: what to start from; a vocoder: whose mels to learn from"),
    ] = None,
    predicted_by: Annotated[
        Path | None, typer.Option(help="a vocoder learns from the mels of this acoustic run too")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps")] = None,
    vocoder: Annotated[
        str | None,
        typer.Option(
            help="what the voice sounds through: griffin-lim, a name, a run, published weights"
        ),
    ] = None,
    model_config: Annotated[
        Path | None, typer.Option(help="a model.yaml as Echolancer's description has it")
    ] = None,
    train_config: Annotated[
        Path | None, typer.Option(help="a train.yaml as Echolancer's description has it")
    ] = None,
    overfit: Annotated[
        int, typer.Option(help="learn so many utterances by heart as a check; writes no run")
    ] = 0,
) -> None:
    """Train a model on a prepared corpus; Ctrl-C saves, --resume auto goes on."""
    from intone.cli.corridor import train_voice
    from intone.core.settings import merge
    from intone.train.described_yaml import described
    from intone.train.recipes import read_recipe, resolve
    from intone.train.run_folder import RunFolder
    from intone.train.runs import check_by_heart

    options: dict[str, Any] = {"corpus": corpus, "preset": preset}
    given: dict[str, Any]
    if what.endswith(RECIPES):
        given = read_recipe(Path(what))
        options["family"] = family
    elif what == "vocoder":
        given = {"room": "vocoder", "family": family or "vocos-hn"}
    elif what == "codec":
        given = {"room": "codec", "family": family or "small-codec"}
    else:
        given = {"room": "acoustic", "family": what}
    given |= {name: str(value) for name, value in options.items() if value is not None}
    if model_config is not None or train_config is not None:
        given = merge(given, described(model_config, train_config))
    overrides = [f"train.device={device}"] if device else []
    recipe = resolve(given, [*overrides, *(changes or [])])
    if overfit:
        check = check_by_heart(recipe, overfit)
        for name, most in check.below.items():
            verdict = "fell" if name not in check.failed else "DID NOT FALL"
            print(
                f"{name:<16} {check.before[name]:.4g} → {check.after[name]:.4g} "
                f"(below {most:.4g}: {verdict})"
            )
        raise typer.Exit(0 if check.passed else 1)
    folder = RunFolder(output / (run or f"{recipe.family.name}-{time.strftime('%Y%m%d-%H%M%S')}"))
    result = train_voice(
        recipe,
        folder,
        resume=resume,
        start=from_voice,
        predicted_by=predicted_by,
        vocoder=vocoder,
        command=" ".join(["intone train", what, *(changes or [])]),
    )
    best = f", best {recipe.train.watch} {result.best:.4g}" if result.best is not None else ""
    print(f"{folder.path}: {result.step} steps{best}")
    if recipe.room == "acoustic":
        print(f'speak with it: intone speak "your text" --voice {folder.path}')
