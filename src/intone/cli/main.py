"""`intone`: finds the verb, imports its file alone, and turns errors into one line.

A verb is a file of this folder that defines a function of the verb's name with typer's
annotations, or `app`, a `typer.Typer` with verbs of its own.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from intone import __version__
from intone.core.errors import IntoneError, MissingExtra

VERBS: dict[str, str] = {
    "speak": "text to speech: into a file, a pipe or the loudspeaker",
    "voices": "the voices there are, and what is known of each",
    "create": "recordings to voice in one go: check, prepare, align, train",
    "corpus": "fetch, make and check recordings with their texts",
    "codec": "sound to codes and back",
    "prepare": "compute a corpus' features once, ahead of training",
    "align": "find when each symbol of a corpus is spoken",
    "emotions": "say which emotion each recording of a corpus has",
    "train": "train a model on a prepared corpus, or on one long recording",
    "test": "let a run say what it never learned, in several numbers of passes",
    "pipeline": "one long recording to a voice: train, then test",
    "analyze": "curves and figures of a training run",
    "evaluate": "judge a voice: recogniser, naturalness, likeness, speed",
    "compare": "voices side by side on one page: figures, sounds, blind listening",
    "describe": "every setting of a model, with its meaning and default",
    "export": "write a trained model as a voice without torch",
    "phonemize": "show the symbols that a text becomes",
    "demo": "makes a small corpus, trains a voice on it, and leaves a page to listen to",
}

EXTRA_OF = {
    "espeakng_loader": "espeak",
    "librosa": "eval",
    "pocketsphinx": "eval",
    "resemblyzer": "eval",
    "scipy": "eval",
    "speechmos": "eval",
}
"""Which extra brings a library; any other comes with `train`."""

BASE = frozenset({"numpy", "onnxruntime", "soundfile", "soxr", "typer"})

USAGE_ERROR = 2
INTERNAL_ERROR = 70
INTERRUPTED = 130


def available() -> dict[str, str]:
    """The verbs whose files exist, with a line about each."""
    folder = Path(__file__).parent
    return {verb: line for verb, line in VERBS.items() if (folder / f"{verb}.py").is_file()}


def overview() -> str:
    """What `intone --help` prints."""
    verbs = available()
    width = max((len(verb) for verb in verbs), default=0)
    lines = [
        "Usage: intone VERB [OPTIONS]",
        "",
        "Turns recordings into a speaking voice, and text into speech with it.",
        "",
        "Verbs (intone VERB --help tells more):",
        *(f"  {verb:<{width}}  {line}" for verb, line in verbs.items()),
        "",
        "Options:",
        "  --version  print the version",
        "  --debug    show the whole traceback of an error; may stand anywhere",
        "  --help     print this",
        "",
        'Example: intone speak "The next train leaves at seven." -o train.wav',
    ]
    return "\n".join(lines)


def _command(verb: str) -> Any:
    """The verb's command, called with `args`, `prog_name` and `standalone_mode`."""
    import typer

    module = importlib.import_module(f"intone.cli.{verb}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=verb)(getattr(module, verb))
    app.pretty_exceptions_enable = False
    return typer.main.get_command(app)


def _take_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """The arguments without `--debug`, and whether it stood before any `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [argument for argument in arguments[:end] if argument != "--debug"]
    return [*options, *arguments[end:]], len(options) < end


def _speak_utf8() -> None:
    """Let both streams carry any script, also where the console has a code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError, OSError):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _open_streams() -> None:
    """Put the null device where a stream was closed, as services and `<&-` do."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, stream)


def _complain(message: str) -> None:
    print("intone: " + " ".join(message.split()), file=sys.stderr)


def _dispatch(arguments: list[str]) -> int:
    """Run the verb that the arguments name; returns the exit code."""
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        print(overview())
        return 0 if arguments else USAGE_ERROR
    verb = arguments[0]
    if verb in ("--version", "-V"):
        print(f"intone {__version__}")
        return 0
    verbs = available()
    if verb not in verbs:
        near = difflib.get_close_matches(verb, verbs, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "intone --help lists them"
        kind = "option" if verb.startswith("-") else "verb"
        _complain(f"there is no {kind} {verb!r}; {hint}")
        return USAGE_ERROR
    result = _command(verb)(args=arguments[1:], prog_name=f"intone {verb}", standalone_mode=False)
    if result == INTERRUPTED:
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _explain(error: BaseException, arguments: Sequence[str]) -> int:
    """Print one line about `error`; returns the exit code."""
    if isinstance(error, IntoneError):
        _complain(str(error))
        return error.exit_code
    # typer carries its own copy of click or another library's: both errors have these two.
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        verb = arguments[0] if arguments else ""
        _complain(f"{error.format_message().rstrip('.')}; see: intone {verb} --help")
        return int(error.exit_code)
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        _complain("interrupted")
        return INTERRUPTED
    if isinstance(error, ModuleNotFoundError) and not (error.name or "intone").startswith("intone"):
        library = str(error.name).split(".")[0]
        if library in BASE:
            _complain(f"the library {library!r} is missing; install intone again with pip")
            return 1
        missing = MissingExtra(library, EXTRA_OF.get(library, "train"), f"intone {arguments[0]}")
        _complain(str(missing))
        return missing.exit_code
    if isinstance(error, MemoryError):
        _complain("there is not enough memory; close other programs or take smaller pieces")
        return 1
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f" for {error.filename}" if error.filename else ""
        _complain(f"the disk is full; there is no room{where}: free some space and run again")
        return 1
    if isinstance(error, OSError) and error.filename:
        _complain(f"{error.filename}: {error.strerror}; check the path and its permissions")
        return 1
    name = type(error).__name__
    first = (str(error).splitlines() or [""])[0][:200]
    _complain(f"internal error ({name}: {first}); run again with --debug to see where")
    return INTERNAL_ERROR


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Takes the system's request to stop, and a terminal that is closed, like Ctrl-C."""
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # Under nohup a closed terminal is of no concern.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    1 is an error that the user can mend, 2 a wrong option, 70 a fault of the program,
    130 an interruption.
    """
    with _stoppable():
        return _main(argv)


def _main(argv: Sequence[str] | None) -> int:
    arguments, debug = _take_debug(sys.argv[1:] if argv is None else argv)
    _open_streams()
    _speak_utf8()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except BaseException as error:
        # typer turns a broken pipe into an exit of its own.
        if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
            # The reader has gone (`| head`); what is still buffered must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        if isinstance(error, SystemExit):
            raise
        if debug:
            traceback.print_exception(error)
        return _explain(error, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
