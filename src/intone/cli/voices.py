"""`intone voices`: the voices there are, and the card of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer


def voices(
    name: Annotated[str | None, typer.Argument(help="show the card of this voice")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print it for programs")] = False,
) -> None:
    """List the voices there are, or show what is known of one."""
    from intone.core.errors import VoiceError
    from intone.core.installed import roots
    from intone.speech import packaged

    if name is not None:
        found = packaged.describe(packaged.find(name))
        card = _facts(found)
        if as_json:
            print(json.dumps(card, indent=2, ensure_ascii=False))
        else:
            print("\n".join(_lines(card)))
        return
    all_found = [packaged.describe(folder) for folder in packaged.folders().values()]
    if as_json:
        print(json.dumps([_facts(found) for found in all_found], indent=2, ensure_ascii=False))
        return
    if not all_found:
        folders = ", ".join(map(str, roots()))
        raise VoiceError(f"there are no voices in {folders}; make one: intone create --help")
    rows = [("name", "language", "speakers", "size", "figures")]
    for found in all_found:
        manifest = found.manifest
        speakers = ", ".join(manifest.speakers)
        if len(speakers) > 40:
            speakers = f"{len(manifest.speakers)} speakers"
        figures = ", ".join(
            f"{key} {value}"
            for key, value in dict(manifest.card.get("figures") or {}).items()
            if isinstance(value, int | float | str)
        )
        rows.append(
            (found.folder.name, manifest.language, speakers, _size(found.size_bytes), figures)
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())


def _facts(found: Any) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "name": manifest.name,
        "language": manifest.language,
        "speakers": list(manifest.speakers),
        "default_speaker": manifest.default_speaker,
        "sample_rate": manifest.format.sample_rate,
        "vocoder": manifest.vocoder.shared or manifest.vocoder.file,
        "folder": str(found.folder),
        "size_bytes": found.size_bytes,
        **manifest.card,
    }


def _lines(card: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in card.items():
        label = f"{indent}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            lines += [f"{label}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{label}: {', '.join(map(str, value))}")
        elif key == "size_bytes":
            lines.append(f"{indent}size: {_size(value)}")
        else:
            lines.append(f"{label}: {value}")
    return lines


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
