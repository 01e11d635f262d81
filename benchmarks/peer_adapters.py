"""What a user could take instead of intone, each as one `Peer`; what is not installed is none."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intone.audio.files import read_audio
from intone.core.errors import CorpusError
from intone.core.types import Audio
from intone.corpus.teachers import teacher
from intone.evaluate.cost import disk_megabytes

FESTIVAL_VOICES = (Path("/usr/share/festival/voices"), Path("/usr/local/share/festival/voices"))
FLITE_LIBRARIES = ("libflite.", "libflite_usenglish.", "libflite_cmulex.", "libflite_cmu_us_slt.")
"""Those that the voice slt needs; the program brings other voices and languages."""
STDIN = (
    "import subprocess, sys; subprocess.run(sys.argv[2:], input=sys.argv[1].encode(), check=True)"
)


@dataclass(frozen=True)
class Peer:
    """A voice of somebody else: how it speaks, and what its cold start and files are.

    `speak` gives None for a sentence that it refuses. `command` makes the command that says
    one text into a file. `how` says what the times include.
    """

    name: str
    voice: str
    language: str
    speak: Callable[[Sequence[str]], list[Audio | None]]
    command: Callable[[str, Path], list[str]]
    disk_megabytes: float | None
    how: str


def megabytes(paths: Sequence[Path]) -> float:
    """What files, and folders with all that is in them, take on disk."""
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    return round(sum(f.stat().st_size for f in files if f.is_file()) / 1e6, 2)


def by_teacher(name: str, voice: str) -> Callable[[Sequence[str]], list[Audio | None]]:
    """How a teacher of ours speaks texts."""
    return lambda texts: [take.audio for take in teacher(name).speak(voice, list(texts))]


def intone(language: str) -> Iterator[Peer]:
    """Our own packaged voice, for the same table."""
    from intone.speech import Voice

    voice = {"en": "english", "ru": "russian"}[language]

    def speak(texts: Sequence[str]) -> list[Audio | None]:
        ready = Voice.load(voice, threads=1)
        return [ready.speak(text).audio for text in texts]

    def command(text: str, path: Path) -> list[str]:
        speaking = [sys.executable, "-m", "intone", "speak", "--voice", voice, "--no-play"]
        return [*speaking, "--threads", "1", "-o", str(path), text]

    how = "in a process of Python, one thread, its opening included"
    yield Peer("intone", voice, language, speak, command, disk_megabytes(voice), how)


def espeak(language: str) -> Iterator[Peer]:
    """eSpeak NG of espeakng-loader; its library has no program, so Python starts it."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return
    import espeakng_loader

    voice = {"en": "en-us"}.get(language, language)
    files = [Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path())]
    code = (
        "import sys; from pathlib import Path; from intone.audio.files import write_audio; "
        "from intone.corpus.teachers.espeak import Espeak; "
        "(take,) = Espeak().speak(sys.argv[1], [sys.argv[3]]); "
        "write_audio(Path(sys.argv[2]), take.audio)"
    )

    def command(text: str, path: Path) -> list[str]:
        return [sys.executable, "-c", code, voice, str(path), text]

    how = "its library, in a process of Python, which the cold start includes"
    speak = by_teacher("espeak", voice)
    yield Peer("espeak-ng", voice, language, speak, command, megabytes(files), how)


def flite(language: str) -> Iterator[Peer]:
    """The program flite, voice slt."""
    program = shutil.which("flite")
    if program is None or language != "en":
        return
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    paths = [line.split("=> ")[1].split(" (")[0] for line in linked.splitlines() if "=> /" in line]
    libraries = [Path(path) for path in paths if Path(path).name.startswith(FLITE_LIBRARIES)]

    def command(text: str, path: Path) -> list[str]:
        return [program, "-voice", "slt", "-t", text, "-o", str(path)]

    size = megabytes([Path(program).resolve(), *libraries])
    how = "its program, started for each sentence"
    yield Peer("flite", "slt", "en", by_teacher("flite", "slt"), command, size, how)


def festival(language: str) -> Iterator[Peer]:
    """The program festival with each installed voice of `language`."""
    text2wave = shutil.which("text2wave")
    if text2wave is None:
        return
    there = teacher("festival")
    try:
        voices = [voice for voice in there.voices() if there.language(voice) == language]
    except CorpusError:
        return
    for voice in voices:

        def command(text: str, path: Path, voice: str = voice) -> list[str]:
            words = [text2wave, "-eval", f"(voice_{voice})", "-o", str(path)]
            return [sys.executable, "-S", "-c", STDIN, text, *words]

        folders = [f for root in FESTIVAL_VOICES for f in root.glob(f"*/{voice}")]
        size = megabytes(folders) if folders else None
        how = "its program, started once for all sentences; the size is the voice's alone"
        speak = by_teacher("festival", voice)
        yield Peer(f"festival {voice}", voice, language, speak, command, size, how)


def piper(language: str, folder: Path | None) -> Iterator[Peer]:
    """The program piper (its package brings one too) with each voice of `folder`."""
    program = shutil.which("piper")
    if program is None or folder is None:
        return
    for model in sorted(folder.rglob("*.onnx")):
        settings = model.with_name(f"{model.name}.json")
        if not settings.is_file():
            continue
        spoken = json.loads(settings.read_text(encoding="utf-8"))["espeak"]["voice"]
        if spoken.split("-")[0] != language:
            continue

        def command(text: str, path: Path, model: Path = model) -> list[str]:
            words = [program, "-m", str(model), "-f", str(path)]
            return [sys.executable, "-S", "-c", STDIN, text, *words]

        def speak(texts: Sequence[str], model: Path = model) -> list[Audio | None]:
            return piper_says([program, "-m", str(model)], texts)

        size = megabytes([model, settings])
        how = "its program, started once for all sentences; the size is the voice's alone"
        yield Peer(f"piper {model.stem}", model.stem, language, speak, command, size, how)


def piper_says(command: Sequence[str], texts: Sequence[str]) -> list[Audio | None]:
    """What piper makes of `texts`, a line each; its files are in the order of their times."""
    with tempfile.TemporaryDirectory() as folder:
        lines = "\n".join(" ".join(text.split()) for text in texts) + "\n"
        subprocess.run(
            [*command, "-d", folder], input=lines.encode(), check=True, capture_output=True
        )
        files = sorted(Path(folder).glob("*.wav"), key=lambda f: (f.stat().st_mtime_ns, f.name))
        if len(files) != len(texts):
            raise SystemExit(f"piper made {len(files)} sounds of {len(texts)} sentences")
        return [read_audio(file) for file in files]


def peers(language: str, piper_folder: Path | None) -> Iterator[Peer]:
    """All that can speak `language` here, ours first."""
    for find in (intone, espeak, flite, festival):
        yield from find(language)
    yield from piper(language, piper_folder)
