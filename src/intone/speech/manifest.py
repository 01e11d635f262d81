"""`voice.json`: what a voice's folder holds, read with suspicion and written in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from intone.core.errors import IntoneError, VoiceError
from intone.core.files import read_json, write_json
from intone.core.types import FrameFormat

VOICE_FILE = "voice.json"
VOCODER_FILE = "vocoder.json"
VERSION = 1
GRIFFIN_LIM = "griffin-lim"
PARALLEL_ONNX = "parallel-onnx"
REFINING_ONNX = "refining-onnx"
STEPWISE_ONNX = "stepwise-onnx"
RECURRENT_ONNX = "recurrent-onnx"
CODES_ONNX = "codes-onnx"
CODEC_ALONE = "codec"


@dataclass(frozen=True)
class VocoderManifest:
    """Where a voice's vocoder is: a graph of its own, a shared one, or Griffin-Lim.

    One of `file` and `shared` is set; `file` may be "griffin-lim", or "codec" where the voice's
    codec needs none. `context_frames` is
    how many frames on either side can change a frame's samples, None if all can.
    `pitch_reach` is set for a vocoder with a source: how many can change a frame's pitch.
    """

    file: str | None = None
    shared: str | None = None
    context_frames: int | None = None
    pitch_reach: int | None = None


@dataclass(frozen=True)
class VoiceCodec:
    """Where the codec is whose codes a voice speaks: a folder of its own, or an installed one's.

    One of `folder` and `shared` is set, and with `shared` the `fingerprint` of its weights: codes
    mean nothing to others. `voices` are numbers of each speaker, where the codec keeps whose voice
    it is beside the codes.
    """

    folder: str | None = None
    shared: str | None = None
    fingerprint: str | None = None
    voices: tuple[tuple[float, ...], ...] | None = None


@dataclass(frozen=True)
class VoiceManifest:
    """The contents of `voice.json`; `frontend` is the state that makes the frontend again.

    `codec` says where the codec is whose codes it speaks, if it speaks any.
    `card` tells people what the voice is: trained_on, command, figures, licence, notices.
    """

    name: str
    language: str
    frontend: Mapping[str, Any]
    format: FrameFormat
    speakers: tuple[str, ...]
    default_speaker: str
    acoustic: str
    vocoder: VocoderManifest
    engine: str = PARALLEL_ONNX
    codec: VoiceCodec | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write `voice.json` into `folder`."""
        vocoder = {k: v for k, v in asdict(self.vocoder).items() if v is not None}
        value: dict[str, Any] = {
            "version": VERSION,
            "name": self.name,
            "language": self.language,
            "engine": self.engine,
            "speakers": list(self.speakers),
            "default_speaker": self.default_speaker,
            "format": asdict(self.format),
            "acoustic": {"file": self.acoustic},
            "vocoder": vocoder,
            "card": dict(self.card),
            "frontend": dict(self.frontend),
        }
        if self.codec is not None:
            value["codec"] = {k: v for k, v in asdict(self.codec).items() if v is not None}
        write_json(folder / VOICE_FILE, value)


@dataclass(frozen=True)
class SharedVocoder:
    """The contents of `vocoder.json`: a vocoder that several voices render with."""

    format: FrameFormat
    file: str
    context_frames: int | None = None
    pitch_reach: int | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write `vocoder.json` into `folder`."""
        write_json(folder / VOCODER_FILE, {"version": VERSION, **asdict(self)})


class _Fields:
    """Typed access to a JSON object; every complaint names the file and the key."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise VoiceError(f"{where} must be a JSON object; make the voice again")
        self.value, self.where = value, where

    def text(self, key: str) -> str:
        found = self.value.get(key)
        if not isinstance(found, str) or not found:
            raise VoiceError(f"{self.where}: {key!r} must be a text; make the voice again")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.value.get(key)
        if not isinstance(found, list) or not found or not all(isinstance(t, str) for t in found):
            raise VoiceError(f"{self.where}: {key!r} must be a list of names; make the voice again")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, Any]:
        found = self.value.get(key)
        if not isinstance(found, dict):
            raise VoiceError(f"{self.where}: {key!r} must be an object; make the voice again")
        return found

    def rows(self, key: str) -> tuple[tuple[float, ...], ...]:
        """Rows of numbers from -1 to 1, all as long."""
        found = self.value.get(key)
        rows = found if isinstance(found, list) else []
        numbers: list[Any] = [n for row in rows for n in (row if isinstance(row, list) else [""])]
        if (
            not rows
            or len({len(row) for row in rows if isinstance(row, list)}) > 1
            or any(type(n) not in (int, float) or not -1 <= n <= 1 for n in numbers)
        ):
            raise VoiceError(
                f"{self.where}: {key!r} must be rows of numbers from -1 to 1; make the voice again"
            )
        return tuple(tuple(map(float, row)) for row in rows)

    def count_or_none(self, key: str) -> int | None:
        found = self.value.get(key)
        if found is not None and (type(found) is not int or found < 0):
            raise VoiceError(f"{self.where}: {key!r} must be a whole number from 0 up")
        return found


