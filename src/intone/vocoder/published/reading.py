"""A published vocoder by path or name → a module of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from intone.core.errors import VoiceError
from intone.core.protocols import CorpusFacts
from intone.core.registry import family
from intone.core.settings import check
from intone.core.types import FrameFormat
from intone.vocoder.published.conventions import require_convention
from intone.vocoder.published.found import Published
from intone.vocoder.published.hub import fetched, is_hub_name
from intone.vocoder.published.layouts import LAYOUTS, Layout


def _layout_at(path: Path) -> tuple[Layout, Path, Path] | None:
    """The layout at `path`, with its description's file and its weights'."""
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        return None
    for layout in LAYOUTS:
        description = folder / layout.description
        if not description.is_file():
            continue
        files = sorted(file for glob in layout.weights for file in folder.glob(glob))
        if path.is_file():
            files = [path]
        # The last one by name is the one that was trained longest.
        if files and files[-1].is_file() and files[-1] != description:
            return layout, description, files[-1]
    return None


def is_published(name: str) -> bool:
    """Whether `name` is a file or folder in a layout that is known, or could be a hub name."""
    return _layout_at(Path(name).expanduser()) is not None or is_hub_name(name)


def read_published(name: str) -> Published:
    """The vocoder in the folder or file `name`, or of that name on the hub.

    Raises `VoiceError` if it is not in a known layout or cannot be read, `DownloadError` or
    `MissingExtra` if it cannot be fetched.
    """
    path = Path(name).expanduser()
    if not path.exists() and is_hub_name(name):
        wanted = [file for layout in LAYOUTS for file in (layout.description, *layout.weights)]
        path = fetched(name, wanted)
    found = _layout_at(path)
    if found is None:
        known = ", ".join(f"{one.name} ({one.description}, {one.weights[0]})" for one in LAYOUTS)
        raise VoiceError(f"{name} is no published vocoder of a layout that is known: {known}")
    layout, description, weights = found
    return layout.read(description, weights)


def published_vocoder(name: str, format: FrameFormat | None = None) -> Any:
    """The published vocoder `name`, ready to render frames of `format`.

    Without a `format`, of its own. Raises what `read_published` does, `FormatError` that names
    each field in which its mel differs, `VoiceError` if its weights are not what its
    description says.
    """
    found = read_published(name)
    require_convention(found.convention, format or found.convention.format(), source=found.source)
    chosen = family("vocoder", found.family)
    settings = check(chosen.settings, found.settings, where=found.source)
    model: nn.Module = chosen.model(
        settings, CorpusFacts(symbols=0, speakers=(), format=found.convention.format())
    )
    own = model.state_dict()
    for key in sorted({*own} ^ {*found.weights}):
        where = "lacks" if key in own else "has beside what belongs there"
        raise VoiceError(f"{found.source} {where} {key!r}; its description is of another one")
    for key, value in found.weights.items():
        if own[key].shape != value.shape:
            raise VoiceError(
                f"{found.source}: {key!r} is {tuple(value.shape)}, but its description makes it "
                f"{tuple(own[key].shape)}; its description is of another one"
            )
    model.load_state_dict(dict(found.weights))
    return model.eval()
