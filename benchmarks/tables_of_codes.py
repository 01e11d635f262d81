"""Tables of the families that speak codes, for `tables.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tables_markdown import percent, table

_ERROR = "character error"
_STYLE_FIGURES = ("pitch_semitones", "range_semitones", "letters_a_second")


def _with_interval(row: Mapping[str, Any]) -> str:
    low, high = row["character_error_interval"]
    return f"{percent(row['character_error'])} ({100 * low:.1f} to {100 * high:.1f})"


def _length(row: Mapping[str, Any], within: str) -> str:
    if "length_beside_teacher" not in row:
        return ""
    return f"{row['length_beside_teacher']} ({100 * row[within]:.0f} %)"


def echolancer(found: dict[str, Any]) -> str:
    """Voices beside their codec's copy, styles, and lengths beyond those learned."""
    parts = []
    kinds = found["rows"]
    if spoken := kinds.get("voice"):
        heads = ["speaker, who", _ERROR, "skipped / added / repeated"]
        heads += ["length beside the teacher's (within 15 %)", "ended / cut off"]
        rows = []
        for name, r in spoken.items():
            ends = r.get("ends")
            rows.append(
                [
                    name,
                    _with_interval(r),
                    f"{r['words_skipped']} / {r['words_added']} / {r['words_repeated']}",
                    _length(r, "lengths_within_15_percent"),
                    f"{ends['sentences'] - ends['cut_off']} / {ends['cut_off']}" if ends else "",
                ]
            )
        parts.append(table(heads, rows))
    if styles := kinds.get("emotion"):
        rows = [
            [
                name,
                f"{r['told_right']} of {r['cases']}" if "told_right" in r else "",
                *(r.get("told_right_by_one", {}).get(kind, "") for kind in _STYLE_FIGURES),
                _with_interval(r),
            ]
            for name, r in styles.items()
        ]
        heads = ["who", "asked style is the one measured", "by pitch alone", "by its range"]
        heads += ["by rate", f"{_ERROR}, our recogniser"]
        parts.append(table(heads, rows))
    if lengths := kinds.get("alibi"):
        rows = [
            [name, _with_interval(r), _length(r, "lengths_within_15_percent")]
            for name, r in lengths.items()
        ]
        heads = ["who, how long", _ERROR, "length beside the teacher's (within 15 %)"]
        parts.append(table(heads, rows))
    return "\n\n".join(parts)


def mamba_conv(found: dict[str, Any]) -> str:
    """Every part of the report: voices, numbers of passes, what the model's parts do."""
    parts = []
    for title, part in found.items():
        if not isinstance(part, dict) or "rows" not in part:
            continue
        heads = [title, _ERROR, "DNSMOS", "length beside the teacher's (within 10 %)"]
        heads += ["similarity", "nearest centroid", "processor seconds a second"]
        rows = []
        for name, r in part["rows"].items():
            nearest = r.get("nearest", {})
            likeliest = max(nearest, key=nearest.__getitem__) if nearest else ""
            rows.append(
                [
                    name,
                    _with_interval(r),
                    r["dnsmos"],
                    _length(r, "lengths_within_10_percent"),
                    r.get("similarity", ""),
                    f"{likeliest} in {nearest[likeliest]} of {sum(nearest.values())}"
                    if nearest
                    else "",
                    r.get("processor_seconds_a_second", ""),
                ]
            )
        parts.append(table(heads, rows))
    return "\n\n".join(parts)


def echolancer_speed(found: dict[str, Any]) -> str:
    """Codes a second beside `transformers`."""
    rows = [
        [
            name,
            r["codes_per_second"],
            r["codes_per_processor_second"],
            r["times_real_time"],
        ]
        for name, r in found.items()
        if isinstance(r, dict) and "codes_per_second" in r
    ]
    heads = ["who", "codes a second", "codes a processor second", "times real time"]
    return table(heads, rows)


def _shown(figure: float | None, times: int = 1) -> str:
    """A figure; what took too long to be measured is a dash."""
    return "-" if figure is None else f"{times * figure:.1f}"


def selective_scan(found: dict[str, Any]) -> str:
    """A Mamba layer by our scan, by a loop over its definition, and by `transformers`."""
    kinds = ("intone", "loop", "transformers")
    heads = ["length", *(f"{kind}, ms" for kind in kinds), "times as fast as the loop"]
    heads += ["as transformers", "kept for the backward pass, MB"]
    rows = [
        [
            r["length"],
            *(_shown(r[f"{kind}_seconds"], 1000) for kind in kinds),
            _shown(r["times_faster_than_loop"]),
            _shown(r["times_faster_than_transformers"]),
            ", ".join(_shown(r[f"{kind}_kept_mb"]) for kind in kinds),
        ]
        for r in found["rows"]
    ]
    return f"Forward and backward, {found['threads']} threads.\n\n{table(heads, rows)}"
