"""`intone speak`: text to speech, into a file, a pipe or the loudspeaker."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intone.core.errors import IntoneError, SettingsError, TextError, VoiceError

if TYPE_CHECKING:
    from intone.core.types import FloatArray, Speech, WordTime
    from intone.speech import Voice
    from intone.speech.output import Sink

JUDGED_CHARACTERS = 2_000
"""How much of a text is read ahead to tell its language."""


class Interrupted(IntoneError):
    """Ctrl-C, after part of the work was kept."""

    exit_code = 130


def speak(
    text: Annotated[str | None, typer.Argument(help="what to say; - reads it from stdin")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="write .wav, .flac, .ogg or .mp3")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="read the text from this UTF-8 file")] = None,
    voice: Annotated[
        str | None, typer.Option("-v", "--voice", help="a voice's name or folder")
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="one of the voice's speakers")] = None,
    reference: Annotated[
        Path | None, typer.Option(help="speak like this recording, if the voice can; 2 to 8 s")
    ] = None,
    emotion: Annotated[
        str | None, typer.Option(help="one of the voice's emotions, if it has any")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="choose a voice of this language; else by the script")
    ] = None,
    speed: Annotated[float, typer.Option(help="1.25 speaks a quarter faster")] = 1.0,
    pitch: Annotated[float, typer.Option(help="factor on the pitch")] = 1.0,
    energy: Annotated[float, typer.Option(help="factor on the loudness")] = 1.0,
    temperature: Annotated[
        float, typer.Option(help="for voices that vary what they say; 0 is always the same")
    ] = 0.7,
    top_p: Annotated[
        float, typer.Option(help="for voices that draw what they say: from this likeliest share")
    ] = 0.95,
    seed: Annotated[int, typer.Option(help="for voices that vary what they say")] = 0,
    words: Annotated[
        Path | None, typer.Option(help="write each word's time to this .json file")
    ] = None,
    codes: Annotated[
        Path | None,
        typer.Option(
            "--codes",
            "--save-tokens",
            help="also write the codes that a codec's voice says, as .itc",
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="processor threads; INTONE_THREADS sets the default")
    ] = None,
    play: Annotated[
        bool | None,
        typer.Option("--play/--no-play", help="through the loudspeaker; default without -o"),
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="write a WAV to stdout")] = False,
) -> None:
    """Say a text."""
    from intone.audio.files import read_audio
    from intone.core.types import Conditions, Controls
    from intone.speech.output import check_writable

    logging.basicConfig(format="intone: %(message)s")
    controls = Controls(
        speed=speed,
        pitch=pitch,
        energy=energy,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
    )
    if str(output) == "-":
        output, stdout = None, True
    if play is None:
        play = output is None and not stdout
    if output is None and not stdout and not play and words is None:
        raise SettingsError("there is nowhere to speak to; give -o out.wav, --stdout or --play")
    if output is not None:
        check_writable(output)
    if words is not None:
        check_writable(words, (".json",))
    parts, count = _text(text, file)
    if codes is not None:
        check_writable(codes, (".itc",))
    chosen, parts = _voice(voice, language, parts, threads)
    heard = None if reference is None else read_audio(reference)
    conditions = Conditions(speaker, heard, emotion)
    if codes is not None:
        chosen.require_codes()
    begin = time.monotonic()
    told: list[WordTime] = []
    coded: list[FloatArray] = []
    tell = None if codes is None else coded.append
    pieces = chosen.stream(parts, conditions, controls, tell)
    try:
        seconds = _say(pieces, told, count, chosen.sample_rate, output, stdout, play)
    finally:
        if words is not None and told:
            _write_words(words, told)
        if codes is not None and coded:
            from intone.codec.code_file import write_codes

            write_codes(codes, chosen.as_codes(coded, conditions))
    if output is not None:
        taken = time.monotonic() - begin
        print(f"{output}: {seconds:.1f} s of speech, made in {taken:.1f} s", file=sys.stderr)


def _text(text: str | None, file: Path | None) -> tuple[Iterable[str], int | None]:
    """The parts of the text as they come, and the number of its words where it is known."""
    if (text is None) == (file is None):
        raise SettingsError("give one text: as an argument, - for stdin, or --file")
    if file is not None:
        if not file.is_file():
            raise TextError(f"there is no file {file}; check the path")
        return _lines(str(file)), None
    if text == "-":
        return _lines(None), None
    assert text is not None
    # What the shell passed in another encoding cannot be said, nor written anywhere.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return [text], len(text.split())


def _lines(path: str | None) -> Iterator[str]:
    """The lines of a file, or of stdin, which may be typed or piped while it is spoken."""
    name = path or "stdin"
    handle = sys.stdin.fileno() if path is None else path
    try:
        with open(handle, encoding="utf-8-sig", closefd=path is not None) as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise TextError(
            f"{name} is not UTF-8 text (byte {error.object[error.start]:#04x}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise TextError(f"{name} cannot be read: {error.strerror}") from None


def _voice(
    name: str | None, language: str | None, parts: Iterable[str], threads: int | None
) -> tuple[Voice, Iterable[str]]:
    """The voice asked for, or one for the text's language; and the text, read ahead or not."""
    from intone.speech import Voice
    from intone.speech.packaged import choose

    if name is not None:
        found = Voice.load(name, threads=threads)
        if language and language.split("-")[0] != found.language.split("-")[0]:
            raise VoiceError(
                f"the voice {found.name} speaks {found.language!r}, not {language!r}; "
                "leave out --language or --voice"
            )
        return found, parts
    if language is not None:
        return Voice.load(choose("", language), threads=threads), parts
    source = iter(parts)
    ahead: list[str] = []
    characters = 0
    for part in source:
        ahead.append(part)
        characters += len(part)
        if characters >= JUDGED_CHARACTERS:
            break
    return Voice.load(choose("".join(ahead)), threads=threads), chain(ahead, source)