def _read(path: Path) -> _Fields:
    try:
        found = _Fields(read_json(path), str(path))
    except VoiceError:
        raise
    except IntoneError as error:
        raise VoiceError(str(error)) from None
    version = found.value.get("version")
    if type(version) is not int or version < 1:
        raise VoiceError(f"{path}: 'version' must be a whole number; make the voice again")
    if version > VERSION:
        raise VoiceError(
            f"{path} is of version {version}, but this intone reads up to {VERSION}; upgrade intone"
        )
    return found


def _format(value: dict[str, Any], where: str) -> FrameFormat:
    defaults = FrameFormat()
    for key, given in value.items():
        if key not in {f.name for f in fields(FrameFormat)}:
            raise VoiceError(f"{where}: 'format' has an unknown key {key!r}; upgrade intone")
        wanted = type(getattr(defaults, key))
        if type(given) is not wanted and not (wanted is float and type(given) is int):
            raise VoiceError(f"{where}: format.{key} is {given!r}, but must be {wanted.__name__}")
        if wanted in (int, float) and not 0 <= given < 1e7:
            raise VoiceError(f"{where}: format.{key} is {given!r}, which no sound has")
    made = FrameFormat(**value)
    if made.sample_rate < 1 or made.hop_samples < 1 or made.window_samples < made.hop_samples:
        raise VoiceError(f"{where}: 'format' describes no sound; make the voice again")
    return made


def read_voice(folder: Path) -> VoiceManifest:
    """The manifest in `folder/voice.json`; `VoiceError` names the first thing that is wrong."""
    path = folder / VOICE_FILE
    found = _read(path)
    speakers = found.texts("speakers")
    default_speaker = found.text("default_speaker")
    if default_speaker not in speakers:
        raise VoiceError(f"{path}: default_speaker {default_speaker!r} is not among its speakers")
    vocoder = _Fields(found.mapping("vocoder"), f"{path}, vocoder")
    if ("file" in vocoder.value) == ("shared" in vocoder.value):
        raise VoiceError(f"{path}, vocoder: needs either 'file' or 'shared'")
    return VoiceManifest(
        name=found.text("name"),
        language=found.text("language"),
        frontend=found.mapping("frontend"),
        format=_format(found.mapping("format"), str(path)),
        speakers=speakers,
        default_speaker=default_speaker,
        engine=found.text("engine"),
        acoustic=_Fields(found.mapping("acoustic"), f"{path}, acoustic").text("file"),
        vocoder=VocoderManifest(
            file=vocoder.text("file") if "file" in vocoder.value else None,
            shared=vocoder.text("shared") if "shared" in vocoder.value else None,
            context_frames=vocoder.count_or_none("context_frames"),
            pitch_reach=vocoder.count_or_none("pitch_reach"),
        ),
        codec=_codec(_Fields(found.mapping("codec"), f"{path}, codec"))
        if "codec" in found.value
        else None,
        card=found.mapping("card") if "card" in found.value else {},
    )


def _codec(codec: _Fields) -> VoiceCodec:
    if ("folder" in codec.value) == ("shared" in codec.value):
        raise VoiceError(f"{codec.where}: needs either 'folder' or 'shared'")
    voices = codec.rows("voices") if "voices" in codec.value else None
    if "folder" in codec.value:
        return VoiceCodec(folder=codec.text("folder"), voices=voices)
    return VoiceCodec(
        shared=codec.text("shared"), fingerprint=codec.text("fingerprint"), voices=voices
    )


def read_shared_vocoder(folder: Path) -> SharedVocoder:
    """The manifest in `folder/vocoder.json`; `VoiceError` if it is not as it must be."""
    path = folder / VOCODER_FILE
    found = _read(path)
    return SharedVocoder(
        format=_format(found.mapping("format"), str(path)),
        file=found.text("file"),
        context_frames=found.count_or_none("context_frames"),
        pitch_reach=found.count_or_none("pitch_reach"),
        card=found.mapping("card") if "card" in found.value else {},
    )


def file_inside(folder: Path, name: str) -> Path:
    """The file called `name` in `folder`.

    Raises `VoiceError` if there is none, or if the name, followed through links, leads
    out of the folder: a voice from elsewhere must not reach other files.
    """
    steps = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    leads_out = ".." in steps or PureWindowsPath(name).anchor or PurePosixPath(name).is_absolute()
    if leads_out or "\0" in name:
        raise VoiceError(f"{folder}: the file name {name!r} leads out of the voice's folder")
    path = folder / name
    if not path.is_file():
        raise VoiceError(f"{folder} lacks the file {name}; copy the whole folder, or make it again")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise VoiceError(f"{folder}: the file {name!r} is a link out of the voice's folder")
    return path
