"""Trains and tests a recogniser of our own: letters by CTC, from mels.

    python benchmarks/recogniser.py PREPARED... --language ru --minutes 30

The prepared corpora hold the language's voices (recipes/russian.sh and recipes/english.sh
make them). Of each, 100 utterances are held out; the character error there goes to
`benchmarks/results/recogniser.json`, and the graph into the package.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from report import RESULTS, write_report
from torch import Tensor, nn
from torch.nn import functional

from intone.core.files import write_json
from intone.core.protocols import Needs
from intone.data.prepared import Example, PreparedCorpus
from intone.evaluate.ctc import FOLDER, LETTERS, CTCRecogniser, letters_of
from intone.evaluate.text import character_edits, pooled_rate, word_edits
from intone.nn.convnext import ConvNeXtBlock
from intone.nn.masks import mask_of

HELD_OUT = 100


class Net(nn.Module):
    """Mels (B, F, 80) → log-probabilities of letters (B, F / 2, letters); 0 is the blank."""

    def __init__(self, letters: int, channels: int = 160, layers: int = 10) -> None:
        super().__init__()
        self.embed = nn.Conv1d(80, channels, 7, stride=2, padding=4)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(channels, hidden=2 * channels, kernel=13, scale=1 / layers)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.letters = nn.Linear(channels, letters + 1)

    def forward(self, mels: Tensor) -> Tensor:
        # Levels differ from voice to voice; a recogniser must not care.
        mels = (mels - mels.mean(dim=(1, 2), keepdim=True)) / 2
        hidden = self.embed(mels.transpose(1, 2))  # (B, C, F / 2)
        for block in self.blocks:
            hidden = functional.dropout(block(hidden), 0.1, self.training)
        hidden = self.norm(hidden.transpose(1, 2))  # (B, F / 2, C)
        made: Tensor = self.letters(hidden).log_softmax(-1)
        return made


def batches(
    examples: Sequence[Example], frames: int, chance: np.random.Generator
) -> Iterator[list[Example]]:
    """Examples of like length, about `frames` frames a batch, in random order."""
    order = sorted(examples, key=lambda e: len(e.mel) * chance.uniform(0.9, 1.1))
    groups: list[list[Example]] = [[]]
    for example in order:
        if groups[-1] and len(example.mel) * (len(groups[-1]) + 1) > frames:
            groups.append([])
        groups[-1].append(example)
    for number in chance.permutation(len(groups)):
        yield groups[number]


def tensors(
    group: Sequence[Example], language: str, chance: np.random.Generator
) -> tuple[Tensor, ...]:
    """Mels, their lengths, letters, their lengths; stretched, masked and noisy at random."""
    mels, targets = [], []
    for example in group:
        mel = torch.from_numpy(example.mel)
        rate = float(chance.uniform(0.85, 1.18))
        mel = functional.interpolate(mel.T[None], scale_factor=rate, mode="linear")[0].T
        mel = mel + float(chance.uniform(-1, 1)) + torch.randn_like(mel) * chance.uniform(0, 0.4)
        # Quiet parts are where voices and vocoders differ most.
        mel = mel.clamp(min=float(chance.uniform(-11.5, -7)))
        low, start = int(chance.integers(0, 70)), int(chance.integers(0, max(1, len(mel) - 20)))
        mel[:, low : low + int(chance.integers(0, 12))] = mel.mean()
        mel[start : start + int(chance.integers(0, 12))] = mel.mean()
        mels.append(mel)
        targets.append([LETTERS[language].index(c) + 1 for c in letters_of(example.text, language)])
    lengths = torch.tensor([len(m) for m in mels])
    mel = nn.utils.rnn.pad_sequence(mels, batch_first=True, padding_value=-11.5)
    counts = torch.tensor([len(t) for t in targets])
    return mel, lengths, torch.tensor([c for t in targets for c in t]), counts


def write_graph(net: Net, path: Path) -> None:
    """Export `net`, a byte a weight."""
    from intone.core.graphs import GraphSpec
    from intone.export.onnx import export_graph, in_bytes

    export_graph(
        GraphSpec(
            name="recogniser",
            module=net.eval(),
            inputs=("mels",),
            outputs=("scores",),
            example=lambda size: (torch.randn(1, 4 * size, 80) - 5,),
            dynamic={"mels": {1: "F"}},
            sizes=(20, 60, 150),
        ),
        path,
        in_bytes,
    )


def main() -> None:
    """Train for some minutes, write the graph, and read what was held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prepared", type=Path, nargs="+")
    parser.add_argument("--language", choices=sorted(LETTERS), default="ru")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--weights", type=Path, help="start from this file if it is there; keep here"
    )
    options = parser.parse_args()
    language: str = options.language
    torch.manual_seed(0)
    chance = np.random.default_rng(0)
    learned: list[Example] = []
    held: dict[str, list[Example]] = {}
    for folder in options.prepared:
        corpus = PreparedCorpus(folder)
        ids, kept = corpus.split(list(corpus.entries), HELD_OUT)
        learned += corpus.load(ids, Needs())
        held[folder.name] = corpus.load(kept, Needs())
    net = Net(len(LETTERS[language]))
    if options.weights is not None and options.weights.is_file():
        net.load_state_dict(safetensors.torch.load_file(options.weights))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, betas=(0.9, 0.98), weight_decay=0.01)
    began, step, shown = time.monotonic(), 0, 0.0
    while (done := (time.monotonic() - began) / 60 / options.minutes) < 1:
        for group in batches(learned, 6_000, chance):
            done = (time.monotonic() - began) / 60 / options.minutes
            if done >= 1:
                break
            for part in optimiser.param_groups:
                part["lr"] = 2e-3 * min(1, step / 200) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
            mel, lengths, targets, counts = tensors(group, language, chance)
            scores = net(mel)
            halves = (lengths + 1) // 2 + 1
            assert mask_of(halves).shape[1] == scores.shape[1]
            loss = functional.ctc_loss(
                scores.transpose(0, 1), targets, halves, counts, zero_infinity=True
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            step, shown = step + 1, 0.98 * shown + 0.02 * loss.item()
            if step % 50 == 0:
                print(f"{100 * done:.0f}% step {step} loss {shown:.3f}", flush=True)
    if options.weights is not None:
        safetensors.torch.save_file(net.state_dict(), options.weights)
    FOLDER.mkdir(exist_ok=True)
    write_graph(net, FOLDER / f"{language}.onnx")
    write_json(FOLDER / f"{language}.json", {"letters": LETTERS[language], "steps": step})
    recogniser = CTCRecogniser(language)
    rows = {}
    for name, examples in held.items():
        pairs = [(letters_of(e.text, language), recogniser.read(e.mel)) for e in examples]
        rows[name] = {
            "utterances": len(pairs),
            "character_error": round(pooled_rate([character_edits(*p) for p in pairs]), 4),
            "word_error": round(pooled_rate([word_edits(*p) for p in pairs]), 4),
        }
        print(name, rows[name], pairs[0])
    before = RESULTS / "recogniser.json"
    every = json.loads(before.read_text(encoding="utf-8"))["languages"] if before.is_file() else {}
    every[language] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "minutes": options.minutes,
        "steps": step,
        "rows": rows,
    }
    write_report("recogniser", {"languages": every})


if __name__ == "__main__":
    main()
