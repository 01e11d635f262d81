"""Vocoders and codecs as `sound.py` compares them: opened by a name, sound in, sound out.

A name is `griffin-lim`, an installed vocoder's, a folder of a vocoder, its run or published
weights; `family:PRESET` for an untrained one, whose speed alone means something; and
`codec:WHAT`, where WHAT is as `intone codec --codec` takes it, with `@K` for the first K codebooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from intone.audio.mel import mel_spectrogram
from intone.core.types import MEL_22K, Audio

CODEC = "codec:"


@dataclass
class Vocoded:
    """A vocoder: `forth` measures the mel of a sound, `back` renders it."""

    renderer: Any
    files: list[Path]
    card: dict[str, Any]
    sample_rate: int = MEL_22K.sample_rate

    @property
    def parameters(self) -> int | None:
        """Numbers that were learned; None where nobody tells."""
        return _parameters_of(self.card) if self.files else 0

    def forth(self, audio: Audio) -> Any:
        """The mel frames of `audio`."""
        return mel_spectrogram(audio.samples, MEL_22K)

    def back(self, frames: Any) -> Any:
        """The samples of mel frames."""
        return self.renderer.render(frames)


@dataclass
class Coded:
    """A codec with `codebooks` of its codebooks, and the vocoder that makes its frames heard."""

    codec: Any
    codebooks: int
    vocoder: Any
    files: list[Path]

    @property
    def parameters(self) -> int | None:
        """Numbers that were learned; None where nobody tells."""
        if self.files:
            return codec_parameters(self.files[0].parent)
        module = getattr(self.codec, "_codec", None)
        return None if module is None else sum(p.numel() for p in module.parameters())

    @property
    def sample_rate(self) -> int:
        """Of what `back` gives, in Hz."""
        sound = self.codec.sound
        return int(self.codec.format.sample_rate if sound is None else sound.sample_rate)

    def forth(self, audio: Audio) -> Any:
        """The codes of `audio`."""
        return self.codec.encode(audio, self.codebooks)

    def back(self, codes: Any) -> Any:
        """The samples of codes."""
        made = self.codec.render(codes)
        if self.codec.sound is not None:
            made = self.vocoder.render(made)
        return made[: codes.samples]


def opened(name: str, folder: Path) -> Vocoded | Coded:
    """The system called `name`, on one thread; what must be written goes to `folder`."""
    if name.startswith(CODEC):
        return _codec(name.removeprefix(CODEC))
    family, _, preset = name.partition(":")
    if preset and not Path(name).exists():
        return _untrained(family, preset, folder)
    return _vocoder(name)


def _renderer(name: str) -> tuple[Any, Path | None, dict[str, Any]]:
    """What renders through the vocoder `name`, its graph and its card."""
    from intone.cli.finishing import choose_vocoder
    from intone.speech.manifest import file_inside, read_shared_vocoder
    from intone.speech.onnx_engine import open_vocoder
    from intone.speech.packaged import find_shared_vocoder
    from intone.speech.rendering import GriffinLim

    chosen, graph = choose_vocoder(name, MEL_22K)
    if graph is None and chosen.shared is None:
        return GriffinLim(MEL_22K), None, {}
    folder = graph.parent if graph is not None else find_shared_vocoder(str(chosen.shared))
    shared = read_shared_vocoder(folder)
    graph = file_inside(folder, shared.file)
    opened = open_vocoder(graph, MEL_22K, 1, shared.context_frames, shared.pitch_reach)
    return opened, graph, dict(shared.card)


def _vocoder(name: str) -> Vocoded:
    renderer, graph, card = _renderer(name)
    return Vocoded(renderer, [] if graph is None else [graph], card)


def _parameters_of(card: dict[str, Any]) -> int | None:
    """How many numbers the card's model learned; None where the card does not tell."""
    from intone.core.errors import IntoneError
    from intone.core.registry import family

    if "parameters" in card:
        return int(card["parameters"])
    try:
        found = family("vocoder", str(card.get("model") or card.get("family")))
        return count(found, found.presets[str(card.get("preset", "laptop"))])
    except (IntoneError, KeyError):
        return None


def count(found: Any, settings: Any) -> int:
    """The parameters of a family's model with `settings`."""
    import torch

    from intone.core.protocols import CorpusFacts

    with torch.device("meta"):
        facts = CorpusFacts(symbols=0, speakers=(), format=MEL_22K)
        model = found.model(found.settings(**settings), facts)
    return sum(p.numel() for p in model.parameters())


def _untrained(name: str, preset: str, folder: Path) -> Vocoded:
    """A vocoder with the weights that it is born with, as a graph in `folder`."""
    from intone.core.protocols import CorpusFacts
    from intone.core.registry import family
    from intone.export.voice import write_vocoder

    made = folder / f"{name}-{preset}"
    found = family("vocoder", name)
    if not (made / "vocoder.json").is_file():
        import torch

        torch.manual_seed(0)
        facts = CorpusFacts(symbols=0, speakers=(), format=MEL_22K)
        model = found.model(found.settings(**found.presets[preset]), facts)
        write_vocoder(made, vocoder=model, format=MEL_22K, card={"model": name, "preset": preset})
    return _vocoder(str(made))


def _codec(name: str) -> Coded:
    from intone.cli.codec import open_codec
    from intone.cli.finishing import installed_vocoder
    from intone.codec.folder import find_codec
    from intone.codec.onnx_codec import OnnxCodec

    where, _, codebooks = name.partition("@")
    codec: Any = open_codec(where)
    files: list[Path] = []
    if isinstance(codec, OnnxCodec):
        folder = find_codec(where)
        codec = OnnxCodec(folder, threads=1)
        files = sorted(folder.glob("*.onnx"))
    vocoder = None
    if codec.sound is not None:
        vocoder = _renderer(installed_vocoder(codec.sound))[0]
    return Coded(codec, int(codebooks or codec.format.codebooks), vocoder, files)


def codec_parameters(folder: Path) -> int:
    """The numbers in a codec's weights file, statistics of its codebooks left out.

    Of a folder without weights, what its card says.
    """
    from safetensors import safe_open

    from intone.codec.folder import WEIGHTS_FILE, read_manifest

    if not (folder / WEIGHTS_FILE).is_file():
        told: int = read_manifest(folder).card["parameters"]
        return told
    besides = ("counts", "sums", "begun", "num_batches_tracked")
    with safe_open(folder / WEIGHTS_FILE, "np") as weights:
        names = [name for name in weights.keys() if not name.endswith(besides)]  # noqa: SIM118
        return sum(int(np.prod(weights.get_slice(name).get_shape())) for name in names)
