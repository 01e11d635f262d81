"""What can be set of Mamba-Conv, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from intone.core.settings import Settings, require_odd


class MambaConvSettings(Settings):
    """Dimensions of Mamba-Conv and how it refines; the defaults are the `laptop` preset."""

    channels: int = Field(192, ge=8, description="width of the text encoder and the audio model")
    encoder_layers: int = Field(3, ge=1, description="hybrid blocks over symbols")
    layers: int = Field(6, ge=1, description="hybrid blocks over frames")
    inner: int = Field(256, ge=8, description="width inside the forward branch")
    state: int = Field(32, ge=1, description="numbers of memory for each channel of it")
    kernel: int = Field(5, ge=1, description="width of the backward branch's convolutions, odd")
    dilations: tuple[int, ...] = Field(
        (1, 2, 4, 8), min_length=1, description="reaches of the backward branch's convolutions"
    )
    branches: Literal["both", "forward", "backward"] = Field(
        "both", description="both branches, or one alone, for comparison"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout in the blocks")
    style: int = Field(64, ge=0, description="size of the style vector; 0 is no style at all")
    style_channels: int = Field(96, ge=8, description="width inside the style extractor")
    reference_bands: int = Field(80, ge=1, description="mel bands of a reference")
    reference_least_frames: int = Field(86, ge=1, description="shortest reference in training")
    reference_most_frames: int = Field(690, ge=1, description="longest reference that is heard")
    styleless_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of utterances learned by the speaker's name; the others by a style",
    )
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    vary_duration: float = Field(
        0.2, ge=0, description="how far durations wander where they are unsure, at temperature 1"
    )
    noise: float = Field(
        0.1, ge=0, lt=1, description="largest share of shown tokens that are wrong in training"
    )
    sure: float = Field(
        0.9, gt=0, le=1, description="a token of this probability is kept whatever the schedule"
    )
    stop_quality: float = Field(
        0.95, gt=0, le=1, description="a codebook is done when so many tokens are expected right"
    )
    stop_gain: float = Field(
        0.0, ge=-1, description="and when two passes running bring less than this share more"
    )
    weight_variance: float = Field(0.1, ge=0, description="of duration, pitch and energy losses")
    weight_style: float = Field(
        0.1, ge=0, description="of what is said being taken for another speaker's"
    )
    weight_stop: float = Field(0.1, ge=0, description="of the stopping controller's loss")

    @model_validator(mode="after")
    def _must_fit(self) -> MambaConvSettings:
        require_odd(kernel=self.kernel)
        return self


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "channels": 32,
        "encoder_layers": 1,
        "layers": 1,
        "inner": 32,
        "state": 8,
        "dilations": (1, 4),
        "style": 16,
        "style_channels": 16,
        "reference_least_frames": 20,
        "variance_hidden": 32,
    },
    "laptop": {},
    "full": {
        "channels": 384,
        "encoder_layers": 4,
        "layers": 8,
        "inner": 768,
        "state": 64,
        "style": 128,
        "style_channels": 192,
        "variance_hidden": 256,
    },
}
