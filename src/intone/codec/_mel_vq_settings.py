"""What can be set of a mel-vq, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from intone.codec._mel_vq_cepstra import CEPSTRA
from intone.codec.codes import LARGEST_VOICE
from intone.core.settings import Settings


class MelVqSettings(Settings):
    """Dimensions of a mel-vq."""

    codebook_size: int = Field(1000, ge=2, description="codes, where no levels are given")
    levels: tuple[int, ...] = Field(
        (), description="levels of each channel, such as [8, 5, 5, 5], in place of a codebook"
    )
    stride: int = Field(2, ge=1, le=16, description="mel frames that one code stands for")
    width: int = Field(16, ge=1, description="channels of what the codebook quantises")
    decay: float = Field(0.98, gt=0, lt=1, description="how slowly the codebook follows")
    channels: int = Field(256, ge=8, description="width of encoder and decoder")
    hidden: int = Field(768, ge=8, description="width inside each block")
    encoder_layers: int = Field(4, ge=1, description="ConvNeXt blocks before the codebook")
    layers: int = Field(6, ge=1, description="ConvNeXt blocks after it")
    dilations: tuple[int, ...] = Field(
        (1,),
        min_length=1,
        description="how far apart the weights of each block after it lie, over and over: whose "
        "voice it is need not be said by every code",
    )
    kernel: int = Field(7, ge=3, description="width of each depthwise convolution, odd")
    voice: int = Field(
        0,
        ge=0,
        le=LARGEST_VOICE - CEPSTRA,
        description="numbers that say whose voice it is, once an utterance, so that no code need "
        "say it; 0 leaves it to the codes; beside them go the means of its cepstra",
    )
    voice_channels: int = Field(96, ge=8, description="width of what hears whose voice it is")
    commitment: float = Field(0.25, ge=0, description="weight of the encoder's distance to codes")
    disguise: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of learned utterances whose bands are moved and tilted, as if "
        "somebody else had spoken",
    )
    phones: float = Field(
        0.0,
        ge=0,
        description="weight of telling the phone that is heard from the codes, on aligned "
        "recordings; 0 needs none",
    )
    heard: float = Field(
        0.0,
        ge=0,
        description="weight of how far the phones that are read off decoded frames lie from those "
        "read off the recording's; some recordings must be aligned",
    )
    shape: float = Field(
        0.0,
        ge=0,
        description="weight of the first cepstra of the frames and of how they move, which is most "
        "of what makes a phone",
    )
    pitch: float = Field(
        0.0,
        ge=0,
        description="weight of how far the pitch that is read off decoded frames lies from the "
        "recording's",
    )


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "tiny": {
        "codebook_size": 24,
        "width": 8,
        "channels": 32,
        "hidden": 48,
        "encoder_layers": 1,
        "layers": 1,
    },
    "laptop": {"dilations": (1, 2, 4)},
    "full": {
        "dilations": (1, 2, 4),
        "channels": 512,
        "hidden": 1536,
        "encoder_layers": 8,
        "layers": 10,
        "decay": 0.99,
    },
}
