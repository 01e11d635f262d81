"""Real people's recordings: python recipes/human_voices.py OUT.

Takes from Debian's packages (apt-get, dpkg) what announcers and volunteers recorded for telephone
exchanges and children's games, makes waves of it (ffmpeg), and writes two corpora: OUT/learn, some
fifty people in thirty languages, two hours; and OUT/never_heard, one announcer's English prompts
and what they say, for trying vocoders and codecs on somebody who is no teacher of theirs.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import soundfile

from intone.core.types import Utterance
from intone.corpus.manifest import write_manifest

LEARNED = (
    *(f"asterisk-core-sounds-{language}-g722" for language in ("fr", "it", "ru")),
    "asterisk-prompt-it-menardi-wav",
    "ktuberling-data",
    "klettres-data",
)
"""The Spanish prompts are not among them: the announcer of the English ones speaks them."""

NEVER_HEARD, TEXTS = "asterisk-core-sounds-en-g722", "asterisk-core-sounds-en"
MOST = {"menardi": 120, "klettres_ml": 200}
"""Recordings of who has many that are alike: off a narrow line, or single syllables."""

NO_SPEECH = re.compile("silence|beep|tone|music|ring")


def unpacked(package: str, folder: Path) -> Path:
    """The folder that Debian's `package` is unpacked to."""
    place = folder / package
    if not place.is_dir():
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
        (file,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg", "-x", str(file), str(place)], check=True)
    return place


def speaker_of(package: str, file: Path) -> str:
    """Who speaks in a package's `file`: one person each, or one a language."""
    name, *rest = package.removesuffix("-data").split("-")
    if name == "klettres":
        return f"{name}_{file.parent.parent.name}"
    if name == "ktuberling":
        # Serbian's four ways to write are the same recordings.
        return f"{name}_{file.parent.name.partition('@')[0]}"
    return "menardi" if "menardi" in rest else f"prompts_{rest[2]}"


def waves(package: str, folder: Path, out: Path) -> Iterator[tuple[str, Path, Path, float]]:
    """Speaker, file, wave and its seconds, of each recording in a package."""
    root = unpacked(package, folder)
    kinds = {".g722", ".wav", ".ogg", ".opus"}
    files = sorted(f for f in root.rglob("*") if f.suffix in kinds and not NO_SPEECH.search(f.name))
    made = [out / speaker_of(package, f) / f"{f.parent.name}_{f.stem}.wav" for f in files]

    def convert(pair: tuple[Path, Path]) -> None:
        source, target = pair
        target.parent.mkdir(parents=True, exist_ok=True)
        told = ["-f", "g722"] if source.suffix == ".g722" else []
        command = ["ffmpeg", "-v", "error", "-y", *told, "-i", source, "-ac", "1", target]
        subprocess.run(command, check=True)

    with ThreadPoolExecutor() as crew:
        list(crew.map(convert, zip(files, made, strict=True)))
    for source, target in zip(files, made, strict=True):
        yield target.parent.name, source, target, soundfile.info(target).duration


def learned(folder: Path, out: Path) -> list[Utterance]:
    """Everybody's recordings; what is said is not known, the name of the file stands for it."""
    found: dict[str, list[Utterance]] = {}
    for package in LEARNED:
        for speaker, source, wave, seconds in waves(package, folder, out):
            if 0.8 <= seconds <= 14:
                text = re.sub("[^a-z]+", " ", source.stem.lower()).strip() or "sound"
                own = found.setdefault(speaker, [])
                own.append(Utterance(f"{speaker}-{wave.stem}", text, wave.resolve(), speaker))
    return [one for name, own in found.items() for one in own[: MOST.get(name, len(own))]]


def never_heard(folder: Path, out: Path) -> list[Utterance]:
    """Whole sentences of the announcer, with their texts; none with digits."""
    (listed,) = unpacked(TEXTS, folder).rglob("core-sounds-en.txt.gz")
    lines = gzip.decompress(listed.read_bytes()).decode().splitlines()
    texts = {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}
    found = []
    for speaker, source, wave, seconds in waves(NEVER_HEARD, folder, out):
        inside = source.parent.name if source.parent.name in ("dictate", "letters") else ""
        text = texts.get(f"{inside}/{source.stem}" if inside else source.stem, "")
        if 1.5 <= seconds <= 8 and len(text) >= 20 and not re.search(r"[\d\[]", text):
            found.append(Utterance(wave.stem, text, wave.resolve(), speaker))
    return found


def main() -> None:
    """Write both corpora."""
    out = Path(sys.argv[1])
    packages = out / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    for name, make in (("learn", learned), ("never_heard", never_heard)):
        made = make(packages, out / "waves")
        (out / name).mkdir(exist_ok=True)
        write_manifest(out / name, made)
        print(f"{out / name}: {len(made)} recordings by {len({u.speaker for u in made})} people")


if __name__ == "__main__":
    main()
