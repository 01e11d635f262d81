"""Durations from TextGrids, such as the Montreal Forced Aligner's, and TextGrids from ours.

Knows how intervals of phones fit the symbols of a prepared corpus; blind to how they
were found.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from intone.audio.files import write_audio
from intone.core.errors import CorpusError
from intone.core.protocols import Needs
from intone.core.types import Audio
from intone.corpus.textgrid import Interval, read_textgrid, write_textgrid
from intone.data.durations import Aligned, write_durations
from intone.data.prepare import SetAside
from intone.data.prepared import PreparedCorpus
from intone.train.align import AlignReport

if TYPE_CHECKING:
    from intone.core.types import IntArray

PHONES, WORDS = "phones", "words"
SUFFIX = ".TextGrid"
SILENCES = frozenset({"", "sil", "sp", "pau", "silence", "<eps>", "#"})
"""Labels of intervals in which nothing is said."""
NOISE = "spn"
"""MFA's label of a word that its dictionary lacks, or of a noise in a pause."""

LEAST_SHARE = 0.5
"""Of the phones, this share must be the same on both sides, or the texts are not the same."""

MFA_MODELS = {
    "en": "english_us_arpa",
    "de": "german_mfa",
    "es": "spanish_mfa",
    "fr": "french_mfa",
    "pl": "polish_mfa",
    "pt": "portuguese_mfa",
    "ru": "russian_mfa",
    "sv": "swedish_mfa",
    "uk": "ukrainian_mfa",
}
"""The dictionary and acoustic model of each language that MFA publishes under one name."""

_UNSPOKEN = re.compile(r"[\dˈˌ]")


@dataclass(frozen=True)
class _Pair:
    """A symbol (position among the lasting ones) and the place of its interval, or one alone."""

    symbol: int | None
    place: int | None
    same: bool = False


@dataclass(frozen=True)
class _Span:
    """Symbols (positions among the lasting ones) that share a stretch of time."""

    symbols: tuple[int, ...]
    start: float
    end: float


def align_from_textgrids(folder: Path, textgrids: Path) -> AlignReport:
    """Take the durations of the prepared corpus in `folder` from the TextGrids in `textgrids`.

    An utterance's TextGrid is `ID.TextGrid`, in a folder of any name; its times are those of
    the original recording. Utterances without one, or whose phones do not fit, are set aside.
    Raises `CorpusError` if none fits.
    """
    corpus = PreparedCorpus(folder)
    files = _files(textgrids)
    return _take_over(corpus, lambda key: _file_of(key, files), corpus.start_seconds)


def align_by_mfa(folder: Path) -> AlignReport:
    """Let the Montreal Forced Aligner align the prepared corpus in `folder`.

    Raises `CorpusError` if MFA is not installed, has no model of the language, or fails.
    """
    program = shutil.which("mfa")
    if program is None:
        raise CorpusError(
            "the Montreal Forced Aligner is not installed: conda install -c conda-forge "
            "montreal-forced-aligner; or leave out --aligner mfa"
        )
    corpus = PreparedCorpus(folder)
    language = corpus.frontend().language.lower().replace("_", "-").split("-")[0]
    if language not in MFA_MODELS:
        raise CorpusError(
            f"no MFA model is known for {language!r}; run mfa yourself and give its TextGrids: "
            "intone align --textgrids DIR"
        )
    with tempfile.TemporaryDirectory() as temporary:
        spoken, made = Path(temporary) / "corpus", Path(temporary) / "aligned"
        names = _export(corpus, spoken)
        _run_mfa(program, spoken, MFA_MODELS[language], made)
        files = _files(made)
        # What MFA heard is the prepared sound, so its times need no shift.
        return _take_over(corpus, lambda key: _file_of(names[key], files), lambda key: 0.0)


def write_textgrids(folder: Path, out: Path) -> list[Path]:
    """Write the alignment of the prepared corpus in `folder` as `out/ID.TextGrid`.

    Each has the tiers words and phones, in the time of the original recording. Raises
    `CorpusError` if the corpus is not aligned.
    """
    corpus = PreparedCorpus(folder)
    frontend = corpus.frontend()
    tokens, optional = frontend.inventory.tokens, frontend.inventory.optional_mask()
    rate = corpus.format.frames_per_second
    written = []
    for key in corpus.usable(Needs(durations=True)):
        (example,) = corpus.load([key], Needs(durations=True))
        assert example.durations is not None
        frames = np.concatenate([[0], np.cumsum(example.durations)])
        edges = corpus.start_seconds(key) + frames / rate  # (S + 1), seconds
        phones = [
            Interval(float(edges[i]), float(edges[i + 1]), tokens[symbol])
            for i, symbol in enumerate(example.symbols.tolist())
            if example.durations[i] > 0 and not optional[symbol]
        ]
        words = [
            Interval(float(edges[w.start]), float(edges[w.end]), w.text) for w in corpus.words(key)
        ]
        written.append(out / f"{key}{SUFFIX}")
        write_textgrid(written[-1], {WORDS: words, PHONES: phones})
    return written


