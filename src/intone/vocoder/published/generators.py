"""HiFi-GAN as its authors publish it, and as SpeechBrain does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from intone.core.errors import VoiceError
from intone.vocoder.published.conventions import MelConvention
from intone.vocoder.published.descriptions import (
    Told,
    description_in,
    floats_of,
    tagged_yaml,
    tensors_in,
)
from intone.vocoder.published.found import Published
from intone.vocoder.published.weight_norm import folded


def _generator_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """HiFi-GAN's published names → ours; a bias that was left out is none."""
    made = {
        name if name.startswith("conv_post.") else f"upsampling.{name}": value
        for name, value in folded(weights).items()
    }
    made.setdefault("conv_post.bias", torch.zeros(1))
    return made


def _hifigan_settings(told: Told, rates: str) -> dict[str, Any]:
    return {
        "channels": told.whole("upsample_initial_channel"),
        "rates": told.numbers(rates),
        "kernels": told.numbers("upsample_kernel_sizes"),
        "block": told.text("resblock" if rates == "upsample_rates" else "resblock_type", "1"),
        "block_kernels": told.numbers("resblock_kernel_sizes"),
        "dilations": told.numbers("resblock_dilation_sizes"),
    }


def hifigan_layout(description: Path, weights: Path) -> Published:
    """The original: `config.json`, and a file with the generator's weights under "generator"."""
    told = Told(description_in(description, json.loads), description)
    found = tensors_in(weights)
    generator = found.get("generator", found)
    if not isinstance(generator, dict):
        raise VoiceError(f"{weights} holds no 'generator'; give a file such as g_02500000")
    rate = told.whole("sampling_rate")
    half = rate / 2
    return Published(
        source=f"the vocoder {weights}",
        family="hifigan",
        settings=_hifigan_settings(told, "upsample_rates"),
        weights=_generator_names(floats_of(generator, weights)),
        convention=MelConvention(
            sample_rate=rate,
            hop_samples=told.whole("hop_size"),
            window_samples=told.whole("win_size"),
            fft_samples=told.whole("n_fft"),
            bands=told.whole("num_mels"),
            low_hz=float(told.number("fmin", 0.0)),
            # None stands for all there is.
            high_hz=half if told.values.get("fmax") is None else float(told.number("fmax")),
        ),
    )


def _references_followed(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values`, where a text "<key>" stands for the value of that key."""

    def followed(value: Any) -> Any:
        if isinstance(value, str) and (match := re.fullmatch(r"<(\w+)>", value.strip())):
            return values.get(match[1])
        return value

    return {name: followed(value) for name, value in values.items()}


def speechbrain_layout(description: Path, weights: Path) -> Published:
    """SpeechBrain's: `hyperparams.yaml` and `generator.ckpt`, names with ".conv." in them.

    Its convolutions mirror the ends of a sound where ours pad with silence, which is heard in
    the outermost frames at most.
    """
    values = description_in(description, tagged_yaml)
    told = Told(_references_followed(values), description)
    if told.whole("cond_channels", 0):
        raise VoiceError(f"{description}: a vocoder with conditions cannot be used; choose another")
    plain = {
        name.replace(".conv.", "."): value
        for name, value in floats_of(tensors_in(weights), weights).items()
    }
    usual = MelConvention()
    return Published(
        source=f"the vocoder {weights}",
        family="hifigan",
        settings=_hifigan_settings(told, "upsample_factors"),
        weights=_generator_names(plain),
        # What is published for speaking leaves out most of the mel: its recipe's values then.
        convention=MelConvention(
            sample_rate=told.whole("sample_rate", usual.sample_rate),
            hop_samples=told.whole("hop_length", usual.hop_samples),
            window_samples=told.whole("win_length", usual.window_samples),
            fft_samples=told.whole("n_fft", usual.fft_samples),
            bands=told.whole("in_channels"),
            low_hz=float(told.number("mel_fmin", usual.low_hz)),
            high_hz=float(told.number("mel_fmax", usual.high_hz)),
            power=float(told.number("power", usual.power)),
            logarithm="natural" if told.values.get("dynamic_range_compression", True) else "none",
            scale=told.text("mel_scale", usual.scale),
            area=told.text("norm", usual.area),
        ),
    )
