"""`Voice`: a frontend, an acoustic model and a vocoder that speak together.

Responsible for texts of any length, for who speaks and how, and for the time of each
word; blind to what runs the models.
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.core.errors import FormatError, SettingsError, TextError, VoiceError
from intone.core.onnx_graph import default_threads
from intone.core.types import Audio, Conditions, Controls, Speech, Symbols, Word, WordTime
from intone.speech import packaged
from intone.speech.engines import (
    Engine,
    FeelingEngine,
    ListeningEngine,
    StreamingEngine,
    StyledEngine,
    VoicedRenderer,
)
from intone.speech.manifest import VoiceManifest, read_voice
from intone.speech.opening import engine_of, frontend_of, renderer_of
from intone.speech.passages import passages
from intone.speech.rendering import Renderer, as_they_come

if TYPE_CHECKING:
    from intone.codec.codes import Codes
    from intone.codec.folder import CodecManifest
    from intone.core.types import FloatArray, IntArray
    from intone.text.frontend import Frontend

log = logging.getLogger("intone")

MAX_SYMBOLS = 300
"""What one run of the acoustic model is given; a longer passage is cut between words."""

FIRST_PIECE_SECONDS = 0.3
"""The sound that is rendered before anything else, so that listening can begin."""

MOST_FRAMES = 512
"""The frames that the vocoder renders at once; bounds its memory."""

MOST_UNSAID = 100
"""So many sentences without words are remembered before the first one with some."""

FADE_SECONDS = 0.003


class Voice:
    """A voice, ready to speak. `Voice.load` opens one; the parts may also be put together."""

    def __init__(
        self,
        manifest: VoiceManifest,
        frontend: Frontend,
        engine: Engine | StreamingEngine,
        renderer: Renderer,
    ) -> None:
        """Raises `FormatError` unless the renderer renders the frames that the engine predicts."""
        engine.format.require(renderer.format, ours="the acoustic model", theirs="the vocoder")
        self.manifest = manifest
        self.frontend, self.engine, self.renderer = frontend, engine, renderer

    @classmethod
    def load(cls, name_or_path: str | Path, *, threads: int | None = None) -> Voice:
        """The voice of this name (`intone voices` lists them) or in this folder.

        Raises `VoiceError` if it cannot be found, read or opened. Opening a voice runs
        no code of its folder.
        """
        folder = packaged.find(name_or_path)
        manifest = read_voice(folder)
        if threads is not None and threads < 1:
            raise SettingsError(f"threads is {threads}, but must be 1 or more")
        # More threads than there are cores only wait for each other, and thousands for good.
        threads = min(threads or default_threads(), max(1, os.cpu_count() or 1))
        engine = engine_of(folder, manifest, threads)
        try:
            return cls(
                manifest, frontend_of(manifest), engine, renderer_of(folder, manifest, threads)
            )
        except FormatError as error:
            raise VoiceError(f"{folder}: {error}") from None

    @property
    def name(self) -> str:
        """The voice's name."""
        return self.manifest.name

    @property
    def language(self) -> str:
        """The language that it speaks, such as "en"."""
        return self.manifest.language

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers it can be."""
        return self.manifest.speakers

    @property
    def sample_rate(self) -> int:
        """Samples in a second of its sound, Hz."""
        return self.manifest.format.sample_rate

    def speak(
        self,
        text: str,
        conditions: Conditions | None = None,
        controls: Controls | None = None,
    ) -> Speech:
        """The whole text as one sound, with the time of each word.

        Sentences without anything to say are left out with a warning. Raises `TextError`
        if nothing in the text can be said, `VoiceError` for an unknown speaker.
        """
        # Nobody waits for the first piece, and small ones cost more in context than in themselves.
        pieces = list(self._speaking(text, conditions, controls, None, first_frames=MOST_FRAMES))
        samples = np.concatenate([piece.audio.samples for piece in pieces])
        words = tuple(word for piece in pieces for word in piece.words)
        return Speech(Audio(samples, self.sample_rate), words)

    def stream(
        self,
        text: str | Iterable[str],
        conditions: Conditions | None = None,
        controls: Controls | None = None,
        tell: Callable[[FloatArray], None] | None = None,
    ) -> Iterator[Speech]:
        """The text in pieces of sound that follow each other without a gap.

        The text may arrive in parts of any size. A piece comes as soon as its sentence is
        complete, the first one after a fraction of a second's work; memory does not grow
        with the text. Word times count from the start of the whole speech, and each word
        is in the piece in which it begins. `tell` is called with the frames, or codes, that
        become sound, (F, C) at a time. Raises as `speak` does.
        """
        first_frames = self._frames_in(FIRST_PIECE_SECONDS)
        return self._speaking(text, conditions, controls, tell, first_frames=first_frames)

    def codes(
        self,
        text: str,
        conditions: Conditions | None = None,
        controls: Controls | None = None,
    ) -> Codes:
        """What the voice says as codes of its codec, without the pauses between sentences.

        Raises as `speak` does, and `VoiceError` if the voice speaks no codes.
        """
        self.require_codes()
        conditions, controls = conditions or Conditions(), controls or Controls()
        engine, speaker = self._engine(conditions.emotion), self._speaker(conditions)
        parts = (
            part
            for symbols, _ in self._utterances(text)
            for part in _spoken(engine, symbols.ids, speaker, controls)[1]
        )
        return self.as_codes(parts, conditions)

    def as_codes(self, frames: Iterable[FloatArray], conditions: Conditions | None = None) -> Codes:
        """The parts of frames (F, K) that `stream` told, as codes of the voice's codec.

        `conditions` are those that they were spoken under. Raises `VoiceError` if the voice
        speaks no codes, `TextError` if there are no frames.
        """
        from intone.codec.codes import Codes
        from intone.speech.codec_renderer import CodecRenderer

        about, format = self.require_codes(), self.renderer.format
        made = [np.asarray(part, dtype=np.int64) for part in frames]
        if not made:
            raise TextError("there is nothing to say; give some text")
        values = np.concatenate(made)
        renderer = self._rendering(conditions or Conditions())
        assert isinstance(renderer, CodecRenderer)
        voice = renderer.voice if about.voice else None
        samples = len(values) * format.hop_samples
        return Codes(values, format, samples, about.name, about.fingerprint, voice)

    def require_codes(self) -> CodecManifest:
        """The codec whose codes the voice speaks; raises `VoiceError` if it speaks none."""
        from intone.speech.codec_renderer import CodecRenderer

        if not isinstance(self.renderer, CodecRenderer):
            raise VoiceError(f"the voice {self.name} speaks no codes; take one of a codec")
        return self.renderer.manifest

    def _engine(self, emotion: str | None) -> Engine | StreamingEngine:
        """What speaks in `emotion`."""
        if emotion is None:
            return self.engine
        if not isinstance(self.engine, FeelingEngine) or not self.engine.emotions:
            raise VoiceError(f"the voice {self.name} does not take an emotion; leave it out")
        if emotion not in self.engine.emotions:
            near = difflib.get_close_matches(emotion, self.engine.emotions, n=1)
            known = ", ".join(self.engine.emotions)
            hint = f"did you mean {near[0]!r}?" if near else f"it has: {known}"
            raise VoiceError(f"the voice {self.name} has no emotion {emotion!r}; {hint}")
        return self.engine.feeling(emotion)

    def _speaker(self, conditions: Conditions) -> int | FloatArray:
        """Who speaks: a known speaker's number, or what the engine keeps of a recording."""
        if conditions.reference is not None:
            if not isinstance(self.engine, ListeningEngine):
                raise VoiceError(
                    f"the voice {self.name} does not take a reference recording; leave it out"
                )
            if conditions.speaker is not None:
                raise VoiceError("give a speaker or a reference recording, not both")
            return self.engine.listen(conditions.reference)
        return self._known(conditions.speaker)

    def _rendering(self, conditions: Conditions) -> Renderer:
        """What renders the frames of who speaks."""
        if not isinstance(self.renderer, VoicedRenderer):
            return self.renderer
        if conditions.reference is not None:
            return self.renderer.hearing(conditions.reference)
        return self.renderer.speaking(self._known(conditions.speaker))

    def _known(self, speaker: str | None) -> int:
        """The number of a speaker, by default the first choice; `VoiceError` if there is none."""
        wanted = speaker or self.manifest.default_speaker
        if wanted not in self.speakers:
            near = difflib.get_close_matches(wanted, self.speakers, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(self.speakers)}"
            raise VoiceError(f"the voice {self.name} has no speaker {wanted!r}; {hint}")
        return self.speakers.index(wanted)

    def _speaking(
        self,
        text: str | Iterable[str],
        conditions: Conditions | None,
        controls: Controls | None,
        tell: Callable[[FloatArray], None] | None,
        *,
        first_frames: int,
    ) -> Iterator[Speech]:
        """What `stream` gives; the first piece is of `first_frames`. Raises at once, as it does."""
        conditions = conditions or Conditions()
        engine = self._engine(conditions.emotion)
        speaker = self._speaker(conditions)
        renderer = self._rendering(conditions)
        return self._pieces(
            text, engine, speaker, renderer, controls or Controls(), tell, first_frames
        )

    def _pieces(
        self,
        text: str | Iterable[str],
        engine: Engine | StreamingEngine,
        speaker: int | FloatArray,
        renderer: Renderer,
        controls: Controls,
        tell: Callable[[FloatArray], None] | None,
        first_frames: int,
    ) -> Iterator[Speech]:
        begun = 0  # samples given so far
        heard = False
        for symbols, pause_seconds in self._utterances(text):
            durations, parts = _spoken(engine, symbols.ids, speaker, controls)
            if tell is not None:
                parts = _telling(parts, tell)
            pause = round(pause_seconds / controls.speed * self.sample_rate) if heard else 0
            edges = np.concatenate([[0], np.cumsum(durations)]) * self.manifest.format.hop_samples
            words = _word_times(symbols, begun + pause + edges, self.sample_rate)
            end = begun + pause + int(edges[-1])
            pieces = as_they_come(
                renderer,
                parts,
                int(durations.sum()),
                first_frames=MOST_FRAMES if heard else first_frames,
                most_frames=MOST_FRAMES,
            )
            for samples in self._faded(pieces, int(durations.sum()), pause):
                begun += len(samples)
                said = sum(
                    begun == end or w.start_seconds * self.sample_rate < begun for w in words
                )
                yield Speech(Audio(samples, self.sample_rate), words[:said])
                words = words[said:]
            heard = True
        if not heard:
            raise TextError("there is nothing to say; give some text")

    def _utterances(self, text: str | Iterable[str]) -> Iterator[tuple[Symbols, float]]:
        """What one run of the model speaks, and the silence before it at a speed of 1, seconds."""
        problem: TextError | None = None
        unsaid: list[tuple[str, TextError]] = []
        spoken = False
        for passage in passages(text, self.language):
            try:
                symbols = self.frontend.symbols(passage.text)
            except TextError as error:
                problem = problem or error
                # Of a text that cannot be spoken at all, one error tells enough.
                if spoken:
                    _left_out(passage.text, error)
                elif len(unsaid) < MOST_UNSAID:
                    unsaid.append((passage.text, error))
                continue
            for skipped, reason in unsaid:
                _left_out(skipped, reason)
            unsaid.clear()
            pause_seconds = passage.pause_seconds
            for part in cut(symbols, MAX_SYMBOLS):
                yield part, pause_seconds
                spoken, pause_seconds = True, 0.0
        if problem is not None and not spoken:
            raise problem

    def _frames_in(self, seconds: float) -> int:
        return max(1, round(seconds * self.manifest.format.frames_per_second))

    def _faded(self, pieces: Iterable[FloatArray], count: int, pause: int) -> Iterator[FloatArray]:
        """The pieces of the sound of `count` frames, after `pause` samples of silence.

        Its two ends are faded, since sound that begins at full height clicks.
        """
        if not count:
            yield np.zeros(pause, dtype=np.float32)
            return
        left = count * self.manifest.format.hop_samples
        ramp = np.linspace(0, 1, round(FADE_SECONDS * self.sample_rate), dtype=np.float32)
        silence = np.zeros(pause, dtype=np.float32)
        for number, rendered in enumerate(pieces):
            samples = np.clip(rendered, -1.0, 1.0, dtype=np.float32)
            left -= len(samples)
            if number == 0:
                samples[: len(ramp)] *= ramp[: len(samples)]
                samples = np.concatenate([silence, samples])
            if not left:
                samples[-len(ramp) :] *= ramp[::-1][-len(samples) :]
            yield samples


