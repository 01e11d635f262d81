"""The whole way from text to sound, for novel sentences in the background of a training.

`python -m intone.cli.background_speech` is started by the training, not by people: it makes a voice
of the weights, and speaks as `intone speak` does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from intone.core.errors import IntoneError, SettingsError

if TYPE_CHECKING:
    from intone.data.prepared import PreparedCorpus
    from intone.train.background_speech import BackgroundSpeech
    from intone.train.recipes import Recipe
    from intone.train.run_folder import RunFolder

LOWEST_PRIORITY = 19


def background_speech(
    recipe: Recipe, run: RunFolder, corpus: PreparedCorpus, vocoder: str | None
) -> BackgroundSpeech | None:
    """What speaks while `recipe` is trained in `run`; None where nobody asks for it.

    Raises `SettingsError` if it is asked of a vocoder or codec, or with speakers or a language
    that there are not.
    """
    from intone.train.background_speech import FOLDER, BackgroundSpeech, script_of

    if not recipe.train.test_every:
        return None
    if recipe.room != "acoustic":
        raise SettingsError("train.test_every is of acoustic models; leave it out")
    script_of(recipe.train, corpus.frontend().language, corpus.speakers)

    def command(weights: Path, out: Path) -> list[str]:
        through = [] if vocoder is None else ["--vocoder", vocoder]
        module = [sys.executable, "-m", "intone.cli.background_speech"]
        return [*module, str(run.path), str(weights), str(out), *through]

    return BackgroundSpeech(run.path / FOLDER, command)


def speak_test(run: Path, weights: Path, out: Path, vocoder: str | None) -> list[Path]:
    """Speak the test sentences of `run` with other `weights` into `out`; returns the sounds.

    Raises what making a voice and speaking raise.
    """
    import torch

    from intone.audio.files import write_audio
    from intone.cli.finishing import finish_of
    from intone.core.types import Conditions
    from intone.data.prepared import PreparedCorpus
    from intone.speech import Voice
    from intone.train.background_speech import script_of
    from intone.train.recipes import read_recipe, resolve
    from intone.train.run_folder import RunFolder
    from intone.train.runs import trained_model

    torch.set_num_threads(1)
    folder = RunFolder(run)
    recipe = resolve(read_recipe(folder.config))
    corpus = PreparedCorpus(recipe.corpus)
    script = script_of(recipe.train, corpus.frontend().language, corpus.speakers)
    finish = finish_of(recipe, vocoder=vocoder, command="test speech")
    made = []
    with tempfile.TemporaryDirectory() as temporary:
        folder.voice = Path(temporary) / "voice"
        finish(trained_model(recipe, weights), folder)
        voice = Voice.load(folder.voice, threads=1)
        for name in script.speakers:
            for number, text in enumerate(script.sentences, start=1):
                audio = voice.speak(text, Conditions(speaker=name)).audio
                path = out / f"{name.replace('/', '_')}-{number}.wav"
                write_audio(path, audio)
                made.append(path)
    return made


def main() -> None:
    """Speak at the lowest priority; an error is one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("run", "weights", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--vocoder")
    given = parser.parse_args()
    if hasattr(os, "nice"):
        os.nice(LOWEST_PRIORITY)
    try:
        speak_test(given.run, given.weights, given.out, given.vocoder)
    except IntoneError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
