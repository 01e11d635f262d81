"""Corpora with a `manifest.jsonl`, as intone itself writes them."""

from __future__ import annotations

from pathlib import Path

from intone.core.types import Utterance
from intone.corpus.manifest import NAME, read_manifest
from intone.corpus.rejection import Rejection


class ManifestFolder:
    """Reads a folder that has a manifest, or a manifest file itself."""

    name = "manifest"
    looks_for = NAME

    def recognises(self, path: Path) -> bool:
        """Whether there is a manifest."""
        return (path / NAME).is_file() or (path.suffix == ".jsonl" and path.is_file())

    def read(self, path: Path, language: str) -> tuple[list[Utterance], list[Rejection]]:
        """All utterances; the manifest says their languages. `CorpusError` names a bad line."""
        return read_manifest(path), []