def _spoken(
    engine: Engine | StreamingEngine,
    symbols: IntArray,
    speaker: int | FloatArray,
    controls: Controls,
) -> tuple[IntArray, Iterator[FloatArray]]:
    """Durations (S) of symbols (S), and their frames in parts."""
    if isinstance(engine, StreamingEngine):
        return engine.stream(symbols, speaker, controls)
    if isinstance(speaker, int):
        frames, durations = engine.frames(symbols, speaker, controls)
    else:
        assert isinstance(engine, StyledEngine)
        frames, durations = engine.frames(symbols, speaker, controls)
    return durations, iter([frames])


def _telling(
    parts: Iterable[FloatArray], tell: Callable[[FloatArray], None]
) -> Iterator[FloatArray]:
    for part in parts:
        tell(part)
        yield part


def _left_out(text: str, error: TextError) -> None:
    log.warning("left out %r: %s", text[:60], error)


def _word_times(symbols: Symbols, edges: IntArray, sample_rate: int) -> tuple[WordTime, ...]:
    """The time of each word of `symbols` (S) whose edges are at these samples (S + 1)."""
    seconds = (edges / sample_rate).tolist()
    return tuple(WordTime(w.text, seconds[w.start], seconds[w.end]) for w in symbols.words)


def cut(symbols: Symbols, most: int) -> Iterator[Symbols]:
    """`symbols` in runs of at most `most`, cut between words where a word is not longer.

    Every symbol is in one run, every word in the run in which it begins; a word that is
    longer than a run ends with it.
    """
    starts = np.array([word.start for word in symbols.words], dtype=np.int64)
    low = 0
    while low < len(symbols):
        high = min(len(symbols), low + most)
        if high < len(symbols):
            before = starts[(starts > low) & (starts <= high)]
            high = int(before[-1]) if len(before) else high
        yield Symbols(
            symbols.ids[low:high],
            symbols.tokens[low:high],
            tuple(
                Word(word.text, word.start - low, min(word.end, high) - low)
                for word in symbols.words
                if low <= word.start < high
            ),
        )
        low = high
