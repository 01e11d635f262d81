"""Trains the letter-to-sound net of the `english` frontend on the built-in lexicon.

    python benchmarks/letter_to_sound/train.py --epochs 48 --save letter_to_sound.npz

Two layers of two-way GRU read the letters, a third writes a chunk of 0, 1 or 2 phones for
each, knowing the chunks before. One word in twenty is held out (`held_out`). Weights are
saved as 8-bit rows. `measure.py` reports the accuracy of what was saved.
"""

from __future__ import annotations

import argparse
import math
import random
import time
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
from align import LETTERS, align
from torch import Tensor, nn

from intone.text.english.lexicon import Lexicon

WIDTH, HIDDEN, WRITER = 32, 112, 144


def held_out(word: str) -> bool:
    """Whether `word` is kept for measuring: about one in twenty, whatever the order."""
    return zlib.crc32(word.encode()) % 20 == 0


def trainable(words: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The words of letters only."""
    return {w: p for w, p in words.items() if w.isascii() and w.isalpha() and len(w) > 1}


class Net(nn.Module):
    """Letters (B, L) and the chunks so far (B, L) → scores of the next chunk (B, L, chunks)."""

    def __init__(self, chunks: int) -> None:
        super().__init__()
        self.letter = nn.Embedding(len(LETTERS), WIDTH)
        self.before = nn.Embedding(chunks + 1, WIDTH)
        self.read = nn.GRU(WIDTH, HIDDEN, 1, batch_first=True, bidirectional=True)
        self.understand = nn.GRU(2 * HIDDEN, HIDDEN, 1, batch_first=True, bidirectional=True)
        self.write = nn.GRU(2 * HIDDEN + WIDTH, WRITER, 1, batch_first=True)
        self.score = nn.Linear(WRITER, chunks)
        self.drop = nn.Dropout(0.1)

    def forward(self, letters: Tensor, before: Tensor) -> Tensor:
        first, _ = self.read(self.drop(self.letter(letters)))
        second, _ = self.understand(self.drop(first))
        heard = torch.cat([self.drop(first + second), self.before(before)], -1)
        written, _ = self.write(heard)
        scores: Tensor = self.score(self.drop(written))
        return scores


def batches(
    examples: list[tuple[list[int], list[int]]], size: int, shuffle: random.Random
) -> list[tuple[Tensor, Tensor]]:
    """Batches of words of one length."""
    lengths: dict[int, list[tuple[list[int], list[int]]]] = defaultdict(list)
    for example in examples:
        lengths[len(example[0])].append(example)
    made = []
    for members in lengths.values():
        shuffle.shuffle(members)
        for i in range(0, len(members), size):
            part = members[i : i + size]
            made.append((torch.tensor([a for a, _ in part]), torch.tensor([b for _, b in part])))
    shuffle.shuffle(made)
    return made


def save(net: Net, chunks: list[str], path: Path) -> None:
    """Write the weights as int8 rows with a float16 scale each."""
    arrays: dict[str, np.ndarray] = {"chunks": np.array("|".join(chunks))}
    for name, value in net.state_dict().items():
        array = value.numpy().astype(np.float32)
        if array.ndim == 1:
            arrays[name] = array.astype(np.float16)
            continue
        scale = np.abs(array).max(1, keepdims=True) / 127 + 1e-8
        scale = scale.astype(np.float16).astype(np.float32)
        arrays[name] = np.clip(np.round(array / scale), -127, 127).astype(np.int8)
        arrays[name + ".scale"] = scale.astype(np.float16)
    np.savez_compressed(path, **arrays)


def main() -> None:
    """Align, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=48)
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--save", type=Path, required=True)
    parser.add_argument("--everything", action="store_true", help="hold nothing out")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    shuffle = random.Random(0)
    words = trainable(Lexicon().words())
    aligned = align(list(words.items()))
    common = Counter(chunk for chunks in aligned.values() for chunk in chunks)
    chunks = [chunk for chunk, n in common.most_common() if n >= 4]
    code = {chunk: i for i, chunk in enumerate(chunks)}
    print(f"{len(words)} words, {len(aligned)} aligned, {len(chunks)} chunks", flush=True)
    kept, out = [], []
    for word, parts in aligned.items():
        if all(part in code for part in parts):
            example = ([LETTERS.index(c) for c in word], [code[part] for part in parts])
            (out if held_out(word) and not options.everything else kept).append(example)
    net = Net(len(chunks))
    print(sum(p.numel() for p in net.parameters()), "weights,", len(kept), "words", flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.01)
    total = options.epochs * (len(kept) // options.batch + 20)
    step, began = 0, time.time()
    for epoch in range(options.epochs):
        net.train()
        losses = []
        for letters, target in batches(kept, options.batch, shuffle):
            rate = min(1.0, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * min(1, step / total)))
            optimiser.param_groups[0]["lr"] = options.rate * rate + 1e-5
            before = torch.cat([torch.full_like(target[:, :1], len(chunks)), target[:, :-1]], 1)
            scores = net(letters, before)
            loss = nn.functional.cross_entropy(
                scores.flatten(0, 1), target.flatten(), label_smoothing=0.02
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
            step += 1
        net.eval()
        right = seen = 0
        with torch.no_grad():
            for letters, target in batches(out, 512, shuffle):
                before = torch.cat([torch.full_like(target[:, :1], len(chunks)), target[:, :-1]], 1)
                guess = net(letters, before).argmax(-1)
                right += int((guess == target).all(1).sum())
                seen += len(target)
        print(
            f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, held-out words right with "
            f"known history {right / max(seen, 1):.4f}, {time.time() - began:.0f} s",
            flush=True,
        )
        save(net, [" ".join(chunk) for chunk in chunks], options.save)


if __name__ == "__main__":
    main()
