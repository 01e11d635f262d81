"""`intone export`: a training run's checkpoint as a voice, a published vocoder as one of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    run: Annotated[
        Path, typer.Argument(help="a training run; or a published vocoder: folder, file, hub name")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="folder to write; else the run's own"),
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="best, last, step=N; by default what the run chose")
    ] = None,
    vocoder: Annotated[
        str | None,
        typer.Option(
            help="what the voice sounds through: griffin-lim, a name, a run, published weights"
        ),
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="the prepared corpus, where it has moved")
    ] = None,
) -> None:
    """Write a run's model as what runs without torch: a voice, a vocoder or a codec."""
    from intone.cli.finishing import finish_of
    from intone.core.errors import TrainingError
    from intone.train.recipes import read_recipe, resolve
    from intone.train.run_folder import RunFolder
    from intone.train.runs import trained_model

    folder = RunFolder(run)
    if not folder.config.is_file() and _convert(run.as_posix(), output):
        return
    if not folder.config.is_file():
        raise TrainingError(f"{run} has no config.yaml; give the folder of a training run")
    given = read_recipe(folder.config)
    if corpus is not None:
        given["corpus"] = str(corpus)
    recipe = resolve(given)
    weights = folder.find(checkpoint or recipe.train.voice_from)
    if weights is None:
        raise TrainingError(f"{run} has no checkpoint yet; train it for some more steps")
    finish = finish_of(recipe, vocoder=vocoder, command=f"intone export {run}")
    model = trained_model(recipe, weights)
    if output is not None:
        folder.voice = folder.codec = output
    finish(model, folder)
    print(f"{folder.codec if recipe.room == 'codec' else folder.voice}: from {weights.name}")
    if recipe.room == "acoustic":
        print(f'speak with it: intone speak "your text" --voice {folder.voice}')


def _convert(name: str, output: Path | None) -> bool:
    """Write the published vocoder `name` to `output`; False if it is none."""
    from intone.core.errors import SettingsError
    from intone.export.published import convert_vocoder
    from intone.vocoder.published import is_published

    if not is_published(name):
        return False
    if output is None:
        raise SettingsError(f"{name} is a published vocoder; say by --output where to write it")
    convert_vocoder(name, output)
    print(f"{output}: from {name}; use it by --vocoder {output}")
    return True