def _say(
    pieces: Iterator[Speech],
    told: list[WordTime],
    count: int | None,
    sample_rate: int,
    output: Path | None,
    stdout: bool,
    play: bool,
) -> float:
    """Send the pieces where they go, and note the words told; returns the seconds of speech."""
    from intone.cli.progress import Progress

    progress = Progress(count, str(output or "speaking"))
    samples = 0
    try:
        with contextlib.ExitStack() as open_sinks:
            sinks = _sinks(open_sinks, sample_rate, output, stdout, play)
            for piece in pieces:
                for sink in sinks:
                    sink.write(piece.audio.samples)
                samples += len(piece.audio.samples)
                told += piece.words
                progress.show(len(told), f"{samples / sample_rate:.0f} s of speech")
    except KeyboardInterrupt:
        progress.clear()
        if output is None or not samples:
            raise
        raise Interrupted(
            f"interrupted; {output} holds the first {samples / sample_rate:.1f} s"
        ) from None
    finally:
        progress.clear()
    return samples / sample_rate


def _sinks(
    opened: contextlib.ExitStack, sample_rate: int, output: Path | None, stdout: bool, play: bool
) -> list[Sink]:
    from intone.speech.output import WavStream, recording
    from intone.speech.play import open_player

    sinks: list[Sink] = []
    if play:
        player = open_player(sample_rate)
        opened.callback(player.close)
        sinks.append(player)
    if stdout:
        if sys.stdout.isatty():
            raise SettingsError("stdout is a terminal; pipe it, or give -o out.wav")
        sinks.append(WavStream(sys.stdout.buffer, sample_rate, owns=False))
    if output is not None:
        sinks.append(opened.enter_context(recording(output, sample_rate)))
    return sinks


def _write_words(path: Path, words: list[WordTime]) -> None:
    from intone.core.files import write_json

    rows = [
        {
            "word": word.text,
            "start_seconds": round(word.start_seconds, 4),
            "end_seconds": round(word.end_seconds, 4),
        }
        for word in words
    ]
    write_json(path, rows)
