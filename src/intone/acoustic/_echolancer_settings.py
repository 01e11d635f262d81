"""What can be set of Echolancer, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from intone.core.settings import Settings, require_shared


class EcholancerSettings(Settings):
    """Dimensions of Echolancer; the defaults are the `laptop` preset."""

    guidance: Literal["pointer", "attention"] = Field(
        "pointer",
        description="pointer: each step is told its symbol; attention: cross-attention finds it",
    )
    channels: int = Field(192, ge=8, description="width of encoder and decoder")
    encoder_layers: int = Field(4, ge=1, description="layers over symbols")
    layers: int = Field(5, ge=1, description="layers over codes")
    heads: int = Field(4, ge=1, description="attention heads of each layer")
    hidden: int = Field(768, ge=8, description="width inside the feed-forward parts")
    activation: Literal["relu", "gelu"] = Field("gelu", description="of the feed-forward parts")
    dropout: float = Field(0.1, ge=0, lt=1, description="dropout of what each part of a layer adds")
    use_alibi: bool = Field(True, description="penalise distance in all attention (ALiBi)")
    alibi_alpha: float = Field(1.0, ge=0, description="factor on ALiBi's penalties")
    positions: Literal["sinusoidal", "rotary"] = Field(
        "sinusoidal", description="how places are told where ALiBi is not used"
    )
    text_window: int = Field(
        8, ge=0, description="symbols that a step sees on either side of its own; 0 is all"
    )
    code_window: int = Field(256, ge=0, description="earlier codes that a step sees; 0 is all")
    variance_hidden: int = Field(128, ge=8, description="width of the duration predictor")
    variance_dropout: float = Field(0.2, ge=0, lt=1, description="dropout of the predictor")
    speaker: Literal["table", "vector"] = Field(
        "table", description="table: a learned vector a speaker; vector: a speaker encoder's"
    )
    speaker_vector: int = Field(256, ge=1, description="size of the speaker encoder's vector")
    emotion: bool = Field(False, description="be told the emotion of each utterance")
    emotion_dropout: float = Field(
        0.1, ge=0, lt=1, description="share of utterances learned without their emotion"
    )
    noise: float = Field(
        0.3, ge=0, le=1, description="largest share of fed-back codes that are replaced by others"
    )
    label_smoothing: float = Field(
        0.05, ge=0, lt=1, description="share of each target that is spread over all codes"
    )
    guided_heads: int = Field(
        2, ge=1, description="heads of each layer that learn to look at the symbol being spoken"
    )
    weight_duration: float = Field(0.1, ge=0, description="of the duration loss")
    weight_guide: float = Field(0.5, ge=0, description="of the loss of those heads")

    @model_validator(mode="after")
    def _must_fit(self) -> EcholancerSettings:
        require_shared("channels", self.channels, self.heads)
        if not self.use_alibi and (self.channels // self.heads) % 2:
            raise ValueError(
                f"model.channels={self.channels} must be an even multiple of its {self.heads} "
                "heads where ALiBi is not used"
            )
        return self


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "channels": 32,
        "encoder_layers": 1,
        "layers": 2,
        "heads": 2,
        "hidden": 64,
        "dropout": 0.0,
        "text_window": 3,
        "code_window": 24,
        "variance_hidden": 32,
        "noise": 0.1,
    },
    "laptop": {},
    "full": {
        "channels": 512,
        "encoder_layers": 6,
        "layers": 8,
        "heads": 8,
        "hidden": 2048,
        "variance_hidden": 256,
    },
}
