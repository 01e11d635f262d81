"""Voices side by side on one page: an HTML file that holds its sounds, pictures and figures.

Nothing is fetched when it is opened, and its policy forbids it, so it can be sent to somebody
as it is. The looks and the scripts are the files of `page/`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from intone.audio.files import encode_flac
from intone.audio.loudness import at_loudness
from intone.core.errors import AudioError
from intone.core.files import write_text
from intone.core.types import Audio
from intone.evaluate.compare_table import heads, meanings, rows
from intone.evaluate.comparison import Comparison, Difference, Take, differences, figures_of, rate
from intone.evaluate.picture import spectrogram_png
from intone.evaluate.reading import marked_words

_FOLDER = Path(__file__).parent / "page"

_ORDERS = (
    ("worst", "worst first"),
    ("spread", "largest difference first"),
    ("number", "as written"),
)
_LEGEND = (
    "Of what was read, words that are <del>missing</del> and words that were "
    "<ins>added</ins> are marked."
)
_TAGS = {"missing": "del", "added": "ins"}


def write_compare_page(
    path: Path, comparison: Comparison, *, title: str | None = None, source: str = ""
) -> Path:
    """Write the page to `path`, whole or not at all; returns it.

    `source` says where the sentences are from, such as "english_plain".
    """
    read = comparison.recogniser is not None
    figures = sorted(
        map(figures_of, comparison.contenders),
        key=lambda found: found.character_error.value if found.character_error else 0.0,
    )
    names = [contender.name for contender in comparison.contenders]
    sentences = "\n".join(_article(comparison, i) for i in comparison.worst_first())
    found = Template(_part("compare.html")).substitute(
        title=escape(title or _title(names)),
        style=_part("compare.css"),
        # Votes belong to these very sounds.
        page=hashlib.sha256(sentences.encode()).hexdigest()[:16],
        about=escape(_about(comparison, source)),
        warning="" if read else '<p class="warning">No recogniser read these sounds.</p>',
        heads=heads(figures),
        rows=rows(figures, [names.index(each.name) for each in figures]),
        meanings=meanings(figures),
        differences=_differences(differences(comparison), figures[0].name),
        blind=_part("blind.html") if len(names) > 1 else "",
        legend=_LEGEND if read else "",
        orders="".join(
            f'<option value="{key}">{name}</option>' for key, name in _ORDERS[0 if read else 2 :]
        ),
        sentences=sentences,
        figures_script=_part("figures.js"),
        blind_script=_part("blind.js") if len(names) > 1 else "",
    )
    write_text(path, found)
    return path


def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").rstrip("\n")


def _title(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{len(names)} voices compared"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} compared"


def _about(comparison: Comparison, source: str) -> str:
    count = len(comparison.texts)
    of = f" of {source}" if source else ""
    parts = [f"{count} sentence{'' if count == 1 else 's'}{of} ({comparison.language})."]
    if comparison.recogniser is not None:
        parts.append(
            f"Read by {comparison.recogniser}, whose own errors are part of every error rate."
        )
    return " ".join(parts)


def _differences(found: Sequence[Difference], leader: str) -> str:
    """A line about the leader and each other voice."""
    lines = []
    for one in found:
        if leader not in (one.better, one.worse):
            continue
        value, low, high = (
            100 * x
            for x in (one.character_error.value, one.character_error.low, one.character_error.high)
        )
        of = f"{value:.1f} points of character error ({low:.1f} to {high:.1f})"
        better, worse = f"<b>{escape(one.better)}</b>", f"<b>{escape(one.worse)}</b>"
        if one.certain:
            lines.append(f"{better} is better than {worse} by {of}.")
        elif low == high == 0:
            lines.append(f"{better} and {worse} do not differ in character error.")
        else:
            lines.append(f"{better} and {worse} differ by {of}, which may be chance.")
    return (
        f'<ul class="differences">{"".join(f"<li>{x}</li>" for x in lines)}</ul>' if lines else ""
    )


def _article(comparison: Comparison, index: int) -> str:
    """One sentence with the take of every voice."""
    takes = [contender.takes[index] for contender in comparison.contenders]
    rates = [rate(take) for take in takes]
    longest = max(take.audio.seconds for take in takes)
    figures = "".join(
        _figure(number, contender.name, take, longest)
        for number, (contender, take) in enumerate(zip(comparison.contenders, takes, strict=True))
    )
    return (
        f'<article data-number="{index + 1}" data-worst="{max(rates):.4f}" '
        f'data-spread="{max(rates) - min(rates):.4f}"><h3><span class="number">{index + 1}</span>'
        f'<span class="text">{escape(comparison.texts[index])}</span></h3>'
        f'<div class="takes">{figures}</div></article>'
    )


def _figure(number: int, name: str, take: Take, longest: float) -> str:
    facts = [f"<b>{escape(name)}</b>", f"{take.audio.seconds:.1f} s"]
    if take.reading is not None:
        facts.append(f"{100 * rate(take):.0f} % wrong")
    if take.opinion is not None:
        facts.append(f"DNSMOS {take.opinion:.2f}")
    sound = _data("audio/flac", encode_flac(_levelled(take.audio)))
    picture = _data("image/png", spectrogram_png(take.audio))
    # As wide as it is long, so that the slower voice is seen to be slower.
    width = 100 * take.audio.seconds / longest
    return (
        f'<figure data-voice="{number}"><figcaption>{" · ".join(facts)}</figcaption>'
        f'<audio controls preload="none" src="{sound}"></audio>'
        f'<img class="mel" style="width:{width:.1f}%" alt="spectrogram" src="{picture}">'
        f"{_reading(take)}</figure>"
    )


def _reading(take: Take) -> str:
    if take.reading is None:
        return ""
    words = []
    for kind, word in marked_words(take.wanted or take.reading.text, take.reading.read):
        tag = _TAGS.get(kind)
        words.append(f"<{tag}>{escape(word)}</{tag}>" if tag else escape(word))
    return f'<p class="read">{" ".join(words) or "(nothing)"}</p>'


def _levelled(audio: Audio) -> Audio:
    """`audio` as loud as every other, since what is louder is taken to be better."""
    try:
        return Audio(at_loudness(audio.samples), audio.sample_rate)
    except AudioError:
        return audio


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
