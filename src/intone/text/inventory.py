"""`Inventory`: the tokens a frontend can emit, and the number of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from intone.core.errors import TextError

if TYPE_CHECKING:
    from intone.core.types import IntArray

PAD = "<pad>"
"""Token 0 of every inventory; fills batches and is never emitted."""


@dataclass(frozen=True)
class Inventory:
    """The tokens of a frontend in the order of their ids; `tokens[0]` is `PAD`.

    `optional` tokens (marks, word boundaries) may last no frame at all.
    """

    tokens: tuple[str, ...]
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.tokens or self.tokens[0] != PAD:
            raise TextError(f"an inventory must begin with {PAD!r}, not {self.tokens[:1]!r}")
        if len(set(self.tokens)) != len(self.tokens):
            twice = sorted({t for t in self.tokens if self.tokens.count(t) > 1})
            raise TextError(f"an inventory lists some tokens twice: {' '.join(twice)}")
        if strangers := sorted(self.optional - set(self.tokens)):
            raise TextError(f"optional tokens are not in the inventory: {' '.join(strangers)}")

    @classmethod
    def of(cls, optional: Sequence[str], lasting: Sequence[str]) -> Inventory:
        """The inventory of `PAD`, then the `optional` tokens, then the `lasting` ones."""
        return cls((PAD, *optional, *lasting), frozenset(optional))

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The id of each token."""
        return {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.index

    def ids(self, tokens: Iterable[str]) -> IntArray:
        """The ids int64 (S) of `tokens`; `TextError` names a token that is not listed."""
        index = self.index
        try:
            return np.array([index[token] for token in tokens], dtype=np.int64)
        except KeyError as error:
            raise TextError(
                f"token {error.args[0]!r} is not among the {len(self)} of this inventory; "
                "use the frontend that the voice was trained with"
            ) from None

    def optional_mask(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """A bool for each id: True where the token may last no frame; the pad may."""
        return np.array([t == PAD or t in self.optional for t in self.tokens], dtype=np.bool_)

    def phones_and_stress(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """For each id, the id of its phone and its stress, 0 where it bears none.

        A token that ends in a figure is the phone before it, stressed so: "a1" is "a" with 1.
        The phone's id is that of its plain token, or else of its first stressed one.
        """
        first: dict[str, int] = {token: i for i, token in enumerate(self.tokens)}
        phones, stress = [], []
        for i, token in enumerate(self.tokens):
            plain, mark = token[:-1], token[-1:]
            stressed = bool(plain) and plain[-1].isalpha() and mark in "012"
            phones.append(first.setdefault(plain, i) if stressed else i)
            stress.append(int(mark) if stressed else 0)
        return tuple(phones), tuple(stress)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able description, for `from_dict`."""
        return {
            "tokens": list(self.tokens),
            "optional": [token for token in self.tokens if token in self.optional],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Inventory:
        """The inventory that `to_dict` described; `TextError` if it is malformed."""
        try:
            tokens, optional = value["tokens"], value["optional"]
        except (KeyError, TypeError):
            raise TextError("an inventory needs the keys 'tokens' and 'optional'") from None
        return cls(tuple(tokens), frozenset(optional))
