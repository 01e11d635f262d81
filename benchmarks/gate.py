"""Is anything worse than the committed figures, beyond noise?

    python benchmarks/gate.py                 # benchmarks/results/*.json against HEAD
    python benchmarks/gate.py --against v0.1

Compares every row that has a character error. An error is worse if its interval lies wholly
above the committed one; an opinion or a likeness if it fell by more than its allowance. A row
that is no longer there is named.
Exits with 1 if anything got worse, so that it can stand in a pipeline.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from report import RESULTS

ALLOWED_FALL = {"dnsmos": 0.1, "similarity": 0.03}
"""How far a mean over thirty sentences may fall before it counts."""


def rows_of(figures: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row below `figures` that has a character error, with the path to it."""
    if not isinstance(figures, dict):
        return
    if "character_error_interval" in figures:
        yield name, figures
    for key, value in figures.items():
        yield from rows_of(value, f"{name}/{key}")


def worse(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What of one row got worse beyond noise, in words."""
    found = []
    for error in ("character_error", "phoneme_error"):
        then, today = before.get(f"{error}_interval"), now.get(f"{error}_interval")
        if then and today and today[0] > then[1]:
            found.append(f"{error.replace('_', ' ')} {before[error]} -> {now[error]}")
    for key, allowance in ALLOWED_FALL.items():
        if key in before and key in now and now[key] < before[key] - allowance:
            found.append(f"{key} {before[key]} -> {now[key]}")
    return found


def committed(name: str, revision: str) -> Any:
    """The figures of a result file at `revision`; None if it was not there."""
    shown = subprocess.run(
        ["git", "show", f"{revision}:./{name}"], cwd=RESULTS, capture_output=True, check=False
    )
    return json.loads(shown.stdout) if shown.returncode == 0 else None


def committed_names(revision: str) -> set[str]:
    """The result files that there were at `revision`."""
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", revision, "./"],
        cwd=RESULTS,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in listed.stdout.split() if name.endswith(".json")}


def main() -> None:
    """Print what got worse, row by row, and exit with 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="HEAD", help="a revision of the repository")
    options = parser.parse_args()
    compared, complaints = 0, []
    there = {path.name for path in RESULTS.glob("*.json")}
    for name in sorted(there | committed_names(options.against)):
        path = RESULTS / name
        figures = json.loads(path.read_text(encoding="utf-8")) if name in there else None
        before = dict(rows_of(committed(name, options.against), path.stem))
        now = dict(rows_of(figures, path.stem))
        complaints += [f"{row}: is gone" for row in before.keys() - now.keys()]
        for row in before.keys() & now.keys():
            compared += 1
            complaints += [f"{row}: {text}" for text in worse(before[row], now[row])]
    for complaint in sorted(complaints):
        print(complaint)
    print(f"{compared} rows compared with {options.against}, {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
