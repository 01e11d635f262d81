"""Which voices there are: those in the package and those in the user's folder."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from unicodedata import name as character_name
from unicodedata import normalize

from intone.codec.folder import find_installed, read_manifest
from intone.core.errors import VoiceError
from intone.core.installed import VOCODERS, plain, roots
from intone.speech.manifest import VOICE_FILE, VoiceManifest, read_voice

LANGUAGES_OF_SCRIPT = {"LATIN": ("en",), "CYRILLIC": ("ru",)}
"""The language that a text is taken to be in when nobody says, by its script."""


@dataclass(frozen=True)
class Found:
    """A voice's folder, its manifest, and the bytes that its files take."""

    folder: Path
    manifest: VoiceManifest
    size_bytes: int


def folders() -> dict[str, Path]:
    """Every voice's name and folder; a folder's name is the voice's name."""
    found: dict[str, Path] = {}
    for root in roots():
        try:
            inside = sorted(root.iterdir())
        except OSError:
            continue  # Most people have no folder of their own.
        for folder in inside:
            if not folder.name.startswith(("_", ".")) and (folder / VOICE_FILE).is_file():
                found.setdefault(folder.name, folder)
    return found


def find(name_or_path: str | Path) -> Path:
    """The folder of the voice of this name, at this path, or in the run at this path.

    Raises `VoiceError`, naming the nearest name, if there is none.
    """
    known = folders()
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    path = Path(name_or_path).expanduser()
    for folder in (path, path / "voice"):
        if (folder / VOICE_FILE).is_file():
            return folder
    if path.name == VOICE_FILE and path.is_file():
        return path.parent
    if (path / "checkpoints").is_dir():
        raise VoiceError(f"the run {path} has made no voice yet; run: intone export {path}")
    if path.is_dir():
        raise VoiceError(f"the folder {path} holds no {VOICE_FILE}, so it is no voice")
    if not known:
        raise VoiceError(f"there is no voice {str(name_or_path)!r}, nor any other; make one")
    near = difflib.get_close_matches(str(name_or_path), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
    raise VoiceError(f"there is no voice {str(name_or_path)!r}; {hint}")


def find_shared_vocoder(name: str) -> Path:
    """The folder of the shared vocoder of this name; `VoiceError` if there is none."""
    for root in roots():
        folder = root / VOCODERS / name
        if plain(name) and folder.is_dir():
            return folder
    raise VoiceError(f"the shared vocoder {name!r} is not installed; upgrade intone")


def find_shared_codec(name: str, fingerprint: str | None) -> Path:
    """The folder of the installed codec of this name, whose weights are those of `fingerprint`.

    Raises `VoiceError` if there is none.
    """
    folder = find_installed(name)
    if folder is None:
        raise VoiceError(f"the codec {name!r} is not installed; upgrade intone")
    if read_manifest(folder).fingerprint != fingerprint:
        raise VoiceError(
            f"the installed codec {name!r} has other weights than the voice learned to speak; "
            "install the intone that the voice was made with, or train the voice again"
        )
    return folder


def shared_folders(manifest: VoiceManifest) -> list[Path]:
    """The folders of what a voice shares with others: its vocoder, its codec, or neither.

    Raises `VoiceError` if one is not installed.
    """
    codec, vocoder = manifest.codec, manifest.vocoder.shared
    found = [] if vocoder is None else [find_shared_vocoder(vocoder)]
    if codec is not None and codec.shared is not None:
        found.append(find_shared_codec(codec.shared, codec.fingerprint))
    return found


def describe(folder: Path) -> Found:
    """What is known of the voice in `folder`; `VoiceError` if its manifest is malformed."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Found(folder, read_voice(folder), size)


def script_of(text: str) -> str:
    """The script that most letters of `text` are in, such as "LATIN"; "" without letters."""
    letters = Counter(
        character_name(letter, "").split(" ")[0]
        # Letters in disguise (full width, mathematical) are those that they look like.
        for letter in normalize("NFKC", text[:10_000])
        if letter.isalpha()
    )
    return letters.most_common(1)[0][0] if letters else ""


def choose(text: str, language: str | None = None) -> Path:
    """The folder of the first voice that speaks `language`, or else the language of the script.

    Raises `VoiceError` that says what is missing.
    """
    known = {name: read_voice(folder) for name, folder in folders().items()}
    if not known:
        raise VoiceError("no voice is installed; make one, or name its folder by --voice")
    script = script_of(text) or "LATIN"
    wanted = (language,) if language else LANGUAGES_OF_SCRIPT.get(script, ())
    for one in wanted:
        for name, manifest in known.items():
            if manifest.language.split("-")[0].lower() == one.split("-")[0].lower():
                return folders()[name]
    what = f"the language {language!r}" if language else f"text in {script.lower()} letters"
    speaks = ", ".join(f"{name} ({manifest.language})" for name, manifest in known.items())
    raise VoiceError(f"no installed voice speaks {what}; there are: {speaks}")
