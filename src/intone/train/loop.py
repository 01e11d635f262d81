"""The training loop: one for everything that learns, read from top to bottom.

A step takes some batches, lets every turn of the model move its own weights, and
then, when it is due, writes figures, validates, speaks and saves. The loop knows
protocols, never a family; what would have to come from above (how the model speaks,
who judges it) is handed in.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import Tensor, nn

from intone.core.batch import Batch
from intone.core.errors import TrainingError
from intone.core.protocols import Judge
from intone.train.background_speech import BackgroundSpeech
from intone.train.checkpoint import Checkpoint, State
from intone.train.crowding import warn_if_crowded
from intone.train.devices import open_accelerator, seed_step
from intone.train.ema import Ema
from intone.train.feed import Batches
from intone.train.hearing import Hear, listen
from intone.train.interrupt import Interrupt, TrainingInterrupted
from intone.train.meter import Meter
from intone.train.parts import freeze, require_matches
from intone.train.progress import Silent, duration, open_display
from intone.train.resume import feed_from, restore, starting_point
from intone.train.run_folder import RunFolder
from intone.train.schedules import factor, progress, total_steps
from intone.train.settings import TrainSettings
from intone.train.trackers import open_trackers
from intone.train.turns import Player, require_losses
from intone.train.validation import Validation, named, validate

log = logging.getLogger("intone.train")

UNUSABLE_STEPS = 20
"""So many steps in a row without a finite loss, and the run has no hope."""

NEVER = -1


@dataclass(frozen=True)
class TrainResult:
    """How a run ended: `because` of its "steps", "minutes" or "patience"."""

    step: int
    epoch: int
    seconds: float
    because: Literal["steps", "minutes", "patience"]
    best: float | None
    best_step: int | None
    figures: Mapping[str, float]


def train(
    model: nn.Module,
    *,
    settings: TrainSettings,
    batches: Batches,
    run: RunFolder,
    validation: Validation | None = None,
    resume: Literal["auto"] | str | Path | None = None,
    judge: Judge | None = None,
    hear: Hear | None = None,
    test: BackgroundSpeech | None = None,
    config: Mapping[str, Any] | None = None,
) -> TrainResult:
    """Train `model` (a `Trainable`) until its steps, its minutes or its patience end.

    `resume` goes on from a checkpoint: "auto" from the run's last one, if there is one;
    else a path or a name such as "step=500". `test` speaks novel sentences every
    `settings.test_every` steps while training goes on. `config` is what the run folder keeps of
    the settings. The model is left with the weights of the last step.

    Raises `TrainingError` if the run cannot start or go on, `TrainingInterrupted` after
    Ctrl-C (everything is saved then), `SettingsError` for a pattern or a loss that is not there.
    """
    with contextlib.ExitStack() as stack:
        # Where to compute, and who else takes part.
        accelerator = open_accelerator(settings)
        main = accelerator.is_main_process
        if main:
            stack.enter_context(run.locked())
        display = (
            stack.enter_context(open_display(run.log_file, level=settings.log_level))
            if main
            else Silent()
        )
        interrupt = stack.enter_context(Interrupt())

        # The model, its turns, and where the run stands.
        saved = starting_point(run, resume)
        model.to(accelerator.device)
        require_matches(model, settings.parts, where="train.parts")
        frozen = freeze(model, settings.freeze)
        players = [Player(model, turn, settings) for turn in model.turns()]  # type: ignore[operator]
        state = State(config=dict(config or {}))
        if saved is not None:
            state = restore(saved, model, players, state.config)
        ema = Ema(model, settings.ema_decay) if settings.ema_decay else None
        if ema is not None and saved is not None and saved.ema is not None:
            ema.load(saved.ema)
        feed = feed_from(batches, settings, state, accelerator)
        share = settings.accumulation * accelerator.num_processes
        steps = total_steps(settings.steps, settings.max_epochs, batches.length(0), share)
        trackers = []
        if main:
            run.write_config(state.config)
            trackers = open_trackers(
                settings.trackers, metrics=run.metrics, logs=run.logs, plots=run.plots,
                run=run.path.name,
                step=state.step, config=state.config,
            )  # fmt: skip
            for tracker in trackers:
                stack.callback(tracker.close)
        test = test if main else None
        if test is not None:
            stack.callback(test.close)
        learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
        log.info(
            "training %s: %s of %s numbers learn, on %s, from step %d of %d",
            run.path.name, f"{learning:,}", f"{learning + frozen:,}", accelerator.device,
            state.step, steps,
        )  # fmt: skip
        if main:
            warn_if_crowded(accelerator)

        meter = Meter()
        figures: dict[str, float] = {}
        first_step = saved_step = state.step
        began = time.monotonic() - state.elapsed_seconds
        because: Literal["steps", "minutes", "patience"] = "steps"

        def save() -> None:
            nonlocal saved_step
            if main and saved_step != state.step:
                optimiser = {k: v for player in players for k, v in player.state().items()}
                averages = ema.averages if ema is not None else None
                run.save(
                    Checkpoint(model.state_dict(), averages, optimiser, state), keep=settings.keep
                )
            saved_step = state.step
            accelerator.wait_for_everyone()

        def examine(*, validating: bool, speaking: bool) -> None:
            """Validate and speak with the averaged weights; note whether that was the best yet."""
            nonlocal saved_step
            fresh: dict[str, float] = {}
            model.eval()
            with ema.applied() if ema is not None else contextlib.nullcontext():
                if validating and validation is not None:
                    fresh |= validate(players, validation, accelerator, settings.seed)
                if speaking and hear is not None and main:
                    fresh |= listen(
                        model, hear, judge, folder=run.samples, trackers=trackers, step=state.step
                    )
            model.train()
            fresh = broadcast_object_list([fresh])[0]
            for tracker in trackers:
                tracker.figures(state.step, {f"validation/{k}": v for k, v in fresh.items()})
            if fresh:
                shown = ", ".join(f"{k} {v:.4g}" for k, v in fresh.items() if k[0] != "_")
                log.info("step %d, held out: %s", state.step, shown)
            figures.update(fresh)
            if settings.watch in fresh:
                better = state.best is None or fresh[settings.watch] < state.best
                state.worse_in_row = 0 if better else state.worse_in_row + 1
                if better:
                    state.best, state.best_step = fresh[settings.watch], state.step
                    saved_step = NEVER
            elif validating and not (judge and hear):
                log.warning("train.watch: there is no figure %r to watch", settings.watch)

        model.train()
        while True:
            # Go on? All processes decide alike: by the furthest clock, by anyone's Ctrl-C.
            state.elapsed_seconds = time.monotonic() - began
            done, signal_number = _agree(
                accelerator,
                progress(state.step, steps, state.elapsed_seconds, settings.max_minutes),
                interrupt.signal or 0,
            )
            if signal_number:
                save()
                again = f"go on with --run {run.path.name} --resume auto"
                raise TrainingInterrupted(
                    f"stopped at step {state.step}, everything is saved; {again}",
                    int(signal_number),
                )
            if settings.patience and state.worse_in_row >= settings.patience:
                because = "patience"
                break
            if done >= 1:
                because = "steps" if state.step >= steps else "minutes"
                break

            # One step: every turn sees all batches, then moves its weights once.
            taken = feed.take(settings.accumulation)
            frames = sum(_frames(batch) for batch in taken)
            taken = [batch.to(accelerator.device) for batch in taken]
            seed_step(settings.seed, state.step, accelerator.process_index)
            learning_rate = settings.learning_rate * factor(
                settings.schedule, state.step, done,
                warmup_steps=settings.warmup_steps, final_factor=settings.final_factor,
            )  # fmt: skip
            values: dict[str, Tensor | float] = {"learning_rate": learning_rate}
            for player in players:
                outcome = player.play(taken, accelerator, learning_rate)
                if outcome is None:
                    continue
                if outcome.moved:
                    values |= {f"train/{k}": v for k, v in named(players, player, outcome.losses)}
                    values[f"gradient_norm/{player.name}"] = outcome.gradient_norm
                    state.unusable_in_row = 0
                else:
                    _unusable(state, player)
            if ema is not None:
                ema.update(state.step + 1)
            if state.step == first_step:
                seen = {k.removeprefix("train/") for k in values if k.startswith("train/")}
                require_losses(seen, players, settings)
            state.step += 1
            state.epoch, state.index, state.epoch_length = feed.epoch, feed.index, feed.epoch_length
            meter.add(values, frames * accelerator.num_processes)

            # What is due now.
            if state.step % settings.log_every == 0:
                row = meter.row(feed.wait_seconds) | {"epoch": float(state.epoch)}
                feed.wait_seconds = 0.0
                state.losses = {k: v for k, v in row.items() if k.startswith("train/")}
                elapsed = time.monotonic() - began
                done = progress(state.step, steps, elapsed, settings.max_minutes)
                display.show(state.step, done, elapsed * (1 - done) / done, row)
                writing = time.perf_counter()
                for tracker in trackers:
                    tracker.figures(state.step, row)
                meter.away(time.perf_counter() - writing)
            paused = time.perf_counter()
            validating = _due(state.step, settings.validate_every)
            speaking = _due(state.step, settings.samples_every)
            if validating or speaking:
                examine(validating=validating, speaking=speaking)
            if test is not None:
                if _due(state.step, settings.test_every):
                    weights = ema.averages if ema is not None else model.state_dict()
                    test.begin(weights, state.step)
                test.collect(trackers)
            # The last step is kept after the last look, so that a kill between them repeats both.
            keeping = _due(state.step, settings.save_every) or state.best_step == state.step
            if keeping and state.step < steps:
                state.elapsed_seconds = time.monotonic() - began
                save()
            meter.away(time.perf_counter() - paused)

        # The end: a last look, unless the last step had one or nothing was learned.
        if state.step != first_step:
            examine(
                validating=bool(settings.validate_every)
                and not _due(state.step, settings.validate_every),
                speaking=bool(settings.samples_every)
                and not _due(state.step, settings.samples_every),
            )
            save()
        if test is not None:
            test.finish(trackers)
        if main and (best := run.find("best")) is not None:
            for tracker in trackers:
                tracker.keep(f"{run.path.name}-best", best)
        log.info(
            "done at step %d (%s) after %s", state.step, because, duration(state.elapsed_seconds)
        )
        return TrainResult(
            state.step,
            state.epoch,
            state.elapsed_seconds,
            because,
            state.best,
            state.best_step,
            figures,
        )


def _unusable(state: State, player: Player) -> None:
    """Count a step without a finite loss; `TrainingError` if there were too many in a row."""
    state.unusable_in_row += 1
    log.warning("step %d: the %s loss is not finite; skipped", state.step + 1, player.name)
    if state.unusable_in_row >= UNUSABLE_STEPS:
        raise TrainingError(
            f"the loss was not finite in {UNUSABLE_STEPS} steps in a row; resume from an earlier "
            "checkpoint with a lower train.learning_rate, a lower train.clip_norm or "
            "train.precision=no"
        )


def _agree(accelerator: Accelerator, *values: float) -> list[float]:
    """The largest of each value over all processes."""
    if accelerator.num_processes == 1:
        return list(values)
    mine = torch.tensor([values], dtype=torch.float32, device=accelerator.device)
    largest: list[float] = accelerator.gather(mine).amax(0).tolist()
    return largest


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _frames(batch: Batch) -> int:
    return int(batch.frame_lengths.sum()) if batch.frame_lengths is not None else len(batch)
