"""The aligner: which frames of a recording speak which symbol, learned from the corpus itself.

A small convolutional classifier says which symbol a frame may belong to. It is trained by
the forward-sum over all monotonic paths through the text ("RAD-TTS", Shih et al. 2021,
section 3.1), here with scores divided by the symbols' share of all frames, as hybrid
recognisers do (Bourlard & Morgan 1994): without that division silence swallows its
neighbours. A prior towards the diagonal guides the first steps. The best path gives the
durations, and its score says whether the text is what was spoken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from intone.acoustic.alignment_path import best_durations, occupancies
from intone.core.batch import Batch
from intone.core.protocols import CorpusFacts, Needs, Turn
from intone.core.settings import Settings
from intone.nn.convnext import ConvNeXtBlock
from intone.nn.masks import mask_of

SILENCE = 0
_IMPOSSIBLE = -1e4


class AlignerSettings(Settings):
    """Dimensions and schedule of the aligner."""

    channels: int = Field(128, ge=8, description="width of the classifier")
    layers: int = Field(4, ge=1, description="convolution blocks; each sees two frames more a side")
    guided_steps: int = Field(
        150, ge=0, description="steps until the prior towards the diagonal and against pauses ends"
    )
    diagonal: float = Field(400.0, ge=0, description="strength of that prior at the first step")
    pause_penalty: float = Field(2.0, ge=0, description="what a pause costs a frame at first")
    change: float = Field(
        1.0, ge=0, description="how much a symbol prefers to begin where the spectrum changes"
    )


@dataclass(frozen=True)
class Alignment:
    """`durations` int64 (S) in frames, and `score`: mean log posterior of the spoken frames.

    A score near 0 means that every frame sounds as its symbol should.
    """

    durations: NDArray[np.int64]
    score: float


class Aligner(nn.Module):
    """Mel frames and the symbols of their text → frames of each symbol."""

    shares: Tensor
    steps_done: Tensor
    classes: Tensor
    optional: Tensor

    def __init__(self, settings: AlignerSettings, facts: CorpusFacts) -> None:
        super().__init__()
        self.settings = settings
        self.format = facts.format
        self.needs = Needs()
        # All that may be silent sounds alike, so it is one class.
        optional = torch.zeros(facts.symbols, dtype=torch.bool)
        optional[list(facts.optional_symbols)] = True
        classes = torch.where(optional, 0, (~optional).cumsum(0))
        self.register_buffer("optional", optional)
        self.register_buffer("classes", classes)
        count = int(classes.max()) + 1
        width = settings.channels
        self.embed = nn.Conv1d(facts.format.bands, width, 5, padding=2)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, hidden=2 * width, kernel=5, scale=0.3)
            for _ in range(settings.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, count)
        self.register_buffer("shares", torch.ones(count, dtype=torch.float64))
        self.register_buffer("steps_done", torch.zeros((), dtype=torch.int64))

    def posteriors(self, mel: Tensor, lengths: Tensor) -> Tensor:
        """Log posterior (B, F, classes) of mel (B, F, bands), each utterance normalised."""
        mask = mask_of(lengths, mel.shape[1])  # (B, F)
        real = mask[..., None].to(mel.dtype)
        count = real.sum(dim=1, keepdim=True)
        mean = (mel * real).sum(dim=1, keepdim=True) / count
        spread = ((mel - mean).square() * real).sum(dim=1, keepdim=True) / count
        normal = (mel - mean) / (spread.sqrt() + 1e-2) * real
        hidden = self.embed(normal.transpose(1, 2))  # (B, C, F)
        for block in self.blocks:
            hidden = block(hidden, real.transpose(1, 2))
        return torch.log_softmax(self.out(self.norm(hidden.transpose(1, 2))), dim=-1)

    def _log_shares(self) -> Tensor:
        """Each class's log share (classes) of the frames seen lately."""
        return ((self.shares + 1) / (self.shares + 1).sum()).log().float()

    def _guidance(self, batch: Batch, frames: int) -> NDArray[np.float32]:
        """What the first steps add to the scores (B, F, S): towards the diagonal, off pauses."""
        assert batch.frame_lengths is not None
        left = 1 - float(self.steps_done) / max(1, self.settings.guided_steps)
        symbols = batch.symbols.shape[1]
        added = np.zeros((len(batch), frames, symbols), np.float32)
        if left <= 0:
            return added
        lengths = batch.frame_lengths.cpu().numpy()[:, None, None]
        counts = batch.symbol_lengths.cpu().numpy()[:, None, None]
        frame = np.arange(frames)[None, :, None] / lengths
        symbol = (np.arange(symbols)[None, None, :] + 0.5) / counts
        added -= self.settings.diagonal * left * np.square(frame - symbol)
        inner = (np.arange(symbols) > 0) & (np.arange(symbols) < counts[:, 0] - 1)  # (B, S)
        pauses = self.optional[batch.symbols].cpu().numpy() & inner
        added -= self.settings.pause_penalty * left * pauses[:, None, :]
        return added

    def _changes(self, batch: Batch) -> NDArray[np.float32]:
        """Log-likelihood ratio (B, F) that a symbol begins at a frame: its spectral change.

        Measured against the utterance's own mean, in deviations. It pulls boundaries to
        where the sound changes; the classifier alone is content a frame beside it.
        """
        assert batch.mel is not None and batch.frame_lengths is not None
        step = functional.pad(batch.mel.diff(dim=1).abs().mean(dim=2), (1, 0))  # (B, F)
        real = mask_of(batch.frame_lengths, step.shape[1]).to(step.dtype)
        count = real.sum(dim=1, keepdim=True)
        step = (step - (step * real).sum(dim=1, keepdim=True) / count) * real
        deviation = (step.square().sum(dim=1, keepdim=True) / count).sqrt()
        changes: NDArray[np.float32] = (step / (deviation + 1e-3)).clamp(-3, 3).cpu().numpy()
        return self.settings.change * changes

    def _scores(self, posteriors: Tensor, batch: Batch) -> tuple[Tensor, NDArray[np.float32]]:
        """Log posterior (B, F, S) of each symbol, and the scores that paths are weighed by."""
        classes = self.classes[batch.symbols]  # (B, S)
        index = classes[:, None, :].expand(-1, posteriors.shape[1], -1)
        chosen = posteriors.gather(2, index)  # (B, F, S)
        scores = chosen.detach() - self._log_shares()[classes][:, None, :]
        real = mask_of(batch.symbol_lengths, batch.symbols.shape[1])
        scores = scores.masked_fill(~real[:, None, :], _IMPOSSIBLE)
        return chosen, scores.cpu().numpy()

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Negative expected log posterior a frame; its gradient is the forward-sum's."""
        assert batch.mel is not None and batch.frame_lengths is not None
        posteriors = self.posteriors(batch.mel, batch.frame_lengths)
        chosen, scores = self._scores(posteriors, batch)
        weights = torch.from_numpy(
            occupancies(
                scores + self._guidance(batch, scores.shape[1]),
                self._changes(batch),
                self.optional[batch.symbols].cpu().numpy(),
                batch.frame_lengths.cpu().numpy(),
                batch.symbol_lengths.cpu().numpy(),
            )
        ).to(chosen.device)
        if self.training:
            with torch.no_grad():
                self.steps_done += 1
                self.shares *= 0.99
                held = weights.sum(dim=1).double()  # (B, S)
                self.shares.index_add_(0, self.classes[batch.symbols].flatten(), held.flatten())
        return {"alignment": -(weights * chosen).sum() / batch.frame_lengths.sum()}

    def turns(self) -> list[Turn]:
        """One turn, over all parameters."""
        return [Turn("aligner", self.parameters, self.losses, {})]

    @torch.inference_mode()
    def align(self, batch: Batch) -> list[Alignment | None]:
        """The best path of each utterance; None where it has fewer frames than phones."""
        assert batch.mel is not None and batch.frame_lengths is not None
        posteriors = self.posteriors(batch.mel, batch.frame_lengths)
        chosen, scores = self._scores(posteriors, batch)
        optional = self.optional[batch.symbols].cpu().numpy()
        frames = batch.frame_lengths.cpu().numpy()
        symbols = batch.symbol_lengths.cpu().numpy()
        durations = best_durations(scores, self._changes(batch), optional, frames, symbols)
        logs = chosen.cpu().numpy()
        results: list[Alignment | None] = []
        for row, (length, count) in enumerate(zip(frames, symbols, strict=True)):
            own = durations[row, :count]
            if own.sum() != length:
                results.append(None)
                continue
            owners = np.repeat(np.arange(count), own)  # (F,)
            path = logs[row, np.arange(length), owners]
            spoken = ~optional[row, owners]
            results.append(Alignment(own.copy(), float(path[spoken].mean())))
        return results
