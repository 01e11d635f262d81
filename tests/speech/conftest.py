"""A voice of the smallest kind: real graphs that honour the contract, and a frontend of letters."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from intone.core.errors import TextError
from intone.core.types import MEL_22K, Symbols, Word
from intone.speech.manifest import SharedVocoder, VocoderManifest, VoiceManifest
from intone.speech.voice import Voice

HOP = MEL_22K.hop_samples
CONTEXT_FRAMES = 6
LETTER_FRAMES = 3


def _constant(name: str, value: Any, kind: Any) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, dtype=kind), name)


def _save(path: Path, nodes: list[Any], inputs: Any, outputs: Any, constants: list[Any]) -> None:
    graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def write_acoustic(path: Path, *, scale: float = 1.0, bands: int = 80) -> None:
    """Each symbol lasts round(3 / speed) frames, whose bands tell symbol, speaker and controls."""
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node("Div", ["letter_frames", "speed"], ["long"]),
        helper.make_node("Round", ["long"], ["rounded"]),
        helper.make_node("Cast", ["rounded"], ["each"], to=TensorProto.INT64),
        helper.make_node("Shape", ["symbols"], ["shape"]),
        helper.make_node("Expand", ["each", "shape"], ["durations"]),
        helper.make_node("Unsqueeze", ["symbols", "two"], ["column"]),  # (1, S, 1)
        helper.make_node("Concat", ["one", "one", "each"], ["repeats"], axis=0),
        helper.make_node("Tile", ["column", "repeats"], ["tiled"]),  # (1, S, each)
        helper.make_node("Reshape", ["tiled", "flat"], ["each_frame"]),  # (1, F, 1)
        helper.make_node("Cast", ["each_frame"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["speaker"], ["speaker_number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["numbers", "pitch"], ["pitched"]),
        helper.make_node("Add", ["pitched", "speaker_number"], ["spoken"]),
        helper.make_node("Mul", ["spoken", "energy"], ["loud"]),
        helper.make_node("Mul", ["loud", "bands"], ["frames"]),
    ]
    constants = [
        _constant("letter_frames", [LETTER_FRAMES], np.float32),
        _constant("one", [1], np.int64),
        _constant("two", [2], np.int64),
        _constant("flat", [1, -1, 1], np.int64),
        _constant("bands", scale * np.linspace(-0.1, 0.1, bands)[None, None], np.float32),
    ]
    inputs = [
        value("symbols", TensorProto.INT64, [1, "S"]),
        value("speaker", TensorProto.INT64, [1]),
        value("speed", TensorProto.FLOAT, [1]),
        value("pitch", TensorProto.FLOAT, [1]),
        value("energy", TensorProto.FLOAT, [1]),
    ]
    outputs = [
        value("frames", TensorProto.FLOAT, [1, "F", bands]),
        value("durations", TensorProto.INT64, [1, "S"]),
    ]
    _save(path, nodes, inputs, outputs, constants)


def write_vocoder(path: Path, *, bands: int = 80) -> None:
    """Two convolutions over frames, then the hop's samples of each: finite context, no seams."""
    value = helper.make_tensor_value_info
    random = np.random.default_rng(0)
    width = CONTEXT_FRAMES // 2
    kernel = 2 * width + 1
    first = random.normal(0, 0.2, (16, bands, kernel))
    second = random.normal(0, 0.02, (HOP, 16, kernel))
    nodes = [
        helper.make_node("Transpose", ["frames"], ["channels"], perm=[0, 2, 1]),
        helper.make_node("Conv", ["channels", "first"], ["hidden"], pads=[width, width]),
        helper.make_node("Tanh", ["hidden"], ["bent"]),
        helper.make_node("Conv", ["bent", "second"], ["pieces"], pads=[width, width]),
        helper.make_node("Transpose", ["pieces"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("Reshape", ["rows", "flat"], ["samples"]),
    ]
    constants = [
        _constant("first", first, np.float32),
        _constant("second", second, np.float32),
        _constant("flat", [1, -1], np.int64),
    ]
    inputs = [value("frames", TensorProto.FLOAT, [1, "F", bands])]
    outputs = [value("samples", TensorProto.FLOAT, [1, "T"])]
    _save(path, nodes, inputs, outputs, constants)


class Letters:
    """A frontend in which each character is a symbol, and a word needs a letter or a digit."""

    name = "letters"

    def __init__(self, language: str) -> None:
        self.language = language
        self.inventory: Any = None

    def symbols(self, text: str) -> Symbols:
        tokens: list[str] = ["<s>"]
        words: list[Word] = []
        for word in text.split():
            start = len(tokens)
            tokens += list(word)
            if any(character.isalnum() for character in word):
                words.append(Word(word, start, len(tokens)))
        if not words:
            raise TextError(f"there is no word in {text!r}")
        tokens.append("</s>")
        ids = np.array([1 + hash_of(token) for token in tokens], dtype=np.int64)
        return Symbols(ids, tuple(tokens), tuple(words))

    def state(self) -> dict[str, Any]:
        return {"frontend": "letters", "language": self.language}


def hash_of(token: str) -> int:
    return sum(map(ord, token)) % 40


def from_state(state: Mapping[str, Any]) -> Letters:
    return Letters(state["language"])


@pytest.fixture(autouse=True)
def letters_frontend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `from_state` find the frontend "letters"."""
    module = types.ModuleType("intone.text.letters")
    module.from_state = from_state  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "intone.text.letters", module)


@pytest.fixture(autouse=True)
def voices_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An own folder of voices, empty at first."""
    folder = tmp_path_factory.mktemp("voices")
    monkeypatch.setenv("INTONE_VOICES", str(folder))
    return folder


def manifest(name: str, language: str = "en", **changes: Any) -> VoiceManifest:
    values: dict[str, Any] = {
        "name": name,
        "language": language,
        "frontend": {"frontend": "letters", "language": language},
        "format": MEL_22K,
        "speakers": ("ada", "ben"),
        "default_speaker": "ada",
        "acoustic": "acoustic.onnx",
        "vocoder": VocoderManifest(file="vocoder.onnx", context_frames=CONTEXT_FRAMES),
        "card": {"trained_on": "nobody", "licence": "CC0", "figures": {"cer": 0.5}},
        **changes,
    }
    return VoiceManifest(**values)


MakeVoice = Callable[..., Path]


@pytest.fixture
def make_voice(voices_folder: Path) -> MakeVoice:
    """Makes a voice's folder in the user's folder of voices."""

    def make(name: str = "tiny", language: str = "en", **changes: Any) -> Path:
        folder = voices_folder / name
        folder.mkdir()
        write_acoustic(folder / "acoustic.onnx")
        write_vocoder(folder / "vocoder.onnx")
        manifest(name, language, **changes).write(folder)
        return folder

    return make


@pytest.fixture
def share_vocoder(voices_folder: Path) -> Callable[..., Path]:
    """Makes a shared vocoder in the user's folder of voices."""

    def make(name: str = "universal", **changes: Any) -> Path:
        folder = voices_folder / "_vocoder" / name
        folder.mkdir(parents=True)
        write_vocoder(folder / "vocoder.onnx")
        values: dict[str, Any] = {"format": MEL_22K, "file": "vocoder.onnx", **changes}
        SharedVocoder(**values).write(folder)
        return folder

    return make


@pytest.fixture
def voice(make_voice: MakeVoice) -> Voice:
    return Voice.load(make_voice(), threads=1)
