"""A trained codec as a folder: weights, and graphs that run without torch."""

from __future__ import annotations

import copy
import hashlib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from intone.codec.folder import (
    DECODE_FILE,
    ENCODE_FILE,
    VOICE_FILE,
    WEIGHTS_FILE,
    CodecManifest,
)
from intone.core.errors import VoiceError
from intone.core.files import replacing
from intone.core.turning import TURNING_INPUTS, TURNING_OUTPUTS
from intone.export.onnx import _differs, _each, _require_close, _write, halved

SCRIPT_FILE = "codec.pt"
_MOST_OTHER_CODES = 0.01
"""Where two codes lie equally near, torch and ONNX may choose differently."""


class _EncodeGraph(nn.Module):
    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, frames: Tensor, voice: Tensor | None = None) -> Tensor:
        beside = () if voice is None else (voice,)
        codes: Tensor = self.codec.encoded(frames, *beside)
        return codes


class _DecodeGraph(nn.Module):
    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, codes: Tensor, voice: Tensor | None = None) -> Tensor:
        beside = () if voice is None else (voice,)
        made: Tensor = self.codec.decoded(codes, *beside)
        return made


class _TurningGraph(nn.Module):
    """A piece of a passage, of a codec whose sound has a source."""

    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(
        self, codes: Tensor, number: Tensor, anchor: Tensor, turns: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        made: tuple[Tensor, Tensor, Tensor] = self.codec.decoded(codes, number, anchor, turns)
        return made


class _VoiceGraph(nn.Module):
    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, frames: Tensor) -> Tensor:
        voice: Tensor = self.codec.voices(frames)
        return voice


