"""Puts a trained codec into the package, under the name of its family, in as few bytes as serve.

    python benchmarks/ship_codec.py RUN --name small-codec

Only the graphs are shipped: they encode and decode, in training too, and hold each weight once.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from sound_systems import codec_parameters
from torch import nn

from intone.codec.folder import (
    CODEC_FILE,
    DECODE_FILE,
    ENCODE_FILE,
    VOICE_FILE,
    CodecManifest,
    find_codec,
    read_manifest,
)
from intone.codec.onnx_codec import OnnxCodec
from intone.codec.sounding import load_module
from intone.core.installed import CODECS, SHIPPED
from intone.core.types import Audio
from intone.export.codec import write_codec
from intone.export.onnx import halved, in_bytes

TEACHERS = {
    "small-codec": "flite, festival and espeak-ng in six languages",
    "mel-vq": "flite, festival and espeak-ng in five languages, some calm, excited and sad",
}
_ARCTIC = (
    "The teachers rms, slt, awb and cmu_us_slt_arctic_hts are built from the CMU Arctic databases: "
    "copyright (c) 2003 Carnegie Mellon University, all rights reserved; ked_diphone is copyright "
    "(c) 1997 Centre for Speech Technology Research, University of Edinburgh, all rights reserved. "
    "They are free to use, copy, modify and distribute, as long as these notices are kept, changes "
    "are marked as such, and the authors' names endorse nothing without their permission. They are "
    "provided as they are, without any warranty."
)
_RUSSIAN = (
    "The teacher msu_ru_nsh_clunits is copyright (c) 2005 Nickolay V. Shmyrev, all rights "
    "reserved, on the same terms."
)
_PEOPLE = (
    "It also learned from recordings of people: prompts for Asterisk by June Wallack (copyright "
    "2006-2008, CC BY-SA 3.0), Carlo Flora (2012, www.segreterietelefoniche.it, CC BY 3.0), Maxim "
    "(2010, CC BY 3.0), Marco Menardi and Paola Dal Zot (2006-2011, www.voip.ammdomus.it, CC BY-SA "
    "3.0), and the words and syllables of KDE's ktuberling and klettres (GPL-2+)."
)
NOTICES = {"small-codec": (_ARCTIC, _RUSSIAN, _PEOPLE), "mel-vq": (_ARCTIC, _PEOPLE)}


def _decoder_in_bytes(codec: nn.Module) -> None:
    """Round what decodes to bytes, and what encodes to halves only.

    Many codes of small-codec lie nearly as close as the one that is chosen: with an encoder in
    bytes 14 % of the first codes are others, and one codebook alone is 2.5 % worse in mel L1.
    """
    for name, part in codec.named_children():
        (in_bytes if name in ("decoder", "head") else halved)(part)


ROUNDED = {"small-codec": _decoder_in_bytes, "mel-vq": in_bytes}
"""Of mel-vq's codes, a byte a weight changes 1.3 and 4.7 %, and its mel L1 not at all."""


def ship(run: Path, folder: Path, *, name: str) -> CodecManifest:
    """Write the codec of a run to `folder` as graphs alone, and return its manifest."""
    source = find_codec(run)
    about = read_manifest(source)
    card = {key: about.card[key] for key in about.card if key != "trained_on"} | {
        "trained_on": f"{about.card['trained_on'].partition(' of ')[0].partition(': ')[2]} of "
        f"{TEACHERS[name]}, reading sentences of the `fortunes` packages; and of people",
        "command": "recipes/codec.sh, begun with an earlier one; see docs/codec.md",
        "parameters": codec_parameters(source),
        "licence": "Apache-2.0",
        "notices": NOTICES[name],
    }
    with tempfile.TemporaryDirectory() as made:
        manifest = write_codec(
            Path(made),
            codec=load_module(source),
            name=name,
            family=about.family,
            card=card,
            rounded=ROUNDED[name],
        )
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / CODEC_FILE).is_file() and _codes_as(folder, Path(made)):
            # Voices that learned these codes can still be heard.
            manifest = replace(manifest, fingerprint=read_manifest(folder).fingerprint)
        for file in (ENCODE_FILE, *([VOICE_FILE] if manifest.voice else []), DECODE_FILE):
            shutil.copyfile(Path(made) / file, folder / file)
    manifest = replace(manifest, name=name)
    manifest.write(folder)
    return manifest


def _codes_as(former: Path, made: Path) -> bool:
    """Whether the codec in `made` gives the codes of the one in `former`, or those and more."""
    ours, theirs = OnnxCodec(made), OnnxCodec(former)
    known = theirs.format.codebooks
    if known > ours.format.codebooks:
        return False
    chance = np.random.default_rng(0)
    loudness = np.repeat(chance.uniform(0, 0.3, 200), 1_000)
    noise = Audio((chance.normal(0, 1, 200_000) * loudness).astype(np.float32), 22_050)
    ahead, before = ours.encode(noise, known), theirs.encode(noise)
    return np.array_equal(ahead.values, before.values) and np.array_equal(ahead.voice, before.voice)


def main() -> None:
    """Write the codec, and say what it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--name", choices=sorted(TEACHERS), required=True)
    options = parser.parse_args()
    folder = SHIPPED / CODECS / options.name
    ship(options.run, folder, name=options.name)
    for file in sorted(folder.iterdir()):
        print(f"{file.name:<14} {file.stat().st_size / 1e3:9.1f} kB")


if __name__ == "__main__":
    main()
