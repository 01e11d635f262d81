"""`codec.json`: what a codec's folder holds, read with suspicion. No torch.

Beside it lie the graphs `encode.onnx` (mel frames → codes) and `decode.onnx` (codes → samples
or mel frames), `voice.onnx` (mel frames → whose voice it is) where the codes do not say that, and
`codec.safetensors` (the weights once more, for torch), or the graphs or the weights alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from intone.codec.codes import LARGEST_VOICE
from intone.core.errors import FormatError, IntoneError
from intone.core.files import read_json, write_json
from intone.core.installed import CODECS, SHIPPED, plain, roots
from intone.core.types import FrameFormat

CODEC_FILE = "codec.json"
WEIGHTS_FILE = "codec.safetensors"
ENCODE_FILE = "encode.onnx"
DECODE_FILE = "decode.onnx"
VOICE_FILE = "voice.onnx"
VERSION = 1


@dataclass(frozen=True)
class CodecManifest:
    """The contents of `codec.json`.

    `features` is the mel that is coded, of a sound with `edge_frames` frames of silence put
    on either side (and cut off again); `sound` what decoding gives: None is samples. A code
    stands for `stride` frames of the features. The contexts are how many codes on either side
    can change a code, and what is decoded of it. Where `voice` is not 0, so many numbers say whose
    voice it is, beside the codes. `pitch_reach` is set for a decoder with a source: how many
    codes on either side can change a code's pitch.
    """

    name: str
    family: str
    format: FrameFormat
    features: FrameFormat
    sound: FrameFormat | None
    stride: int
    edge_frames: int
    encode_context: int
    decode_context: int
    fingerprint: str
    voice: int = 0
    pitch_reach: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write `codec.json` into `folder`."""
        write_json(folder / CODEC_FILE, {"version": VERSION, **asdict(self)})


def read_manifest(folder: Path) -> CodecManifest:
    """The manifest in `folder/codec.json`; `FormatError` names the first thing that is wrong."""
    path = Path(folder) / CODEC_FILE
    if not path.is_file():
        raise FormatError(f"{folder} holds no {CODEC_FILE}, so it is no codec")
    value = read_json(path)
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise FormatError(f"{path} is of another version of intone; make the codec again")
    # Codecs made before there were any do not speak of these.
    given = {"voice": 0, "pitch_reach": None} | {
        key: item for key, item in value.items() if key != "version"
    }
    for each in fields(CodecManifest):
        if each.name not in given:
            raise FormatError(f"{path} lacks {each.name!r}; make the codec again")
    unknown = set(given) - {each.name for each in fields(CodecManifest)}
    if unknown:
        raise FormatError(f"{path} has an unknown key {min(unknown)!r}; upgrade intone")
    for name in ("name", "family", "fingerprint"):
        if not isinstance(given[name], str):
            raise FormatError(f"{path}: {name} must be text")
    most = dict.fromkeys(("stride", "edge_frames", "encode_context", "decode_context"), 10_000)
    most["voice"] = LARGEST_VOICE
    if given["pitch_reach"] is not None:
        most["pitch_reach"] = 10_000
    for name, limit in most.items():
        if type(given[name]) is not int or not 0 <= given[name] <= limit:
            raise FormatError(f"{path}: {name} is {given[name]!r}, which cannot be")
    for name in ("settings", "card"):
        if not isinstance(given[name], dict):
            raise FormatError(f"{path}: {name} must be an object")
    for name in ("format", "features", "sound"):
        if name != "sound" or given[name] is not None:
            given[name] = _format(given[name], f"{path}: {name}")
    made = CodecManifest(**given)
    if made.format.kind != "codes" or made.format.codebooks < 1 or made.format.codebook_size < 1:
        raise FormatError(f"{path}: format describes no codes")
    if made.pitch_reach is not None and made.pitch_reach > made.decode_context:
        raise FormatError(f"{path}: pitch_reach is beyond decode_context, which cannot be")
    if made.stride < 1 or made.format.hop_samples != made.stride * made.features.hop_samples:
        raise FormatError(f"{path}: the hops of format and features do not fit the stride")
    return made


def find_codec(name: str | Path) -> Path:
    """The folder of the installed codec of this name, at this path, or in the run at this path.

    Raises `IntoneError` if there is none.
    """
    own = find_installed(str(name))
    if own is not None:
        return own
    path = Path(name).expanduser()
    for folder in (path, path / "codec", path / "voice"):
        if (folder / CODEC_FILE).is_file():
            return folder
    if path.name == CODEC_FILE and path.is_file():
        return path.parent
    known = f" (there are: {', '.join(names)})" if (names := installed_names()) else ""
    raise IntoneError(
        f"there is no codec {str(name)!r}{known}; give its folder, or train one: intone train codec"
    )


def find_installed(name: str) -> Path | None:
    """The folder of the installed codec of this name, the user's before the package's, or None."""
    if plain(name):
        for root in roots():
            if (root / CODECS / name / CODEC_FILE).is_file():
                return root / CODECS / name
    return None


def installed_names() -> list[str]:
    """The names of the installed codecs."""
    found = {file.parent.name for root in roots() for file in _manifests(root)}
    return sorted(found)


def shipped_name(folder: Path) -> str | None:
    """The name of the codec in `folder` if the package brings it along, so that all have it."""
    own = any(file.parent.resolve() == folder.resolve() for file in _manifests(SHIPPED))
    return folder.name if own else None


def _manifests(root: Path) -> list[Path]:
    return sorted((root / CODECS).glob(f"*/{CODEC_FILE}"))


def _format(value: Any, where: str) -> FrameFormat:
    known = {each.name: getattr(FrameFormat(), each.name) for each in fields(FrameFormat)}
    if not isinstance(value, dict) or set(value) != set(known):
        raise FormatError(f"{where} is not the description of a frame")
    for key, given in value.items():
        wanted = type(known[key])
        if type(given) is not wanted and not (wanted is float and type(given) is int):
            raise FormatError(f"{where}.{key} is {given!r}, but must be {wanted.__name__}")
        if wanted in (int, float) and not 0 <= given < 1e7:
            raise FormatError(f"{where}.{key} is {given!r}, which no sound has")
    if value["sample_rate"] < 1 or value["hop_samples"] < 1:
        raise FormatError(f"{where} describes no sound")
    return FrameFormat(**value)
