"""Settings of training: the steps, the optimiser, what is saved and when."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from intone.core.settings import Settings


class TrainSettings(Settings):
    """How anything is trained; counts are optimiser steps unless a unit is named."""

    steps: int = Field(10_000, gt=0, description="optimiser steps to take in all")
    max_epochs: float | None = Field(
        None, gt=0, description="stop after so many passes over the corpus, if steps are not fewer"
    )
    max_minutes: float | None = Field(
        None, gt=0, description="stop after this many minutes; schedules then end on time"
    )
    seed: int = Field(0, ge=0, description="seed of weights, order of data and every random draw")
    learning_rate: float = Field(1e-3, gt=0, description="AdamW's learning rate at its peak")
    betas: tuple[float, float] = Field((0.9, 0.98), description="AdamW's two averages")
    weight_decay: float = Field(0.01, ge=0, description="decay of matrices; never of biases, norms")
    schedule: Literal["constant", "cosine", "linear", "noam", "exponential"] = Field(
        "cosine", description="how the learning rate falls after the warm-up"
    )
    warmup_steps: int = Field(200, ge=0, description="steps over which the learning rate rises")
    final_factor: float = Field(
        0.01, gt=0, le=1, description="cosine, linear, exponential end at this times the peak"
    )
    clip_norm: float = Field(1.0, ge=0, description="largest gradient norm; 0 does not clip")
    accumulation: int = Field(1, gt=0, description="batches whose gradients make one step")
    precision: Literal["no", "bf16"] = Field("no", description="bf16 computes losses in bfloat16")
    ema_decay: float = Field(
        0.0, ge=0, lt=1, description="averaging of weights for validation and the voice; 0 is off"
    )
    parts: dict[str, float] = Field(
        {}, description="learning-rate factor of parameters by name pattern, {'encoder.*': 0.1}"
    )
    freeze: list[str] = Field([], description="name patterns of parameters that do not learn")
    loss_weights: dict[str, float] = Field(
        {}, description="weight of a loss by name, in place of the model's own"
    )
    save_every: int = Field(500, gt=0, description="steps between checkpoints")
    keep: int = Field(3, gt=0, description="checkpoints kept beside the best")
    validate_every: int = Field(500, ge=0, description="steps between validations; 0 is never")
    samples_every: int = Field(1_000, ge=0, description="steps between spoken samples; 0 is never")
    test_every: int = Field(
        0, ge=0, description="steps between novel sentences spoken in the background; 0 is never"
    )
    test_sentences: list[str] = Field([], description="those sentences; none given, some of ours")
    test_speakers: list[str] = Field([], description="who says them; none given, the first three")
    log_every: int = Field(20, gt=0, description="steps that one row of figures averages")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="what is told on the screen; train.log holds everything"
    )
    watch: str = Field("loss", description="validation figure that decides which is best (lowest)")
    patience: int = Field(
        0, ge=0, description="stop after this many validations without a better figure; 0 is never"
    )
    voice_from: Literal["best", "last"] = Field(
        "best", description="checkpoint the voice is made of"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where to compute")
    threads: int = Field(0, ge=0, description="CPU threads; 0 leaves it to torch")
    trackers: list[Literal["csv", "tensorboard", "plots", "wandb"]] = Field(
        ["csv", "tensorboard", "plots"],
        description="where figures, sounds and pictures are written; plots draws what csv holds",
    )


class DataSettings(Settings):
    """How a prepared corpus is cut into batches."""

    codec: str | None = Field(
        None,
        description="name, folder or run of the trained codec whose codes a model learns",
    )
    codebooks: int | None = Field(
        None, ge=1, description="how many of the codec's codebooks are learned, from the first"
    )
    max_frames: int = Field(
        6_000, gt=0, description="frames of one batch, padding included; splits it further"
    )
    max_utterances: int = Field(
        64, gt=0, description="utterances of one batch; of a vocoder or codec, pieces of them"
    )
    frame_limit: int | None = Field(
        None, gt=0, description="longer utterances are left out, and reported; nothing is cut off"
    )
    held_out: int = Field(16, ge=0, description="utterances kept for validation, never learned")
    spoken: int = Field(4, ge=0, description="held-out utterances that are spoken as samples")
    segment_frames: int = Field(
        32, gt=0, description="frames of the piece a vocoder or codec learns from each utterance"
    )
    disguised: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of the pieces of a vocoder or a codec of samples that are played slower "
        "or faster and filtered, as if somebody else had spoken; none where mels are predicted",
    )
    speaker_encoder: str = Field(
        "resemblyzer",
        description="whose vectors tell speakers apart, where a model asks for them: resemblyzer, "
        "or ecapa:MODEL, a name on the hub or a folder",
    )
    predicted_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of a vocoder's segments with the mel that an acoustic model predicted, "
        "where one is given",
    )
