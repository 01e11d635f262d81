"""Several corpora as one: python recipes/join_corpora.py OUT CORPUS..."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from intone.corpus.manifest import read_manifest, write_manifest


def main() -> None:
    """Write a manifest that names the recordings of all."""
    out, *corpora = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    joined = [
        replace(utterance, id=f"{corpus.name}-{utterance.id}")
        for corpus in corpora
        for utterance in read_manifest(corpus)
    ]
    write_manifest(out, joined)


if __name__ == "__main__":
    main()