def durations_of(
    intervals: Sequence[Interval],
    tokens: Sequence[str],
    optional: Sequence[bool],
    *,
    frames: int,
    frames_per_second: float,
    start_seconds: float = 0.0,
) -> tuple[IntArray, float]:
    """Durations int64 (S), summing to `frames`, of `tokens` (S), and the share that matched.

    The phones of both sides are compared without stress and case, along the cheapest
    edits. A phone that only one side has shares its neighbour's time; silence becomes the
    optional token between its neighbours. Lasting tokens get one frame at least. The first
    frame is at `start_seconds` of the intervals' time. Raises `CorpusError` if the phones
    differ too much.
    """
    lasting = [i for i, may_vanish in enumerate(optional) if not may_vanish]
    spoken = [i for i in intervals if i.text.strip().lower() not in SILENCES and i.end > i.start]
    ours = [_plain(tokens[i]) for i in lasting]
    theirs = [_plain(i.text) for i in spoken]
    if not theirs:
        raise CorpusError("its TextGrid has no phones")
    pairs = _edit_path(ours, theirs)
    same = sum(pair.same for pair in pairs)
    share = same / max(len(ours), len(theirs) - theirs.count(NOISE))
    if share < LEAST_SHARE:
        raise CorpusError(
            f"only {same} of its {len(ours)} phones are among the {len(theirs)} of its TextGrid"
        )
    # The ends (S) of all symbols in seconds; an optional one ends where the next phone begins.
    starts, ends = _times(_spans(pairs, spoken), len(lasting))
    edges = np.zeros(len(tokens) + 1)
    following = {symbol: n for n, symbol in enumerate(lasting)}
    number = 0  # of the next lasting symbol
    for position in range(len(tokens)):
        if position in following:
            number = following[position] + 1
            last_before_phone = position + 1 in following
            edges[position + 1] = starts[number] if last_before_phone else ends[number - 1]
        else:
            edges[position + 1] = starts[number] if number < len(lasting) else np.inf
    edges[1:] -= start_seconds
    rounded = np.round(np.clip(edges * frames_per_second, 0, frames)).astype(np.int64)
    rounded[0], rounded[-1] = 0, frames
    needed = np.concatenate([[0], np.cumsum(~np.asarray(optional, dtype=np.bool_))])
    free = np.maximum.accumulate(rounded - needed)
    fitted = np.clip(free, 0, frames - needed[-1]) + needed
    return np.diff(fitted).astype(np.int64), share


def _plain(phone: str) -> str:
    return _UNSPOKEN.sub("", phone.strip()).lower()


def _edit_path(ours: Sequence[str], theirs: Sequence[str]) -> list[_Pair]:
    """The cheapest edits between two sequences of phones, in order."""
    across = np.arange(len(theirs) + 1)
    codes = {phone: n for n, phone in enumerate(dict.fromkeys([*ours, *theirs]))}
    columns = np.array([codes[p] for p in theirs])
    costs = np.zeros((len(ours) + 1, len(theirs) + 1), np.int64)
    costs[0] = across
    for i, phone in enumerate(ours, 1):
        row = costs[i - 1] + 1
        row[1:] = np.minimum(row[1:], costs[i - 1, :-1] + (columns != codes[phone]))
        # The cheapest way along the row, without a loop over it.
        costs[i] = np.minimum.accumulate(row - across) + across
    pairs: list[_Pair] = []
    i, j = len(ours), len(theirs)
    while i or j:
        differ = bool(i and j) and ours[i - 1] != theirs[j - 1]
        if i and j and costs[i, j] == costs[i - 1, j - 1] + int(differ):
            i, j = i - 1, j - 1
            pairs.append(_Pair(i, j, not differ))
        elif i and costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
            pairs.append(_Pair(i, None))
        else:
            j -= 1
            pairs.append(_Pair(None, j))
    return pairs[::-1]