def write_codec(
    folder: Path,
    *,
    codec: Any,
    name: str,
    family: str,
    card: Mapping[str, Any],
    rounded: Callable[[nn.Module], None] = halved,
) -> CodecManifest:
    """Write a trained `codec` to `folder`: weights, graphs, and last `codec.json`.

    A codec of mel frames also gets `codec.pt`, TorchScript with `encode` and `decode`. The
    weights are `rounded` first, by default to half precision, in all of them alike. Raises
    `VoiceError` if a graph differs from torch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    codec = codec.cpu().eval()
    rounded(codec)
    only_learns = getattr(codec, "only_learns", ())
    state = {
        name: value.contiguous().clone()
        for name, value in codec.state_dict().items()
        if not name.startswith(only_learns)
    }
    with replacing(folder / WEIGHTS_FILE) as temporary:
        temporary.write_bytes(safetensors.torch.save(state))
    _export_graphs(codec, folder)
    if codec.sound is not None:
        export_script(codec, folder / SCRIPT_FILE)
    manifest = CodecManifest(
        name=name,
        family=family,
        format=codec.format,
        features=codec.features,
        sound=codec.sound,
        stride=codec.stride,
        edge_frames=codec.edge_frames,
        encode_context=codec.encode_context,
        decode_context=codec.context_frames,
        fingerprint=_fingerprint(state, codec.only_decodes),
        voice=codec.voice_size,
        pitch_reach=codec.pitch_reach,
        settings=codec.settings.model_dump(mode="json"),
        card=card,
    )
    manifest.write(folder)
    return manifest


def _fingerprint(state: Mapping[str, Tensor], only_decodes: tuple[str, ...]) -> str:
    """What tells codes apart: the weights but those that `only_decodes`, which make none."""
    coding = {name: value for name, value in state.items() if not name.startswith(only_decodes)}
    return hashlib.sha256(safetensors.torch.save(coding)).hexdigest()[:16]


def _export_graphs(codec: Any, folder: Path) -> None:
    source = torch.Generator().manual_seed(0)
    stride, bands, format = codec.stride, codec.features.bands, codec.format
    made = "samples" if codec.sound is None else "frames"
    turning = codec.pitch_reach is not None

    def frames(count: int) -> dict[str, Tensor]:
        return {"frames": torch.randn((1, count * stride, bands), generator=source) * 2 - 5}

    def voice() -> dict[str, Tensor]:
        if not codec.voice_size:
            return {}
        # Heard, as means of cepstra at random are no voice; copied, as inference made it.
        return {"voice": codec.voices(frames(50)["frames"]).clone()}

    def codes(count: int, codebooks: int) -> dict[str, Tensor]:
        some = torch.randint(format.codebook_size, (1, count, codebooks), generator=source)
        if not turning:
            return {"codes": some, **voice()}
        told = (torch.tensor([3 * count]), torch.tensor([count // 2]), torch.tensor([0.25]))
        return {"codes": some, **dict(zip(TURNING_INPUTS, told, strict=True))}

    with torch.no_grad():
        groups = torch.export.Dim("codes", min=2, max=1_000_000)
        encode = _EncodeGraph(codec)
        encoding = _opened(
            encode, folder / ENCODE_FILE, frames(50) | voice(), ("codes",), {1: stride * groups}
        )
        varying: dict[int, Any] = {1: groups}
        if format.codebooks > 1:
            varying[2] = torch.export.Dim("codebooks", min=1, max=format.codebooks)
        outputs = (made, *TURNING_OUTPUTS, "pitch_hz") if turning else (made,)
        decode = (_TurningGraph if turning else _DecodeGraph)(codec)
        decoding = _opened(
            decode, folder / DECODE_FILE, codes(50, format.codebooks), outputs, varying
        )
        worst, compared, other = 0.0, 0, []
        for count in (1, 2, 7, 64, 211):
            given = frames(count) | voice()
            (theirs,) = _run(encoding, given)
            other.append(np.mean(encode(*given.values()).numpy() != theirs, axis=(0, 1)))
            for codebooks in {1, (format.codebooks + 1) // 2, format.codebooks}:
                given = codes(count, codebooks)
                ours, heard = _each(decode(*given.values())), _run(decoding, given)
                # A pitch that lies between two steps may fall either way.
                if not turning or np.array_equal(ours[-1], heard[-1]):
                    worst = max(worst, _differs(ours[0], heard[0]))
                    compared += 1
        if codec.voice_size:
            of = _VoiceGraph(codec)
            lengths = torch.export.Dim("length", min=2, max=1_000_000)
            telling = _opened(of, folder / VOICE_FILE, frames(50), ("voice",), {1: lengths})
            for given in (frames(1), frames(130)):
                (told,) = _run(telling, given)
                _require_close(_differs(of(*given.values()).numpy(), told), folder / VOICE_FILE)
    _require_close(worst if compared else float("inf"), folder / DECODE_FILE)
    # A first codebook that differs makes those behind it differ too, so it alone is asked.
    if float(np.mean([each[0] for each in other])) > _MOST_OTHER_CODES:
        raise VoiceError(
            f"{folder / ENCODE_FILE} chooses other codes than the model; the ONNX exporter of "
            "this torch release does not fit the model"
        )


def _opened(
    graph: nn.Module,
    path: Path,
    given: Mapping[str, Tensor],
    outputs: tuple[str, ...],
    dynamic: dict[int, Any],
) -> Any:
    """`graph`, written to `path` and opened; of the first of its inputs some axes are `dynamic`."""
    import onnxruntime

    first, *others = given
    _write(
        graph,
        tuple(given.values()),
        path,
        inputs=tuple(given),
        outputs=outputs,
        dynamic={first: dynamic, **dict.fromkeys(others)},
        strict=False,
    )
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def _run(session: Any, given: Mapping[str, Tensor]) -> list[Any]:
    found: list[Any] = session.run(None, {name: value.numpy() for name, value in given.items()})
    return found


class _Script(nn.Module):
    """`encode` and `decode` as the methods of one TorchScript module."""

    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec
        self.alone = codec.format.codebooks == 1

    def encode(self, mel: Tensor) -> Tensor:
        beside = (self.codec.voices(mel),) if self.codec.voice_size else ()
        codes: Tensor = self.codec.encoded(mel, *beside)
        return codes[..., 0] if self.alone else codes

    def decode(self, codes: Tensor) -> Tensor:
        made: Tensor = self.codec.decoded(codes[..., None] if self.alone else codes)
        return made


class _VoicedScript(_Script):
    """As `_Script`, of codes that leave unsaid whose voice it is: `voice` tells."""

    def voice(self, mel: Tensor) -> Tensor:
        voice: Tensor = self.codec.voices(mel)
        return voice

    def decode_as(self, codes: Tensor, voice: Tensor) -> Tensor:
        made: Tensor = self.codec.decoded(codes[..., None] if self.alone else codes, voice)
        return made


def export_script(codec: Any, path: Path) -> None:
    """Write a codec of mel frames as TorchScript: `encode` (B, F, bands) → (B, G), `decode` back.

    Of several codebooks it is (B, G, K). F must be a multiple of the stride. One whose codes leave
    unsaid whose voice it is also has `voice` (B, F, bands) → (B, V) and `decode_as` codes, (B, V).
    Raises `VoiceError` if it does not run as the model does.
    """
    whole = copy.deepcopy(codec).eval()
    script = _VoicedScript(whole) if codec.voice_size else _Script(whole)
    mel = torch.randn(2, 24 * codec.stride, codec.features.bands) * 2 - 5
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        codes = script.encode(mel)
        methods: dict[str, Any] = {"encode": mel, "decode": codes}
        if isinstance(script, _VoicedScript):
            methods |= {"voice": mel, "decode_as": (codes, script.voice(mel))}
        traced: Any = torch.jit.trace_module(script, methods)
        other = torch.randn(1, 61 * codec.stride, codec.features.bands) * 2 - 5
        chosen = script.encode(other)
        differs = _differs(traced.decode(chosen).numpy(), script.decode(chosen).numpy())
        if isinstance(script, _VoicedScript):
            voice = script.voice(other)
            pairs = [
                (traced.voice(other), voice),
                (traced.decode_as(chosen, voice), script.decode_as(chosen, voice)),
            ]
            differs = max([differs, *(_differs(a.numpy(), b.numpy()) for a, b in pairs)])
        if not torch.equal(traced.encode(other), chosen) or differs > 1e-4:
            raise VoiceError(f"{path} as TorchScript differs from the model; upgrade torch")
        with replacing(path) as temporary:
            torch.jit.save(traced, str(temporary))
