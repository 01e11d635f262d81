"""Novel sentences, spoken while training goes on: by a process of its own, at low priority.

Training only writes weights and looks whether the process has ended. What that process runs is
handed in, since the whole way from text to sound lies above this room.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from intone.audio.files import read_audio
from intone.core.errors import IntoneError, SettingsError
from intone.train.checkpoint import write_weights
from intone.train.settings import TrainSettings
from intone.train.trackers import Tracker

log = logging.getLogger("intone.train")

FOLDER = "test_speech"
WEIGHTS, LOG = "weights", "log.txt"
SPEAKERS = 3
"""So many speak where nobody says who."""

LAST_SECONDS = 300.0
"""How long the last speech is waited for when training has ended."""

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "The kettle had just begun to sing when somebody knocked.",
        "Would you rather walk home, or wait for the last tram?",
    ),
    "ru": (
        "Чайник только закипел, когда в дверь постучали.",
        "Пойдём домой пешком или подождём последний трамвай?",
    ),
}

Command = Callable[[Path, Path], list[str]]
"""What speaks with the weights in a folder into another folder, as .wav files."""


@dataclass(frozen=True)
class Script:
    """What is said, and by whom."""

    sentences: tuple[str, ...]
    speakers: tuple[str, ...]


def script_of(settings: TrainSettings, language: str, speakers: tuple[str, ...]) -> Script:
    """What `settings` ask for, of a corpus in `language` with `speakers`; ours where they do not.

    Raises `SettingsError` for an unknown speaker, or if there are no sentences of ours.
    """
    for name in settings.test_speakers:
        if name not in speakers:
            raise SettingsError(
                f"train.test_speakers: there is no speaker {name!r}; "
                f"there are: {', '.join(speakers)}"
            )
    sentences = tuple(settings.test_sentences) or SENTENCES.get(language.split("-")[0], ())
    if not sentences:
        raise SettingsError(
            f"we have no sentences in {language!r}; give some: train.test_sentences=[...]"
        )
    return Script(sentences, tuple(settings.test_speakers) or speakers[:SPEAKERS])


class BackgroundSpeech:
    """Speaks in the background of a training, one step's weights at a time.

    Sounds are kept in `folder`/step=N. Nothing that fails here stops a training.
    """

    def __init__(self, folder: Path, command: Command) -> None:
        self._folder = folder
        self._command = command
        self._running: subprocess.Popen[bytes] | None = None
        self._step = 0

    def begin(self, weights: Mapping[str, Tensor], step: int) -> None:
        """Let `weights` be heard, unless those of an earlier step are still speaking."""
        if self._running is not None:
            log.info("no test speech at step %d: that of %d is not over", step, self._step)
            return
        self._step = step
        out = self._out
        try:
            shutil.rmtree(out, ignore_errors=True)
            write_weights(out / WEIGHTS, weights)
            with (out / LOG).open("wb") as told:
                self._running = subprocess.Popen(
                    self._command(out / WEIGHTS, out),
                    stdin=subprocess.DEVNULL,
                    stdout=told,
                    stderr=told,
                    # Training has the accelerator and the cores.
                    env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
                    start_new_session=True,
                    # Where there is no `nice`, as on Windows.
                    creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
                )
        except (OSError, IntoneError) as error:
            log.warning("no test speech at step %d: %s", step, error)

    def collect(self, trackers: Iterable[Tracker]) -> None:
        """If the speech is over, hand it to `trackers`; returns at once."""
        if self._running is None or (code := self._running.poll()) is None:
            return
        self._running = None
        shutil.rmtree(self._out / WEIGHTS, ignore_errors=True)
        if code != 0:
            log.warning("no test speech at step %d: %s", self._step, self._last_line(code))
            return
        sounds = sorted(self._out.glob("*.wav"))
        try:
            for path in sounds:
                audio = read_audio(path)
                for tracker in trackers:
                    tracker.sound(self._step, f"test/{path.stem}", audio)
        except Exception as error:  # hours of learning must not hang on a sound
            log.warning("the test speech at step %d cannot be shown: %s", self._step, error)
        else:
            (self._out / LOG).unlink(missing_ok=True)
            log.info("test speech at step %d: %d sounds in %s", self._step, len(sounds), self._out)

    def finish(self, trackers: Iterable[Tracker]) -> None:
        """Wait a while for the speech that is under way, then collect it."""
        if self._running is not None:
            try:
                self._running.wait(LAST_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("the test speech at step %d takes too long", self._step)
            self.collect(trackers)

    def close(self) -> None:
        """End what is still speaking."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None
            shutil.rmtree(self._out / WEIGHTS, ignore_errors=True)

    @property
    def _out(self) -> Path:
        return self._folder / f"step={self._step}"

    def _last_line(self, code: int) -> str:
        try:
            lines = (self._out / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return next((line for line in reversed(lines) if line.strip()), f"exit status {code}")
