"""What can be set of GPT-2 over mel frames, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from intone.core.settings import Settings, require_odd, require_shared


class GPT2MelSettings(Settings):
    """Dimensions of GPT-2 over mel frames, and its cures; the defaults are the `laptop` preset."""

    guidance: Literal["none", "symbol", "prosody"] = Field(
        "prosody",
        description="what each step is told: none; which symbol is spoken; also its pitch, energy",
    )
    reduction: int = Field(4, ge=1, description="mel frames that one step of GPT-2 makes")
    channels: int = Field(192, ge=8, description="width of GPT-2 and of the text encoder")
    layers: int = Field(6, ge=1, description="layers of GPT-2")
    heads: int = Field(4, ge=1, description="attention heads of GPT-2")
    positions: int = Field(528, ge=16, description="places that GPT-2 knows")
    dropout: float = Field(0.05, ge=0, lt=1, description="dropout in GPT-2 and the encoders")
    pretrained: str | None = Field(
        None, description="name or folder of GPT-2 weights to begin with, of the same dimensions"
    )
    adaptive_norm: bool = Field(False, description="let the voice scale and shift GPT-2's norms")
    encoder_layers: int = Field(4, ge=1, description="convolution blocks over symbols")
    encoder_hidden: int = Field(384, ge=8, description="width inside these blocks")
    kernel: int = Field(9, ge=1, description="width of their convolutions, odd")
    variance_hidden: int = Field(128, ge=8, description="width of the variance predictors")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictors")
    latents: int = Field(8, ge=1, description="style vectors that a reference becomes")
    reference_channels: int = Field(96, ge=8, description="width of the conditioning encoder")
    reference_layers: int = Field(2, ge=1, description="its layers")
    reference_heads: int = Field(2, ge=1, description="its attention heads")
    reference_least_frames: int = Field(172, ge=1, description="shortest reference in training")
    reference_most_frames: int = Field(690, ge=1, description="longest reference that is heard")
    table_share: float = Field(
        0.15, ge=0, lt=1, description="share of utterances learned without a reference, by name"
    )
    text_window: int = Field(
        16, ge=0, description="symbols that a step sees on either side of its own; 0 is all"
    )
    mel_window: int = Field(64, ge=0, description="earlier steps that a step sees; 0 is all")
    prenet: int = Field(128, ge=8, description="width through which fed-back frames pass")
    prenet_dropout: float = Field(0.3, ge=0, lt=1, description="dropout there, in training only")
    noise: float = Field(
        0.3, ge=0, description="largest deviation of noise on fed-back frames, at unit scale"
    )
    feedback_dropout: float = Field(
        0.1, ge=0, lt=1, description="share of fed-back groups that are withheld in training"
    )
    scheduled_sampling: float = Field(
        0.0, ge=0, le=1, description="share of fed-back groups that are the model's own"
    )
    ahead: int = Field(1, ge=0, description="groups after the next that a step also predicts")
    postnet_layers: int = Field(4, ge=0, description="convolution blocks over the frames; 0: none")
    postnet_hidden: int = Field(384, ge=8, description="width inside these blocks")
    vary_duration: float = Field(
        0.1, ge=0, description="deviation of log durations at a temperature of 1"
    )
    vary_pitch: float = Field(0.4, ge=0, description="deviation of pitch at a temperature of 1")
    weight_variance: float = Field(0.1, ge=0, description="of duration, pitch and energy losses")
    weight_ahead: float = Field(0.2, ge=0, description="of the frames predicted further ahead")
    weight_speaker: float = Field(
        0.0, ge=0, description="of the likeness of latents to a speaker encoder's vector; 0 is off"
    )
    speaker_vector: int = Field(256, ge=1, description="size of the speaker encoder's vector")

    @model_validator(mode="after")
    def _must_fit(self) -> GPT2MelSettings:
        require_odd(kernel=self.kernel)
        require_shared("channels", self.channels, self.heads)
        require_shared("reference_channels", self.reference_channels, self.reference_heads)
        return self


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "channels": 32,
        "layers": 2,
        "heads": 2,
        "positions": 136,
        "encoder_layers": 1,
        "encoder_hidden": 48,
        "variance_hidden": 32,
        "reference_channels": 32,
        "reference_layers": 1,
        "reference_least_frames": 40,
        "prenet": 48,
        "prenet_dropout": 0.1,
        "postnet_layers": 1,
        "postnet_hidden": 48,
    },
    "laptop": {},
    "full": {
        "channels": 768,
        "layers": 12,
        "heads": 12,
        "positions": 1024,
        "dropout": 0.1,
        "encoder_layers": 6,
        "encoder_hidden": 1536,
        "variance_hidden": 256,
        "latents": 32,
        "reference_channels": 512,
        "reference_layers": 6,
        "reference_heads": 8,
        "prenet": 256,
        "postnet_layers": 6,
        "postnet_hidden": 1536,
        "adaptive_norm": True,
        "weight_speaker": 0.1,
    },
}
