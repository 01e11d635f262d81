"""What a `Voice` asks of whatever runs its model, and of what makes sound of frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from intone.core.types import Audio, Controls
from intone.speech.rendering import Renderer

if TYPE_CHECKING:
    from intone.core.types import FloatArray, FrameFormat, IntArray


class Engine(Protocol):
    """What runs an acoustic model: symbols → frames and the frames of each symbol."""

    format: FrameFormat

    def frames(
        self, symbols: IntArray, speaker: int, controls: Controls
    ) -> tuple[FloatArray, IntArray]:
        """Frames (F, C) and durations (S), summing to F, of symbols (S)."""
        ...


@runtime_checkable
class ListeningEngine(Protocol):
    """An engine that takes the voice of a recording."""

    def listen(self, audio: Audio) -> FloatArray:
        """What the engine keeps of a recording's voice."""
        ...


@runtime_checkable
class StyledEngine(Protocol):
    """An engine that speaks at once, as somebody it knows or as it heard somebody."""

    def frames(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[FloatArray, IntArray]:
        """As `Engine.frames`; who speaks may be what `listen` kept of a recording."""
        ...


@runtime_checkable
class VoicedRenderer(Protocol):
    """A renderer that must be told whose voice its frames are, since they do not say it."""

    def speaking(self, speaker: int) -> Renderer:
        """The same renderer, in the voice of this speaker."""
        ...

    def hearing(self, audio: Audio) -> Renderer:
        """The same renderer, in the voice of a recording."""
        ...


@runtime_checkable
class FeelingEngine(Protocol):
    """An engine that speaks in some emotions, by name."""

    emotions: tuple[str, ...]

    def feeling(self, emotion: str) -> Engine | StreamingEngine:
        """The same engine, speaking in one of `emotions`."""
        ...


@runtime_checkable
class StreamingEngine(Protocol):
    """An engine whose frames come as they are made."""

    format: FrameFormat

    def stream(
        self, symbols: IntArray, speaker: int | FloatArray, controls: Controls
    ) -> tuple[IntArray, Iterator[FloatArray]]:
        """Durations (S) of symbols (S), and their frames in parts (F, C) as they are made."""
        ...
