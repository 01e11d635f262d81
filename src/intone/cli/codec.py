"""`intone codec`: sound to codes and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from intone.codec.codes import Codes, SoundCodec
    from intone.core.types import Audio, FrameFormat

DEFAULT = "small-codec"
ENCODEC = "encodec"
SCRIPT_SUFFIXES = (".pt", ".ts", ".jit")

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="Sound to codes and back.")

CODEC_HELP = (
    "a codec's folder or run, an installed one's name, encodec, encodec:FOLDER, or a "
    "TorchScript file (.pt)"
)


@app.command()
def encode(
    sound: Annotated[Path, typer.Argument(help="recording of any rate and number of channels")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="code file; the sound's name with .itc")
    ] = None,
    codec: Annotated[str, typer.Option("--codec", "-c", help=CODEC_HELP)] = DEFAULT,
    codebooks: Annotated[
        int | None, typer.Option("--codebooks", "-k", help="keep the first so many; all")
    ] = None,
) -> None:
    """Write the codes of a sound."""
    from intone.audio.files import read_audio
    from intone.codec.code_file import SUFFIX, write_codes

    audio = read_audio(sound)
    codes = open_codec(codec).encode(audio, codebooks)
    path = output or sound.with_suffix(SUFFIX)
    write_codes(path, codes)
    print(f"{path}: {path.stat().st_size} bytes, {_line(codes)}")


@app.command()
def decode(
    codes: Annotated[Path, typer.Argument(help="code file, as intone codec encode writes it")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="sound file; the code file's name, .wav")
    ] = None,
    codec: Annotated[
        str | None, typer.Option("--codec", "-c", help=f"{CODEC_HELP}; the one the file names")
    ] = None,
    codebooks: Annotated[
        int | None, typer.Option("--codebooks", "-k", help="decode the first so many alone")
    ] = None,
    vocoder: Annotated[
        str | None,
        typer.Option(help="what makes a codec's mel frames heard: griffin-lim, a name, a run"),
    ] = None,
) -> None:
    """Write the sound of a code file."""
    from intone.audio.files import write_audio
    from intone.codec.code_file import read_codes

    found = read_codes(codes)
    if codebooks is not None:
        found = found.first(codebooks)
    audio = heard(open_codec(codec or _named_in(codes, found.codec)), found, vocoder)
    path = output or codes.with_suffix(".wav")
    write_audio(path, audio)
    print(f"{path}: {audio.seconds:.2f} s at {audio.sample_rate} Hz")


@app.command()
def info(
    what: Annotated[str, typer.Argument(help="code file, or a codec's name, folder or run")],
) -> None:
    """Tell what a code file or a codec is."""
    from intone.codec.code_file import read_codes
    from intone.codec.folder import find_codec, read_manifest

    path = Path(what)
    if path.is_file() and path.suffix != ".json":
        found = read_codes(path)
        print(f"{what}: {_line(found)}")
        print(f"made by {found.codec}" + (f" ({found.fingerprint})" if found.fingerprint else ""))
        uses = ", ".join(f"{100 * use:.1f} %" for use in found.uses())
        print(f"codes of each codebook that occur: {uses}")
        return
    folder = find_codec(what)
    manifest = read_manifest(folder)
    format = manifest.format
    renders = "samples" if manifest.sound is None else "mel frames"
    print(f"{folder}: {manifest.name}, a {manifest.family} ({manifest.fingerprint})")
    print(
        f"{format.frames_per_second:.1f} frames a second of {_codebooks(format)}, "
        f"from {format.sample_rate} Hz; decodes to {renders}"
    )
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        print(f"  {file.name:<20} {file.stat().st_size / 1e6:7.2f} MB")
    for key, value in manifest.card.items():
        print(f"{key}: {value}")


def open_codec(name: str) -> SoundCodec:
    """A codec by what `--codec` takes: without torch where its graphs are there.

    Raises `IntoneError` if there is no such codec.
    """
    from intone.codec.folder import ENCODE_FILE, find_codec

    if name == ENCODEC or name.startswith(f"{ENCODEC}:"):
        _, _, where = name.partition(":")
        return _family_codec(ENCODEC, {"name": where} if where else {}, name)
    if name.endswith(SCRIPT_SUFFIXES):
        return _family_codec("scripted", {"path": name}, name)
    folder = find_codec(name)
    if (folder / ENCODE_FILE).is_file():
        from intone.codec.onnx_codec import OnnxCodec

        return OnnxCodec(folder)
    from intone.codec.sounding import open_module

    return open_module(folder)


def heard(codec: SoundCodec, codes: Codes, vocoder: str | None) -> Audio:
    """The sound of `codes`; frames go through `vocoder`, by default the best installed."""
    from intone.core.types import Audio

    made = codec.render(codes)
    if codec.sound is None:
        return Audio(made, codec.format.sample_rate)
    from intone.cli.finishing import choose_vocoder, installed_vocoder
    from intone.speech.rendering import GriffinLim

    name = vocoder or installed_vocoder(codec.sound)
    chosen, graph = choose_vocoder(name, codec.sound)
    renderer: Any = GriffinLim(codec.sound)
    if graph is not None or chosen.shared is not None:
        from intone.core.onnx_graph import default_threads
        from intone.speech.manifest import file_inside, read_shared_vocoder
        from intone.speech.onnx_engine import open_vocoder
        from intone.speech.packaged import find_shared_vocoder

        reach = chosen.pitch_reach
        if graph is None:
            folder = find_shared_vocoder(str(chosen.shared))
            shared = read_shared_vocoder(folder)
            graph, reach = file_inside(folder, shared.file), shared.pitch_reach
        renderer = open_vocoder(graph, codec.sound, default_threads(), None, reach)
    samples = renderer.render(made)
    return Audio(samples[: codes.samples], codec.sound.sample_rate)


def _family_codec(family: str, settings: dict[str, Any], name: str) -> SoundCodec:
    from intone.codec.sounding import ModuleCodec
    from intone.core import registry
    from intone.core.settings import check

    found = registry.family("codec", family)
    return ModuleCodec(found.model(check(found.settings, settings, where=f"--codec {name}")), name)


def _named_in(path: Path, name: str) -> str:
    """The codec that a code file names, if it is an installed one or the published one.

    A file from elsewhere must not choose what else is opened or downloaded; `IntoneError` then.
    """
    from intone.codec.folder import find_installed
    from intone.core.errors import IntoneError

    if name == ENCODEC or find_installed(name) is not None:
        return name
    raise IntoneError(
        f"{path} was made by the codec {name!r}, which is not installed; give its folder by --codec"
    )


def _line(codes: Codes) -> str:
    format = codes.format
    return (
        f"{codes.seconds:.2f} s, {len(codes.values)} frames of {_codebooks(format)}, "
        f"{codes.bits_per_second / 1000:.2f} kbit/s"
    )


def _codebooks(format: FrameFormat) -> str:
    noun = "codebook" if format.codebooks == 1 else "codebooks"
    return f"{format.codebooks} {noun} of {format.codebook_size}"
