"""Errors that a user can act on.

Every message is one line that says what was wrong, where, and what to do. The
command line prints it and exits with the class's `exit_code`; a traceback is
shown with `--debug` only.
"""


class IntoneError(Exception):
    """Something the user can mend; the base of all errors that intone raises on purpose."""

    exit_code = 1


class AudioError(IntoneError):
    """A recording cannot be read, written or used."""


class TextError(IntoneError):
    """A text cannot be turned into symbols."""


class CorpusError(IntoneError):
    """A corpus, or one utterance of it, is not as it must be."""


class SettingsError(IntoneError):
    """A setting is unknown or out of range."""

    exit_code = 2


class VoiceError(IntoneError):
    """A voice cannot be found, opened or put together."""


class FormatError(IntoneError):
    """Two parts do not agree about the frames that flow between them."""


class TrainingError(IntoneError):
    """A training run cannot start or go on."""


class DownloadError(IntoneError):
    """Something could not be fetched, or is not what it should be."""


class MissingExtra(IntoneError):
    """A library of an optional extra is not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the library {library!r}: pip install 'intone[{extra}]'")
