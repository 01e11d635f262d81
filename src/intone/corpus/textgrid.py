"""Praat's TextGrid, which the Montreal Forced Aligner reads and writes.

Reads the long and the short form; writes the long one. Only tiers of intervals are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from intone.core.errors import CorpusError
from intone.core.files import write_text

# In both forms the data are the quoted strings, the numbers and the flag; the rest is decoration.
# A number counts only where it stands alone, so that "intervals [1]" of the long form does not.
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"|<exists>|(?<![\w\[])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w\]])'
)


@dataclass(frozen=True)
class Interval:
    """What is said from `start` to `end`, in seconds; "" is silence."""

    start: float
    end: float
    text: str


Tiers = dict[str, list[Interval]]
"""The intervals of each tier by its name, such as "words" and "phones"."""


def read_textgrid(path: Path) -> Tiers:
    """The tiers of intervals in `path`; `CorpusError` says what is not as it must be."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror or error}") from None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise CorpusError(f"{path} is neither UTF-8 nor UTF-16") from None
    try:
        return parse_textgrid(text)
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from None


def parse_textgrid(text: str) -> Tiers:
    """The tiers of intervals of a TextGrid's text; `CorpusError` says what is wrong with it."""
    tokens = _TOKEN.finditer(text)
    kinds = ("ooTextFile", "ooTextFile short")
    if _quoted(tokens) not in kinds or _quoted(tokens) != "TextGrid":
        raise CorpusError("not a TextGrid: it must begin with ooTextFile and TextGrid")
    _number(tokens)
    _number(tokens)
    if next(tokens, None) is None:  # the flag <exists>
        raise CorpusError("it ends before its tiers")
    tiers: Tiers = {}
    for _ in range(int(_number(tokens))):
        kind, name = _quoted(tokens), _quoted(tokens)
        _number(tokens)
        _number(tokens)
        count = int(_number(tokens))
        if kind == "TextTier":
            for _ in range(count):
                _number(tokens)
                _quoted(tokens)
            continue
        if kind != "IntervalTier":
            raise CorpusError(f"the tier {name!r} is of the unknown kind {kind!r}")
        tiers[name] = [
            Interval(_number(tokens), _number(tokens), _quoted(tokens)) for _ in range(count)
        ]
    return tiers


def write_textgrid(path: Path, tiers: Mapping[str, Sequence[Interval]]) -> None:
    """Write `tiers` in the long form, whole or not at all.

    Gaps between intervals become empty ones, as Praat demands. Raises `CorpusError` where
    intervals overlap or there are none.
    """
    write_text(path, format_textgrid(tiers))


def format_textgrid(tiers: Mapping[str, Sequence[Interval]]) -> str:
    """The text of a TextGrid in the long form; see `write_textgrid`."""
    end = max((i.end for intervals in tiers.values() for i in intervals), default=0.0)
    if end <= 0:
        raise CorpusError("a TextGrid needs an interval that lasts")
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {end:.12g}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, (name, intervals) in enumerate(tiers.items(), 1):
        filled = list(_without_gaps(name, intervals, end))
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f"        name = {_escaped(name)}",
            "        xmin = 0",
            f"        xmax = {end:.12g}",
            f"        intervals: size = {len(filled)}",
        ]
        for index, interval in enumerate(filled, 1):
            lines += [
                f"        intervals [{index}]:",
                f"            xmin = {interval.start:.12g}",
                f"            xmax = {interval.end:.12g}",
                f"            text = {_escaped(interval.text)}",
            ]
    return "\n".join(lines) + "\n"


def _without_gaps(name: str, intervals: Sequence[Interval], end: float) -> Iterator[Interval]:
    now = 0.0
    for interval in sorted(intervals, key=lambda i: i.start):
        if interval.start < now - 1e-6 or interval.end < interval.start:
            raise CorpusError(
                f"in the tier {name!r} an interval overlaps the one before at {interval.start:g} s"
            )
        if interval.start > now + 1e-6:
            yield Interval(now, interval.start, "")
        yield Interval(max(now, interval.start), interval.end, interval.text)
        now = interval.end
    if end > now + 1e-6:
        yield Interval(now, end, "")


def _escaped(text: str) -> str:
    return '"' + " ".join(text.split("\n")).replace('"', '""') + '"'


def _quoted(tokens: Iterator[re.Match[str]]) -> str:
    token = next(tokens, None)
    if token is None:
        raise CorpusError("it ends too early")
    if not token[0].startswith('"'):
        raise CorpusError(f"a quoted text was expected at character {token.start()}")
    return token[0][1:-1].replace('""', '"')


def _number(tokens: Iterator[re.Match[str]]) -> float:
    token = next(tokens, None)
    if token is None:
        raise CorpusError("it ends too early")
    try:
        return float(token[0])
    except ValueError:
        raise CorpusError(f"a number was expected at character {token.start()}") from None
