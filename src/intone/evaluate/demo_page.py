"""A page to listen to: one HTML file that holds its sounds, pictures and figures.

Nothing is fetched when it is opened, so it can be sent to somebody as it is.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from intone.audio.files import encode_wav
from intone.audio.mel import mel_spectrogram
from intone.audio.resampling import resample
from intone.core.files import write_text
from intone.core.types import MEL_22K, Audio
from intone.train.trackers import coloured

_STYLE = """
:root { color-scheme: light dark; --ink: #1b222c; --paper: #f6f7f9; --card: #fff;
  --faint: #66707f; --line: #dde2ea; --accent: #2464c8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --paper: #12161c;
  --card: #1b212a; --faint: #98a2b3; --line: #2f3845; --accent: #7fb0ff; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .8rem; }
p { margin: 0 0 .8rem; max-width: 44rem; }
.faint { color: var(--faint); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1rem; margin: 0 0 1rem; }
article p { font-size: 1.1rem; }
.takes { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--faint); font-size: .9rem; margin: 0 0 .3rem; }
figcaption b { color: var(--accent); font-weight: 600; }
audio { display: block; width: 100%; height: 40px; margin: 0 0 .5rem; }
.mel { display: block; width: 100%; height: 90px; border-radius: 6px; }
.curves { display: block; width: 100%; height: auto; border-radius: 10px; background: #fff;
  padding: .8rem; }
table { border-collapse: collapse; width: 100%; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; }
td { padding: .5rem 1rem; border-top: 1px solid var(--line); vertical-align: top; }
tr:first-child td { border-top: 0; }
td:first-child { color: var(--faint); width: 42%; }
td:last-child { font-variant-numeric: tabular-nums; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem 1rem; overflow-x: auto; }
"""


@dataclass(frozen=True)
class Sample:
    """A sentence as the voice says it and, where there is one, as its teacher does."""

    text: str
    voice: Audio
    teacher: Audio | None = None


def write_demo_page(
    path: Path,
    *,
    title: str,
    about: str,
    samples: Sequence[Sample],
    figures: Sequence[tuple[str, str]],
    curves: Path | None,
    command: str,
) -> Path:
    """Write the page to `path`, whole or not at all; returns it.

    `about` is a paragraph beneath the title, `figures` are (name, value), `curves` is a
    PNG of the training, `command` what the reader may try next.
    """
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1><p>{escape(about)}</p>",
        "<h2>Listen</h2>",
        '<p class="faint">None of these sentences is among those that the voice learned from. '
        "Below each sound is its spectrogram: time to the right, frequency upwards.</p>",
        *map(_article, samples),
        "<h2>Figures</h2><table>",
        *(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in figures),
        "</table>",
    ]
    if curves is not None:
        picture = _data("image/png", curves.read_bytes())
        parts += [
            "<h2>Training</h2>",
            '<p class="faint">How far the voice is from its recordings, step by step: blue where '
            "it learns, orange on sentences that it does not learn from.</p>",
            f'<img class="curves" alt="losses by training step" src="{picture}">',
        ]
    parts += [
        "<h2>Try it</h2>",
        f"<pre>{escape(command)}</pre>",
        "</body></html>",
    ]
    write_text(path, "\n".join(parts) + "\n")
    return path


def _article(sample: Sample) -> str:
    takes = [_take("<b>The new voice</b>", sample.voice)]
    if sample.teacher is not None:
        takes.append(_take("Its teacher", sample.teacher))
    return (
        f'<article><p>{escape(sample.text)}</p><div class="takes">{"".join(takes)}</div></article>'
    )


def _take(caption: str, audio: Audio) -> str:
    sound = _data("audio/wav", encode_wav(audio))
    return (
        f"<figure><figcaption>{caption} · {audio.seconds:.1f} s</figcaption>"
        f'<audio controls preload="metadata" src="{sound}"></audio>'
        f'<img class="mel" alt="spectrogram" src="{_data("image/png", _spectrogram(audio))}">'
        "</figure>"
    )


def _spectrogram(audio: Audio) -> bytes:
    """The mel of a sound as a PNG, a pixel a frame and band."""
    from matplotlib.image import imsave

    samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
    written = io.BytesIO()
    imsave(written, coloured(mel_spectrogram(samples, MEL_22K).T), format="png")
    return written.getvalue()


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
