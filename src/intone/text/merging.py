"""Merges: pairs of pieces that become one, the commonest first.

Byte-pair encoding, as Sennrich et al. 2016 have it for words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

Pair = tuple[str, str]


def merged(parts: Sequence[str], ranks: Mapping[Pair, int]) -> list[str]:
    """`parts` with every pair that `ranks` knows made one, the lowest rank first."""
    found = list(parts)
    unranked = len(ranks)
    while len(found) > 1:
        pairs = list(zip(found[:-1], found[1:], strict=True))
        best = min(pairs, key=lambda pair: ranks.get(pair, unranked))
        if best not in ranks:
            break
        found = joined(found, best)
    return found


def joined(parts: Sequence[str], pair: Pair) -> list[str]:
    """`parts` with each occurrence of `pair`, from the left, made one."""
    made, at = [], 0
    while at < len(parts):
        if parts[at] == pair[0] and at + 1 < len(parts) and parts[at + 1] == pair[1]:
            made.append(pair[0] + pair[1])
            at += 2
        else:
            made.append(parts[at])
            at += 1
    return made


def learned_merges(words: Mapping[str, int], first: Sequence[Pair], most: int) -> list[Pair]:
    """Merges that make at most `most` pieces: `first`, then always the pair that occurs most.

    `words` are words and how often each occurs. A pair that occurs once teaches nothing and
    is not taken; of pairs that occur as often as each other, the first in the alphabet is.
    """
    merges = list(first[:most])
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    spelled = {word: merged(word, ranks) for word in words}
    counts: Counter[Pair] = Counter()
    inside: defaultdict[Pair, set[str]] = defaultdict(set)
    for word, parts in spelled.items():
        for pair in zip(parts[:-1], parts[1:], strict=True):
            counts[pair] += words[word]
            inside[pair].add(word)
    pieces = set(map("".join, merges))
    waiting = [(-count, pair) for pair, count in counts.items()]
    heapify(waiting)
    while len(pieces) < most and waiting:
        count, best = heappop(waiting)
        if -count != counts[best]:
            # What was counted when it was put there is no longer so.
            continue
        if counts[best] < 2:
            break
        merges.append(best)
        pieces.add("".join(best))
        changed: set[Pair] = set()
        for word in inside.pop(best):
            parts = spelled[word]
            for pair in zip(parts[:-1], parts[1:], strict=True):
                counts[pair] -= words[word]
                changed.add(pair)
            spelled[word] = parts = joined(parts, best)
            for pair in zip(parts[:-1], parts[1:], strict=True):
                counts[pair] += words[word]
                inside[pair].add(word)
                changed.add(pair)
        for pair in changed:
            heappush(waiting, (-counts[pair], pair))
    return merges
