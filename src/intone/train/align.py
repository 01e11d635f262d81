"""Aligning a prepared corpus: train the aligner on it, then keep its best paths.

For a frontend whose aligner is shipped, training starts from that; a few minutes of a
small corpus are then enough.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from intone.acoustic.aligner import Aligner, AlignerSettings
from intone.core.errors import CorpusError
from intone.core.files import replacing
from intone.core.protocols import Needs
from intone.data.durations import Aligned, write_durations
from intone.data.loader import UtteranceBatches, in_order
from intone.data.prepare import SetAside
from intone.data.prepared import PreparedCorpus
from intone.train.checkpoint import voice_weights
from intone.train.loop import train
from intone.train.run_folder import RunFolder
from intone.train.settings import TrainSettings

if TYPE_CHECKING:
    from intone.text.inventory import Inventory

log = logging.getLogger("intone.train")

SHIPPED = Path(__file__).parent.parent / "voices" / "_aligners"
RUN = "aligner"
SUSPECTS_FILE = "suspects.jsonl"

STEPS_FROM_SCRATCH = 400
STEPS_FROM_SHIPPED = 200

_MAX_FRAMES = 6_000
_SUSPECT_DEVIATIONS = 5.0
_SUSPECT_LEAST_GAP = 0.6


@dataclass(frozen=True)
class Suspect:
    """An utterance whose text is probably not what was spoken, and its score."""

    id: str
    score: float
    usual: float


@dataclass(frozen=True)
class AlignReport:
    """How many utterances got durations, which look mismatched, which have no path at all.

    `set_aside` are those that an alignment made elsewhere does not fit, with reasons.
    """

    aligned: int
    suspects: tuple[Suspect, ...]
    impossible: tuple[str, ...]
    shipped: bool
    set_aside: tuple[SetAside, ...] = ()


def inventory_name(inventory: Inventory) -> str:
    """A name that inventories of the same tokens share."""
    tokens = json.dumps([inventory.tokens, sorted(inventory.optional)], ensure_ascii=False)
    return hashlib.sha256(tokens.encode()).hexdigest()[:12]


def shipped_aligner(inventory: Inventory) -> Path | None:
    """The aligner in the package that knows this inventory, or None."""
    path = SHIPPED / f"{inventory_name(inventory)}.safetensors"
    return path if path.is_file() else None


def keep_aligner(aligner: Aligner, inventory: Inventory, folder: Path = SHIPPED) -> Path:
    """Write `aligner` where `shipped_aligner` finds it, at half precision."""
    path = folder / f"{inventory_name(inventory)}.safetensors"
    weights = {
        key: (value.half() if value.dtype == torch.float32 else value).contiguous()
        for key, value in aligner.state_dict().items()
    }
    with replacing(path) as temporary:
        save_file(weights, temporary)
    return path


def align_corpus(
    folder: Path,
    *,
    steps: int | None = None,
    from_scratch: bool = False,
    settings: AlignerSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AlignReport:
    """Align the prepared corpus in `folder`: writes durations there, and `suspects.jsonl`.

    Training resumes if it was cut off. Suspects get no durations, so that no model learns
    from them. Raises `CorpusError` if `folder` is not a prepared corpus.
    """
    corpus = PreparedCorpus(folder)
    inventory = corpus.frontend().inventory
    torch.manual_seed(0)
    aligner = Aligner(settings or AlignerSettings(), corpus.facts())
    start = None if from_scratch or settings else shipped_aligner(inventory)
    if start is not None:
        weights = {
            key: value.to(aligner.state_dict()[key].dtype)
            for key, value in load_file(start).items()
        }
        aligner.load_state_dict(weights)
    steps = steps or (STEPS_FROM_SHIPPED if start is not None else STEPS_FROM_SCRATCH)
    run = RunFolder(folder / RUN)
    ids = list(corpus.entries)
    train(
        aligner,
        settings=TrainSettings(
            steps=steps,
            learning_rate=2e-3 if start is None else 5e-4,
            warmup_steps=50,
            schedule="cosine",
            validate_every=0,
            samples_every=0,
            save_every=200,
            keep=1,
            trackers=["csv"],
        ),
        batches=UtteranceBatches(corpus, ids, Needs(), max_frames=_MAX_FRAMES, max_utterances=24),
        run=run,
        resume="auto" if _same_corpus(run, corpus) else None,
        config={"corpus": _fingerprint(corpus), "steps": steps},
    )
    last = run.find("last")
    assert last is not None
    aligner.load_state_dict(voice_weights(last))
    aligner.cpu().eval()
    return _keep_paths(corpus, aligner, shipped=start is not None, progress=progress)


def _fingerprint(corpus: PreparedCorpus) -> str:
    names = "\0".join(sorted(corpus.entries))
    return hashlib.sha256(names.encode()).hexdigest()[:16]


def _same_corpus(run: RunFolder, corpus: PreparedCorpus) -> bool:
    """Whether the aligner's run was begun on these very utterances, so that it may go on."""
    if not run.config.is_file():
        return False
    return _fingerprint(corpus) in run.config.read_text(encoding="utf-8")


def _keep_paths(
    corpus: PreparedCorpus,
    aligner: Aligner,
    *,
    shipped: bool,
    progress: Callable[[int, int], None] | None,
) -> AlignReport:
    """Align every utterance, set the mismatched apart, write the durations of the others."""
    found: list[Aligned] = []
    impossible: list[str] = []
    for batch in in_order(corpus, list(corpus.entries), Needs(), max_frames=2 * _MAX_FRAMES):
        prints = [e.fingerprint for e in corpus.load(batch.ids, Needs())]
        for key, made, fingerprint in zip(batch.ids, aligner.align(batch), prints, strict=True):
            if made is None:
                impossible.append(key)
            else:
                found.append(Aligned(key, made.durations, made.score, fingerprint))
        if progress is not None:
            progress(len(found) + len(impossible), len(corpus.entries))
    if not found:
        raise CorpusError(f"no utterance of {corpus.folder} could be aligned; check the texts")
    suspects = find_suspects(corpus, found)
    doubtful = {s.id for s in suspects}
    write_durations(corpus.folder, [a for a in found if a.id not in doubtful])
    with replacing(corpus.folder / SUSPECTS_FILE) as temporary:
        lines = (json.dumps({"id": s.id, "score": round(s.score, 3)}) for s in suspects)
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return AlignReport(len(found) - len(suspects), tuple(suspects), tuple(impossible), shipped)


def find_suspects(corpus: PreparedCorpus, aligned: list[Aligned]) -> list[Suspect]:
    """Utterances whose score lies far below what is usual for their speaker, worst first."""
    suspects: list[Suspect] = []
    for speaker in range(len(corpus.speakers)):
        own = [a for a in aligned if corpus.entries[a.id].speaker == speaker]
        scores = np.array([a.score for a in own])
        if len(scores) < 8:
            continue
        usual = float(np.median(scores))
        deviation = 1.4826 * float(np.median(np.abs(scores - usual)))
        gap = max(_SUSPECT_LEAST_GAP, _SUSPECT_DEVIATIONS * deviation)
        suspects += [Suspect(a.id, a.score, usual) for a in own if a.score < usual - gap]
    return sorted(suspects, key=lambda s: s.score)
