"""How an unknown word is spoken: a small net that reads letters and writes phones.

Two layers of two-way GRU read the letters; a third writes a chunk of 0, 1 or 2 phones for
each letter, knowing what it wrote before, by beam search. The weights are 8-bit rows in
`letter_to_sound.npz`, made by `benchmarks/letter_to_sound/train.py`. It knows nothing of
meaning or context.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("letter_to_sound.npz")
BEAM = 4
LONGEST = 60
"""Letters of one word that are read; of a longer one the rest is read as another word."""


class LetterToSound:
    """The trained net; `phones` of any lower-case word of letters a to z."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        def full(name: str) -> Floats:
            array = np.asarray(weights[name]).astype(np.float32)
            if name + ".scale" in weights:
                array = array * np.asarray(weights[name + ".scale"]).astype(np.float32)
            return array

        self._chunks = [tuple(c.split()) for c in str(weights["chunks"]).split("|")]
        self._stresses = np.array(
            [sum(phone.endswith("1") for phone in chunk) for chunk in self._chunks]
        )
        self._letter, self._before = full("letter.weight"), full("before.weight")
        self._readers = [
            [tuple(full(f"{layer}.{part}_l0{way}") for part in _PARTS) for way in ("", "_reverse")]
            for layer in ("read", "understand")
        ]
        w_in, w_state, b_in, b_state = (full(f"write.{part}_l0") for part in _PARTS)
        heard = w_in.shape[1] - self._before.shape[1]
        self._writer = (np.ascontiguousarray(w_in[:, :heard]), w_state, b_in, b_state)
        self._from_before = _times(self._before, np.ascontiguousarray(w_in[:, heard:]))
        self._score, self._bias = full("score.weight"), full("score.bias")

    def phones(self, word: str) -> tuple[str, ...]:
        """The likeliest phones of `word`; letters other than a to z are passed over."""
        letters = [ord(c) - 97 for c in word if "a" <= c <= "z"]
        spoken: list[str] = []
        for start in range(0, len(letters), LONGEST):
            spoken += self._write(self._understand(letters[start : start + LONGEST]))
        return tuple(spoken)

    def _understand(self, letters: list[int]) -> Floats:
        """What the two reading layers make of the letters (S, 2 C), the layers added."""
        values = self._letter[letters]
        heard: list[Floats] = []
        for ways in self._readers:
            onward = _run(values, ways[0])
            back = _run(values[::-1], ways[1])[::-1]
            values = np.concatenate([onward, back], axis=1)
            heard.append(values)
        total: Floats = heard[0] + heard[1]
        return total

    def _write(self, heard: Floats) -> list[str]:
        w_in, w_state, b_in, b_state = self._writer
        from_letters = _times(heard, w_in) + b_in  # (S, 3 C)
        states = np.zeros((1, w_state.shape[1]), np.float32)
        totals = np.zeros(1, np.float32)
        last = np.array([len(self._chunks)])
        stressed = np.zeros(1, np.int64)
        paths: list[list[int]] = [[]]
        for letter in from_letters:
            states = _step(
                letter + self._from_before[last], _times(states, w_state) + b_state, states
            )
            scores = _times(states, self._score) + self._bias
            scores = scores - np.log(np.exp(scores).sum(1, keepdims=True))
            # A word has one main stress: a second one in a hypothesis is not followed.
            twice = stressed[:, None] + self._stresses[None, :] > 1
            ranked = np.where(twice, -np.inf, totals[:, None] + scores).ravel()
            best = np.argsort(ranked)[::-1][:BEAM]
            best = best[np.isfinite(ranked[best])]
            parents, last = np.divmod(best, len(self._chunks))
            paths = [[*paths[p], int(c)] for p, c in zip(parents, last, strict=True)]
            states, totals = states[parents], ranked[best]
            stressed = stressed[parents] + self._stresses[last]
        # Prefer, among the survivors, a word that has its main stress.
        order = sorted(range(len(paths)), key=lambda n: (stressed[n] == 0, -totals[n]))
        return [phone for chunk in paths[order[0]] for phone in self._chunks[chunk]]


_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _run(values: Floats, weights: tuple[Floats, ...]) -> Floats:
    """States (S, C) of one GRU over `values` (S, C)."""
    w_in, w_state, b_in, b_state = weights
    inputs = _times(values, w_in) + b_in
    state = np.zeros(w_state.shape[1], np.float32)
    states = np.empty((len(values), len(state)), np.float32)
    for i, given in enumerate(inputs):
        state = states[i] = _step(given, _times(state[None], w_state)[0] + b_state, state)
    return states


def _times(values: Floats, weights: Floats) -> Floats:
    """`values` (S, C) times the rows of `weights` (X, C): (S, X).

    Not by `@`: for products as small as these, a threaded matrix library spends far longer
    on waking its threads than on multiplying.
    """
    product: Floats = np.einsum("sc,xc->sx", values, weights)
    return product


def _step(given: Floats, remembered: Floats, state: Floats) -> Floats:
    size = state.shape[-1]
    gates = 1 / (1 + np.exp(-(given[..., : 2 * size] + remembered[..., : 2 * size])))
    reset, keep = gates[..., :size], gates[..., size:]
    fresh = np.tanh(given[..., 2 * size :] + reset * remembered[..., 2 * size :])
    after: Floats = fresh + keep * (state - fresh)
    return after


@lru_cache(maxsize=1)
def _net() -> LetterToSound:
    with np.load(WEIGHTS) as weights:
        return LetterToSound(dict(weights))


@lru_cache(maxsize=8_192)
def guess(word: str) -> tuple[str, ...]:
    """The phones of an unknown lower-case word, by the built-in net."""
    return _net().phones(word)
