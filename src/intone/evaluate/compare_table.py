"""The table of figures of several voices, as HTML: a row a voice, a column a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from intone.evaluate.comparison import Figure, VoiceFigures


@dataclass(frozen=True)
class _Column:
    """A figure of a voice: what it is called and means, which order comes first, its form."""

    title: str
    meaning: str
    first: str
    of: Callable[[VoiceFigures], Figure | int | None]
    written: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _count(value: float) -> str:
    return f"{value:.0f}"


_COLUMNS = (
    _Column(
        "character error",
        "edits between the characters written and those heard",
        "ascending",
        lambda f: f.character_error,
        _percent,
    ),
    _Column(
        "word error",
        "edits between the words written and those heard",
        "ascending",
        lambda f: f.word_error,
        _percent,
    ),
    _Column(
        "skipped", "words that were not heard", "ascending", lambda f: f.words_skipped, _count
    ),
    _Column(
        "added",
        "words that were heard and not written",
        "ascending",
        lambda f: f.words_added,
        _count,
    ),
    _Column(
        "repeated", "words that were heard again", "ascending", lambda f: f.words_repeated, _count
    ),
    _Column(
        "DNSMOS", "predicted opinion of the sound, 1 to 5", "descending", lambda f: f.dnsmos,
        lambda value: f"{value:.2f}",
    ),
    _Column(
        "length", "mean length of a sentence", "ascending", lambda f: f.seconds,
        lambda value: f"{value:.2f} s",
    ),
    _Column(
        "real-time factor",
        "seconds of processor time for a second of speech, one thread",
        "ascending",
        lambda f: f.real_time_factor,
        lambda value: f"{value:.3f}",
    ),
)  # fmt: skip


def heads(figures: Sequence[VoiceFigures]) -> str:
    """The cells of the heading; columns in which no voice has a figure are left out."""
    cells = ['<th scope="col" data-first="ascending"><button type="button">voice</button></th>']
    for number, column in enumerate(_columns(figures)):
        # Rows come in the order of the first column, if that is the error.
        sorted_by = ' aria-sort="ascending"' if number == 0 and column is _COLUMNS[0] else ""
        cells.append(
            f'<th scope="col" data-first="{column.first}"{sorted_by}>'
            f'<button type="button">{escape(column.title)}</button></th>'
        )
    return "".join(cells)


def rows(figures: Sequence[VoiceFigures], numbers: Sequence[int]) -> str:
    """A row for each voice, which is `numbers` in the order of the page's sounds."""
    columns = _columns(figures)
    reach = [_reach([column.of(each) for each in figures]) for column in columns]
    return "\n".join(
        f'<tr data-voice="{number}"><th scope="row" data-value="{escape(each.name)}">'
        f"{escape(each.name)}</th>"
        + "".join(
            _cell(column, column.of(each), most)
            for column, most in zip(columns, reach, strict=True)
        )
        + "</tr>"
        for number, each in zip(numbers, figures, strict=True)
    )


def meanings(figures: Sequence[VoiceFigures]) -> str:
    """What each column means, as the entries of a list."""
    return "".join(
        f"<dt>{escape(column.title)}</dt><dd>{escape(column.meaning)}</dd>"
        for column in _columns(figures)
    )


def _columns(figures: Sequence[VoiceFigures]) -> list[_Column]:
    return [c for c in _COLUMNS if any(c.of(each) is not None for each in figures)]


def _reach(values: Sequence[Figure | int | None]) -> float:
    """The upper end of a column's scale, which begins at 0."""
    return max([v.high for v in values if isinstance(v, Figure)] + [1e-9])


def _bare(column: _Column, value: float) -> str:
    """A value without its unit, which stands above it already."""
    return column.written(value).split(" ")[0]


def _cell(column: _Column, value: Figure | int | None, most: float) -> str:
    if value is None:
        return '<td data-value="">–</td>'
    if not isinstance(value, Figure):
        return f'<td data-value="{value}"><b>{column.written(value)}</b></td>'
    place = [f"{100 * x / most:.1f}%" for x in (value.low, value.high, value.value)]
    return (
        f'<td data-value="{value.value:.6f}"><b>{column.written(value.value)}</b>'
        f"<small>{_bare(column, value.low)} to {_bare(column, value.high)}</small>"
        f'<i class="whisker" style="--from:{place[0]};--to:{place[1]};--at:{place[2]}"></i></td>'
    )
