"""`intone train`: train a model on a prepared corpus, or on one long recording."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from intone.cli import recording_options as asked

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
    preset: asked.Preset = None,
    family: Annotated[str | None, typer.Option(help="which vocoder or codec")] = None,
    run: asked.Run = None,
    output: asked.Runs = Path("runs"),
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
    vocoder: asked.Vocoder = None,
    model_config: Annotated[
        Path | None, typer.Option(help="a model.yaml as Echolancer's description has it")
    ] = None,
    train_config: Annotated[
        Path | None, typer.Option(help="a train.yaml as Echolancer's description has it")
    ] = None,
    overfit: Annotated[
        int, typer.Option(help="learn so many utterances by heart as a check; writes no run")
    ] = 0,
    audio: Annotated[
        Path | None, typer.Option(help="one long recording, in place of a corpus: mp3, wav, flac")
    ] = None,
    transcription: Annotated[
        Path | None, typer.Option(help="what it says, and when: JSON; times may lack")
    ] = None,
    language: asked.Language = None,
    frontend: asked.Frontend = None,
    vocab_size: asked.VocabSize = None,
    minutes: asked.Minutes = 0.0,
    steps: asked.Steps = None,
    learning_rate: asked.LearningRate = None,
    log_level: asked.LogLevel = None,
    cpu_only: asked.CpuOnly = False,
    test_after_training: Annotated[
        bool, typer.Option("--test-after-training", help="then intone test")
    ] = False,
) -> None:
    """Train a model on a prepared corpus or a recording; Ctrl-C saves, --resume auto goes on."""
    from intone.cli.corridor import train_voice
    from intone.cli.test import test as test_run
    from intone.core.errors import SettingsError
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
    for name, value in (
        ("steps", steps),
        ("learning_rate", learning_rate),
        ("log_level", log_level and log_level.upper()),
    ):
        overrides += [] if value is None else [f"train.{name}={value}"]
    overrides += ["train.device=cpu"] if cpu_only else []
    settings = [*overrides, *(changes or [])]
    if audio is not None or transcription is not None:
        from intone.cli.recording import train_recording

        if audio is None or transcription is None:
            raise SettingsError("one recording is --audio with its --transcription; give both")
        if corpus is not None:
            raise SettingsError("--corpus and --audio are two things to learn from; give one")
        folder = RunFolder(output / (run or audio.stem))
        train_recording(
            given,
            folder,
            audio=audio,
            transcription=transcription,
            language=language,
            frontend=frontend,
            vocab_size=vocab_size,
            minutes=minutes,
            vocoder=vocoder,
            changes=settings,
        )
        print(f'speak with it: intone speak "your text" --voice {folder.path}')
        if test_after_training:
            test_run(folder.path)
        return
    recipe = resolve(given, settings)
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
        if test_after_training:
            test_run(folder.path)