def _spans(pairs: Sequence[_Pair], intervals: Sequence[Interval]) -> list[_Span]:
    """The symbols with the time of their intervals, in order.

    A symbol without an interval joins the span before it, or the one after it where that
    is of another phone; an interval without a symbol lengthens the span that it touches.
    """
    spans: list[_Span] = []
    waiting: tuple[int, ...] = ()  # symbols without an interval
    early: float | None = None  # the start of an interval that belongs to the next span
    for pair in pairs:
        if pair.place is None:
            assert pair.symbol is not None
            waiting = (*waiting, pair.symbol)
            continue
        interval = intervals[pair.place]
        if pair.symbol is None:
            if _plain(interval.text) == NOISE:
                continue
            if spans and early is None and interval.start - spans[-1].end < 1e-4:
                spans[-1] = _Span(spans[-1].symbols, spans[-1].start, interval.end)
            elif early is None:
                early = interval.start
            continue
        if spans and pair.same:
            spans[-1] = _Span((*spans[-1].symbols, *waiting), spans[-1].start, spans[-1].end)
            waiting = ()
        start = interval.start if early is None else early
        spans.append(_Span((*waiting, pair.symbol), start, interval.end))
        waiting, early = (), None
    if spans:
        spans[-1] = _Span((*spans[-1].symbols, *waiting), spans[-1].start, spans[-1].end)
    return spans


def _times(spans: Sequence[_Span], count: int) -> tuple[list[float], list[float]]:
    """Start and end in seconds of each of `count` lasting symbols; a span is divided evenly."""
    starts, ends = [0.0] * count, [0.0] * count
    for span in spans:
        edges = np.linspace(span.start, span.end, len(span.symbols) + 1)
        for n, symbol in enumerate(span.symbols):
            starts[symbol], ends[symbol] = float(edges[n]), float(edges[n + 1])
    return starts, ends


def _take_over(
    corpus: PreparedCorpus,
    file_of: Callable[[str], Path | None],
    start_of: Callable[[str], float],
) -> AlignReport:
    """Write the durations that TextGrids give to `corpus`."""
    inventory = corpus.frontend().inventory
    optional = inventory.optional_mask()
    found: list[Aligned] = []
    aside: list[SetAside] = []
    for key, entry in corpus.entries.items():
        (example,) = corpus.load([key], Needs())
        path = file_of(key)
        try:
            if path is None:
                raise CorpusError("it has no TextGrid")
            tiers = read_textgrid(path)
            if PHONES not in tiers:
                raise CorpusError(f"{path.name} has no tier {PHONES!r}; it has: {', '.join(tiers)}")
            durations, share = durations_of(
                tiers[PHONES],
                [inventory.tokens[i] for i in example.symbols],
                optional[example.symbols].tolist(),
                frames=entry.frames,
                frames_per_second=corpus.format.frames_per_second,
                start_seconds=start_of(key),
            )
        except CorpusError as error:
            aside.append(SetAside(key, str(error)))
            continue
        found.append(Aligned(key, durations, float(np.log(share)), example.fingerprint))
    if not found:
        raise CorpusError(
            f"no TextGrid fits an utterance of {corpus.folder} "
            f"(first: {aside[0].id}: {aside[0].reason})"
        )
    write_durations(corpus.folder, found)
    return AlignReport(len(found), (), (), shipped=False, set_aside=tuple(aside))


def _files(folder: Path) -> dict[str, Path | None]:
    """The TextGrids in `folder` by path and by file name; None where the latter is unclear."""
    if not folder.is_dir():
        raise CorpusError(f"there is no folder {folder} of TextGrids")
    files: dict[str, Path | None] = {}
    found = sorted(folder.rglob(f"*{SUFFIX}"))
    for path in found:
        files[path.stem] = None if path.stem in files else path
    for path in found:
        inside = path.relative_to(folder).with_suffix("")
        # Ids of speaker folders are paths joined so; MFA keeps the folders.
        files["_".join(inside.parts)] = path
    if not files:
        raise CorpusError(f"there are no TextGrids (*{SUFFIX}) in {folder}")
    return files


def _file_of(key: str, files: dict[str, Path | None]) -> Path | None:
    return files.get(key) or files.get(key.rpartition("/")[2]) or files.get(key.replace("/", "_"))


def _export(corpus: PreparedCorpus, folder: Path) -> dict[str, str]:
    """Write sound and text as MFA wants them, a folder a speaker; the file name of each id."""
    names: dict[str, str] = {}
    for number, (key, entry) in enumerate(corpus.entries.items()):
        (example,) = corpus.load([key], Needs(samples=True))
        assert example.samples is not None
        names[key] = f"utterance{number:06d}"
        path = folder / f"speaker{entry.speaker:04d}" / names[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_audio(path.with_suffix(".wav"), Audio(example.samples, corpus.format.sample_rate))
        path.with_suffix(".lab").write_text(example.text + "\n", encoding="utf-8")
    return names


def _run_mfa(program: str, spoken: Path, model: str, made: Path) -> None:
    command = [program, "align", "--clean", str(spoken), model, model, str(made)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise CorpusError(f"{program} cannot be run: {error}") from None
    if done.returncode != 0 or not made.is_dir():
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise CorpusError(
            f"mfa failed ({' '.join(said[-1:]) or f'code {done.returncode}'}); has it its models? "
            f"mfa model download acoustic {model}; mfa model download dictionary {model}"
        )
