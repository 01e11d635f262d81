"""Puts a trained vocoder into the package, its large layers in eight bits.

    python benchmarks/ship_vocoder.py RUN CORPUS --name universal --command "how it came about"

What the layers are given is scaled by what they see in utterances of the prepared CORPUS, evenly
spread over it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sound_precision import inputs_of

from intone.core.installed import SHIPPED, VOCODERS
from intone.core.protocols import Needs
from intone.data.prepared import PreparedCorpus
from intone.export.eight_bit import in_eight_bits
from intone.speech.manifest import SharedVocoder, read_shared_vocoder

LISTENED = 120
"""Utterances that scales are taken from."""

NOTICES = (
    "rms, slt and awb are CMU Arctic voices, free for any use with their notice",
    "msu_ru_nsh_clunits was read by festival; espeak-ng spoke the odd timbres",
    "it also learned from recordings of people: prompts for Asterisk by June Wallack (copyright "
    "2006-2008, CC BY-SA 3.0), Carlo Flora (2012, www.segreterietelefoniche.it, CC BY 3.0), Maxim "
    "(2010, CC BY 3.0), Marco Menardi and Paola Dal Zot (2006-2011, www.voip.ammdomus.it, CC BY-SA "
    "3.0), and the words and syllables of KDE's ktuberling and klettres (GPL-2+)",
)


def examples(corpus: PreparedCorpus) -> Iterator[dict[str, Any]]:
    """What the graph is given of some utterances, one by one."""
    ids = sorted(corpus.entries)
    chosen = ids[:: max(1, len(ids) // LISTENED)][:LISTENED]
    for example in corpus.load(chosen, Needs()):
        yield inputs_of(example.mel)


def ship(run: Path, corpus: Path, folder: Path, command: str) -> SharedVocoder:
    """Write the vocoder of a run to `folder` in eight bits, and return its manifest."""
    source = run / "voice" if (run / "voice").is_dir() else run
    about = read_shared_vocoder(source)
    folder.mkdir(parents=True, exist_ok=True)
    in_eight_bits(source / about.file, folder / about.file, examples(PreparedCorpus(corpus)))
    kept = ("parameters", "preset", "figures")
    card = {
        "trained_on": "5.4 h of flite's rms, slt, awb, festival's msu_ru_nsh_clunits, six "
        "espeak-ng voices; then 11.4 h of everyone in recipes/teachers.sh, a quarter of it "
        "people's recordings",
        "family": "vocos-hn",
        "command": command,
        **{key: about.card[key] for key in kept},
        "licence": "Apache-2.0",
        "notices": NOTICES,
    }
    made = replace(about, card=card)
    made.write(folder)
    return made


def main() -> None:
    """Write the vocoder, and say what it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--name", default="universal")
    parser.add_argument("--command", required=True)
    options = parser.parse_args()
    folder = SHIPPED / VOCODERS / options.name
    ship(options.run, options.corpus, folder, options.command)
    for file in sorted(folder.iterdir()):
        print(f"{file.name:<14} {file.stat().st_size / 1e3:9.1f} kB")


if __name__ == "__main__":
    main()
