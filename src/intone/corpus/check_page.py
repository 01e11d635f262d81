"""A check's report as files: `report.json`, `report.html` and `set_aside.txt`.

The page holds its style and its pictures; nothing is fetched when it is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from intone.core.files import write_json, write_text
from intone.corpus.check import CheckReport
from intone.corpus.rejection import Rejection
from intone.corpus.set_aside import write_set_aside

_WIDTH, _HEIGHT, _MARGIN = 420, 200, 36
_MOST_ROWS = 500
_MOST_DOTS = 4_000

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --faint: #8a93a3;
  --line: #d9dee6; --blue: #2f6fde; --red: #c8372d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14181f;
  --faint: #8f98a8; --line: #333b48; --blue: #6ea2ff; --red: #ff7b6e; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
figure { display: inline-block; margin: 0 1rem 1rem 0; }
figcaption { color: var(--faint); font-size: 0.9rem; }
svg { max-width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--faint); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
.aside { color: var(--red); }
"""


def write_report(
    report: CheckReport, folder: Path, listed: Sequence[Rejection] = ()
) -> tuple[Path, Path, Path]:
    """Write the three files into `folder`; returns their paths: JSON, page, list.

    The list holds what the check sets aside and what was `listed` before. What reading a
    corpus rejects does not belong there: a file that is missing may come, and of two
    utterances with one id, a list of ids would lose both.
    """
    folder = Path(folder)
    write_json(folder / "report.json", report.to_json())
    write_text(folder / "report.html", page(report, folder.resolve().name))
    known = {rejection.id: rejection for rejection in (*listed, *report.set_aside)}
    aside = write_set_aside(folder, known.values())
    return folder / "report.json", folder / "report.html", aside


def page(report: CheckReport, title: str) -> str:
    """The report as one HTML page."""
    readable = [c for c in report.checked if not c.measured.problem]
    good = [c for c in readable if not any(p.aside for p in c.problems)]
    bad = [c for c in readable if any(p.aside for p in c.problems)]
    pictures = [
        _histogram([c.measured.seconds for c in readable], "length, seconds"),
        _scatter(
            [(c.measured.speech_seconds, c.letters) for c in good],
            [(c.measured.speech_seconds, c.letters) for c in bad],
            "letters over seconds of speech; red: set aside",
        ),
        _histogram([c.measured.rms for c in readable], "loudness, dBFS"),
        _histogram([c.measured.noise_distance_db for c in readable], "speech over noise, dB"),
    ]
    aside = len(report.set_aside)
    facts = (
        f"{len(report.checked)} utterances, {len(report.usable)} usable "
        f"({report.usable_hours:.2f} hours), {aside} set aside"
    )
    speakers = _table(
        ("speaker", "utterances", "hours"),
        [
            (name, str(figures["utterances"]), f"{figures['hours']:.2f}")
            for name, figures in report.to_json()["speakers"].items()
        ],
    )
    counts = _table(
        ("problem", "utterances"), [(kind, str(n)) for kind, n in report.counts.items()]
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Check of {escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Check of {escape(title)}</h1><p>{escape(facts)}</p>"
        + (f"<ul>{notes}</ul>" if notes else "")
        + f"<div>{''.join(pictures)}</div>"
        + f"<h2>Speakers</h2>{speakers}"
        + (f"<h2>Problems</h2>{counts}{_problems(report)}" if report.counts else "")
        + "</body></html>\n"
    )


def _problems(report: CheckReport) -> str:
    """A row for each utterance with a problem, those that are set aside first."""
    rows = [
        (any(p.aside for p in c.problems), c)
        for c in sorted(report.checked, key=lambda c: not any(p.aside for p in c.problems))
        if c.problems
    ]
    body = "".join(
        f"<tr><td>{escape(c.utterance.id)}</td>"
        f'<td class="{"aside" if aside else "note"}">'
        f"{escape('; '.join(p.message for p in c.problems))}</td>"
        f"<td>{escape(_shortened(c.utterance.text))}</td></tr>"
        for aside, c in rows[:_MOST_ROWS]
    )
    more = len(rows) - _MOST_ROWS
    rest = f"<p>{more} more are in report.json.</p>" if more > 0 else ""
    return (
        "<h2>Utterances</h2><p>Red: set aside.</p><table><tr><th>utterance</th><th>problem</th>"
        f"<th>text</th></tr>{body}</table>{rest}"
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{cells}</tr>{body}</table>"


def _histogram(values: Sequence[float], caption: str) -> str:
    if not values:
        return ""
    counts, edges = np.histogram(np.asarray(values), bins=30)
    wide = (_WIDTH - 2 * _MARGIN) / len(counts)
    tall = (_HEIGHT - 2 * _MARGIN) / max(1, int(counts.max()))
    bars = "".join(
        f'<rect x="{_MARGIN + i * wide:.1f}" y="{_HEIGHT - _MARGIN - n * tall:.1f}" '
        f'width="{wide - 1:.1f}" height="{n * tall:.1f}" fill="var(--blue)"/>'
        for i, n in enumerate(counts.tolist())
    )
    return _figure(bars, caption, (edges[0], edges[-1]), (0, int(counts.max())))


def _scatter(
    good: Sequence[tuple[float, int]], bad: Sequence[tuple[float, int]], caption: str
) -> str:
    if not good and not bad:
        return ""
    right = max(x for x, _ in (*good, *bad)) or 1
    top = max(y for _, y in (*good, *bad)) or 1
    dots = []
    for points, colour in ((good, "blue"), (bad, "red")):
        for x, y in points[:: len(points) // _MOST_DOTS + 1]:
            across = _MARGIN + x / right * (_WIDTH - 2 * _MARGIN)
            down = _HEIGHT - _MARGIN - y / top * (_HEIGHT - 2 * _MARGIN)
            dots.append(
                f'<circle cx="{across:.1f}" cy="{down:.1f}" r="2" fill="var(--{colour})" '
                'fill-opacity="0.6"/>'
            )
    return _figure("".join(dots), caption, (0, right), (0, top))


def _figure(marks: str, caption: str, across: tuple[float, float], up: tuple[float, float]) -> str:
    """Marks with axes, whose ends are labelled."""
    left, right, bottom, top = _MARGIN, _WIDTH - _MARGIN, _HEIGHT - _MARGIN, _MARGIN
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" aria-label="{escape(caption)}">{marks}'
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="var(--line)"/>'
        f'<text x="{left}" y="{bottom + 16}">{across[0]:.3g}</text>'
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end">{across[1]:.3g}</text>'
        f'<text x="{left - 4}" y="{top + 4}" text-anchor="end">{up[1]:.3g}</text>'
        f"</svg><figcaption>{escape(caption)}</figcaption></figure>"
    )
