"""Vocos as its author publishes it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from intone.core.errors import VoiceError
from intone.vocoder.published.conventions import MelConvention
from intone.vocoder.published.descriptions import Told, description_in, floats_of, tensors_in
from intone.vocoder.published.found import Published

_VOCOS_NAMES = (
    (r"backbone\.embed\.", "embed."),
    (r"backbone\.norm\.", "norm_in."),
    (r"backbone\.final_layer_norm\.", "norm_out."),
    (r"backbone\.convnext\.(\d+)\.dwconv\.", r"blocks.\1.depthwise."),
    (r"backbone\.convnext\.(\d+)\.norm\.", r"blocks.\1.norm."),
    (r"backbone\.convnext\.(\d+)\.pwconv1\.", r"blocks.\1.widen."),
    (r"backbone\.convnext\.(\d+)\.pwconv2\.", r"blocks.\1.narrow."),
    (r"backbone\.convnext\.(\d+)\.gamma$", r"blocks.\1.scale"),
    (r"head\.out\.", "head."),
)
_VOCOS_LOUDEST = 100.0
_MEL = "MelSpectrogramFeatures"


def _vocos_name(name: str) -> str:
    for theirs, ours in _VOCOS_NAMES:
        made, count = re.subn(f"^{theirs}", ours, name)
        if count:
            return made
    return name


def vocos_layout(description: Path, weights: Path) -> Published:
    """Vocos': `config.yaml` and `pytorch_model.bin`; the mel is torchaudio's unless it says so."""
    values = description_in(description, yaml.safe_load)
    told = Told(values, description)
    features, backbone, head = map(told.part, ("feature_extractor", "backbone", "head"))
    kind = str(values["feature_extractor"].get("class_path", ""))
    if not kind.endswith(_MEL):
        raise VoiceError(
            f"{description}: {kind or 'it'} makes no mel; choose a Vocos of mel frames"
        )
    if backbone.values.get("adanorm_num_embeddings"):
        raise VoiceError(f"{description}: a vocoder with conditions cannot be used; choose another")
    rate, fft = features.whole("sample_rate", 24_000), features.whole("n_fft", 1_024)
    high = features.values.get("f_max")
    found = floats_of(tensors_in(weights), weights)
    return Published(
        source=f"the vocoder {weights}",
        family="vocos",
        settings={
            "channels": backbone.whole("dim"),
            "hidden": backbone.whole("intermediate_dim"),
            "layers": backbone.whole("num_layers"),
            "window": head.whole("n_fft"),
            "loudest": _VOCOS_LOUDEST,
        },
        weights={
            _vocos_name(name): value
            for name, value in found.items()
            if name.startswith(("backbone.", "head.out."))
        },
        convention=MelConvention(
            sample_rate=rate,
            hop_samples=features.whole("hop_length", 256),
            window_samples=features.whole("win_length", fft),
            fft_samples=fft,
            bands=features.whole("n_mels", 100),
            low_hz=float(features.number("f_min", 0.0)),
            high_hz=rate / 2 if high is None else float(features.number("f_max")),
            floor=float(features.number("clip_val", 1e-7)),
            power=float(features.number("power", 1.0)),
            scale=features.text("mel_scale", "htk"),
            area=features.text("mel_norm" if "mel_norm" in features.values else "norm", "none"),
        ),
    )
