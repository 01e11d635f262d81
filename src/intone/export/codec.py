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

from intone.codec.folder import DECODE_FILE, ENCODE_FILE, WEIGHTS_FILE, CodecManifest
from intone.core.errors import VoiceError
from intone.core.files import replacing
from intone.export.onnx import _differs, _require_close, _write, halved

SCRIPT_FILE = "codec.pt"
_MOST_OTHER_CODES = 0.01
"""Where two codes lie equally near, torch and ONNX may choose differently."""


class _EncodeGraph(nn.Module):
    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, frames: Tensor) -> Tensor:
        codes: Tensor = self.codec.encoded(frames)
        return codes


class _DecodeGraph(nn.Module):
    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, codes: Tensor) -> Tensor:
        made: Tensor = self.codec.decoded(codes)
        return made


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
    import onnxruntime

    source = torch.Generator().manual_seed(0)
    stride, bands, format = codec.stride, codec.features.bands, codec.format
    encode, decode = _EncodeGraph(codec), _DecodeGraph(codec)
    made = "samples" if codec.sound is None else "frames"

    def frames(count: int) -> Tensor:
        return torch.randn((1, count * stride, bands), generator=source) * 2 - 5

    def codes(count: int, codebooks: int) -> Tensor:
        return torch.randint(format.codebook_size, (1, count, codebooks), generator=source)

    with torch.no_grad():
        groups = torch.export.Dim("codes", min=2, max=1_000_000)
        _write(
            encode,
            (frames(50),),
            folder / ENCODE_FILE,
            inputs=("frames",),
            outputs=("codes",),
            dynamic={"frames": {1: stride * groups}},
        )
        dynamic: dict[int, Any] = {1: groups}
        if format.codebooks > 1:
            dynamic[2] = torch.export.Dim("codebooks", min=1, max=format.codebooks)
        _write(
            decode,
            (codes(50, format.codebooks),),
            folder / DECODE_FILE,
            inputs=("codes",),
            outputs=(made,),
            dynamic={"codes": dynamic},
        )
        sessions = [
            onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
            for name in (ENCODE_FILE, DECODE_FILE)
        ]
        worst, other = 0.0, []
        for count in (1, 2, 7, 64, 211):
            given = frames(count)
            theirs = sessions[0].run(["codes"], {"frames": given.numpy()})[0]
            other.append(np.mean(encode(given).numpy() != theirs, axis=(0, 1)))
            for codebooks in {1, (format.codebooks + 1) // 2, format.codebooks}:
                some = codes(count, codebooks)
                heard = sessions[1].run([made], {"codes": some.numpy()})[0]
                worst = max(worst, _differs(decode(some).numpy(), heard))
    _require_close(worst, folder / DECODE_FILE)
    # A first codebook that differs makes those behind it differ too, so it alone is asked.
    if float(np.mean([each[0] for each in other])) > _MOST_OTHER_CODES:
        raise VoiceError(
            f"{folder / ENCODE_FILE} chooses other codes than the model; the ONNX exporter of "
            "this torch release does not fit the model"
        )


class _Script(nn.Module):
    """`encode` and `decode` as the methods of one TorchScript module."""

    def __init__(self, codec: Any) -> None:
        super().__init__()
        self.codec = codec

    def encode(self, mel: Tensor) -> Tensor:
        codes: Tensor = self.codec.encoded(mel)
        return codes[..., 0]

    def decode(self, codes: Tensor) -> Tensor:
        made: Tensor = self.codec.decoded(codes[..., None])
        return made


def export_script(codec: Any, path: Path) -> None:
    """Write a codec of mel frames as TorchScript: `encode` (B, F, bands) → (B, G), `decode` back.

    F must be a multiple of the stride. Raises `VoiceError` if it does not run as the model does.
    """
    script = _Script(copy.deepcopy(codec).eval())
    mel = torch.randn(2, 24 * codec.stride, codec.features.bands) * 2 - 5
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        codes = script.encode(mel)
        traced: Any = torch.jit.trace_module(script, {"encode": mel, "decode": codes})
        other = torch.randn(1, 61 * codec.stride, codec.features.bands) * 2 - 5
        same = torch.equal(traced.encode(other), script.encode(other))
        chosen = script.encode(other)
        if (
            not same
            or _differs(traced.decode(chosen).numpy(), script.decode(chosen).numpy()) > 1e-4
        ):
            raise VoiceError(f"{path} as TorchScript differs from the model; upgrade torch")
        with replacing(path) as temporary:
            torch.jit.save(traced, str(temporary))
