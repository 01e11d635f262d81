"""Every vocoder and codec on the same sentences, by the same judges, on the same machine.

    python benchmarks/sound.py --vocoders griffin-lim universal small=runs/voc \\
        --codecs small=codec:runs/small@4 mel-vq=codec:runs/vq

Takes sentences that no corpus contains, spoken by some voices, `--unseen` ones among them, of
which one may be a person (`recordings:FOLDER`, as recipes/human_voices.py writes it); sends them
there and back; and judges what comes back beside the original by mel L1, multi-resolution STFT
distance, pitch (WORLD), DNSMOS, speaker similarity (Resemblyzer) and pocketsphinx' character
error. With `--each`, every voice speaks all of the sentences: differences of half a point want
hundreds. Speed and memory are of one thread, each in a process of its own; HiFi-GAN and others are
timed untrained. Writes `benchmarks/results/sound.json` after every
row, and goes on where it was stopped; `--again NAME...` measures rows anew, and `--retime` what
all take, where the machine was busy.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from report import RESULTS, commit, write_report
from sound_precision import SHIPPED, differences, stream_difference, variants
from sound_speed import in_own_process
from sound_systems import Coded, opened

from intone.audio.files import read_audio
from intone.audio.loudness import at_loudness
from intone.audio.mel import mel_spectrogram
from intone.audio.pitch import pitch_hz
from intone.audio.resampling import resample
from intone.codec.codes import uses_of
from intone.core.types import MEL_22K, Audio
from intone.corpus.manifest import read_manifest
from intone.corpus.teachers import teacher
from intone.evaluate.comparison import ratio, wrong
from intone.evaluate.figures import Reading, readings, summary
from intone.evaluate.quality import dnsmos, speaker_vector
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences

ORIGINAL = "original"
RECORDINGS = "recordings:"
TIMED = 20
"""Sentences that speed is measured on."""

FIRST = "hifigan:full"
LEARNED = (
    *("flite:rms", "flite:slt", "flite:awb", "festival:ked_diphone"),
    *("festival:cmu_us_slt_arctic_hts", "festival:msu_ru_nsh_clunits", "festival:czech_dita"),
    *("festival:czech_krb", "festival:czech_machac", "festival:czech_ph", "festival:lp_diphone"),
    *("festival:hy_fi_mv_diphone", "festival:pc_diphone", "festival:suo_fi_lj_diphone"),
    *("festival:upc_ca_ona_hts", "espeak:en-us+m1", "espeak:en-us+f2", "espeak:en-gb+m3"),
    *("espeak:en-us+f4", "espeak:en-us+m7", "espeak:en-gb+f5", "espeak:en-us+m5"),
    *("espeak:en-us+f1", "espeak:en-gb+m2", "espeak:en-us+klatt", "espeak:en-us+klatt3"),
    *("espeak:en-gb+f4", "espeak:en-us+m4", "espeak:en-us+whisperf", "espeak:ru"),
    *("espeak:ru+m2", "espeak:ru+f3", "espeak:ru+m5"),
)
"""The teachers of recipes/teachers.sh: of how many codes are used, a few voices say too little."""
EACH_LEARNED = 20
"""Sentences by each of them, none of which a corpus contains."""

UNTRAINED = (FIRST, "hifigan:v2", "hifigan:v3", "istftnet:full", "vocos:full")


@dataclass(frozen=True)
class Original:
    """A sentence, who spoke it (`teacher:voice` or `recordings:speaker`), and how."""

    text: str
    voice: str
    audio: Audio


def originals(voices: Sequence[str], count: int) -> list[Original]:
    """`count` sentences, a part by each voice, at the house's rate and loudness.

    Teachers (`teacher:voice`) share the benchmark's sentences out among themselves; a person's
    recordings (`recordings:FOLDER` of a corpus) are as many of them, evenly spread.
    """
    texts = sentences("english_plain")[:count]
    return in_turn([spoken_by(voice, texts[n :: len(voices)]) for n, voice in enumerate(voices)])


def in_turn(parts: Sequence[Sequence[Original]]) -> list[Original]:
    """What each voice speaks, a sentence by each in turn."""
    # In turn, so that the first ones, which speed is measured on, are of every voice.
    return [one for row in zip_longest(*parts) for one in row if one is not None]


def spoken_by(voice: str, texts: Sequence[str]) -> list[Original]:
    """The texts by a teacher's voice, or as many recordings of a person."""
    if voice.startswith(RECORDINGS):
        return recorded(Path(voice.removeprefix(RECORDINGS)), len(texts))
    return [Original(text, voice, audio) for text, audio in taught(voice, texts)]


def taught(voice: str, texts: Sequence[str]) -> Iterator[tuple[str, Audio]]:
    """Each text, and how the teacher's voice says it."""
    kind, _, name = voice.partition(":")
    for text, take in zip(texts, teacher(kind).speak(name, texts), strict=True):
        if take.audio is None:
            raise SystemExit(f"{voice} cannot speak {text!r}: {take.problem}")
        yield text, _as_housed(take.audio)


def recorded(folder: Path, count: int) -> list[Original]:
    """`count` recordings of a corpus, evenly spread over it."""
    found = read_manifest(folder)
    chosen = found[:: max(1, len(found) // count)][:count]
    return [
        Original(one.text, f"{RECORDINGS}{one.speaker}", _as_housed(read_audio(one.audio_path)))
        for one in chosen
    ]


def _as_housed(audio: Audio) -> Audio:
    samples = resample(audio.samples, audio.sample_rate, MEL_22K.sample_rate)
    whole = len(samples) // MEL_22K.hop_samples * MEL_22K.hop_samples
    return Audio(at_loudness(samples[:whole]), MEL_22K.sample_rate)


@cache
def _all_by(voice: str, count: int) -> list[Original]:
    return originals([voice], count)


def codebook_use(name: str, folder: Path) -> list[float]:
    """The share of each codebook of the system `name` that occurs when those it learned from speak.

    A few voices have no use for the codes of the others.
    """
    system = opened(name, folder)
    assert isinstance(system, Coded)
    values = [system.forth(a).values for voice in LEARNED for a in _some_by(voice)]
    return [round(use, 3) for use in uses_of(values, system.codec.format.codebook_size)]


@cache
def _some_by(voice: str) -> list[Audio]:
    """Some sentences by a voice; those that it cannot say are left out."""
    kind, _, name = voice.partition(":")
    language = "russian_plain" if "ru" in name.split("_")[:2] + name.split("+") else "english_plain"
    takes = teacher(kind).speak(name, sentences(language)[:EACH_LEARNED])
    return [_as_housed(take.audio) for take in takes if take.audio is not None]


def copied(
    name: str, spoken: Sequence[Original], folder: Path
) -> tuple[list[Audio], dict[str, Any]]:
    """The originals through the system `name`, as long as they were, and what it says of itself.

    Of a codec also its rate, and the share of each codebook that occurred.
    """
    system = opened(name, folder)
    made, codes = [], []
    for one in spoken:
        inside = system.forth(one.audio)
        back = resample(system.back(inside), system.sample_rate, MEL_22K.sample_rate)
        length = len(one.audio.samples)
        back = np.pad(back[:length], (0, max(0, length - len(back))))
        made.append(Audio(back.astype(np.float32), MEL_22K.sample_rate))
        codes.append(inside)
    about: dict[str, Any] = {"parameters": system.parameters}
    if isinstance(system, Coded):
        uses = uses_of([c.values for c in codes], codes[0].format.codebook_size)
        about["bits_per_second"] = round(codes[0].bits_per_second)
        about["codebook_use"] = [round(use, 3) for use in uses]
    return made, about


@cache
def _spectral() -> Any:
    from intone.nn.spectral import MultiResolutionSpectralLoss

    return MultiResolutionSpectralLoss()


def closeness(made: Audio, real: Audio) -> dict[str, float]:
    """How near a copy is to its original, without any listener.

    Pitch is compared where both have one: the median of the difference in cents, and the shares
    of frames that are off by more than a fifth of it, and that one alone has voiced.
    """
    import torch

    mels = [mel_spectrogram(a.samples, MEL_22K) for a in (made, real)]
    ours, theirs = (pitch_hz(a.samples, MEL_22K) for a in (made, real))
    both = (ours > 0) & (theirs > 0)
    cents = 1200 * np.abs(np.log2(ours[both] / theirs[both])) if both.any() else np.zeros(1)
    with torch.no_grad():
        stft = _spectral()(*(torch.from_numpy(a.samples)[None] for a in (made, real)))
    return {
        "mel_l1": float(np.abs(mels[0] - mels[1]).mean()),
        "stft_distance": float(stft),
        "pitch_cents": float(np.median(cents)),
        "pitch_gross": float((cents > 1200 * np.log2(1.2)).mean()),
        "voicing_error": float(((ours > 0) != (theirs > 0)).mean()),
    }


class Judges:
    """All judges; what the slow ones say of the originals is asked once."""

    def __init__(self, spoken: Sequence[Original]) -> None:
        self.spoken = spoken
        self.recogniser = PocketSphinx()
        self._vectors: list[Any] = []
        self._heard: list[Reading] = []

    def row(self, made: Sequence[Audio], *, copies: bool) -> dict[str, Any]:
        """The figures over all sentences, and the main ones of each voice."""
        if not self._vectors:
            self._vectors = [speaker_vector(one.audio) for one in self.spoken]
            self._heard = self._read([one.audio for one in self.spoken])
        read = self._read(made) if copies else self._heard
        each: list[dict[str, float]] = []
        for audio, one, vector in zip(made, self.spoken, self._vectors, strict=True):
            figures = {"dnsmos": dnsmos(audio)}
            if copies:
                figures["similarity"] = float(speaker_vector(audio) @ vector)
                figures |= closeness(audio, one.audio)
            each.append(figures)
        row = self._figures(range(len(read)), read, each)
        row["voices"] = {}
        for voice in dict.fromkeys(one.voice for one in self.spoken):
            own = [i for i, one in enumerate(self.spoken) if one.voice == voice]
            row["voices"][voice] = self._figures(own, read, each)
        return row

    def _read(self, made: Sequence[Audio]) -> list[Reading]:
        return readings(made, [one.text for one in self.spoken], self.recogniser)

    def _figures(
        self, chosen: Sequence[int], read: list[Reading], each: list[dict[str, float]]
    ) -> dict[str, Any]:
        """The figures of some sentences, and how far their error lies above the originals'."""
        known = summary([read[i] for i in chosen])
        means = {key: round(float(np.mean([each[i][key] for i in chosen])), 4) for key in each[0]}
        wanted = ("character_error", "character_error_interval", "word_error")
        figures = {key: known[key] for key in wanted} | means
        if read is not self._heard:
            before = [self._heard[i].characters for i in chosen]
            after = [read[i].characters for i in chosen]
            more = [wrong(a) - wrong(b) for a, b in zip(after, before, strict=True)]
            above = ratio(more, [b.length for b in before])
            figures["above_original"] = round(above.value, 4)
            figures["above_original_interval"] = [round(above.low, 4), round(above.high, 4)]
        return figures


class Results:
    """`sound.json`: rows by name, written as they come; others' sentences make it begin anew."""

    def __init__(self, name: str, about: dict[str, Any]) -> None:
        self.name = name
        path = RESULTS / f"{name}.json"
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        same = all(found.get(key) == value for key, value in about.items())
        self.figures: dict[str, Any] = found if same and found else {**about, "rows": {}}

    def has(self, kind: str, name: str) -> bool:
        """Whether a row is there."""
        return name in self.figures.get(kind, {})

    def keep(self, kind: str, name: str, row: dict[str, Any]) -> None:
        """Write one row."""
        self.figures.setdefault(kind, {})[name] = row | {"commit": commit()}
        write_report(self.name, {k: v for k, v in self.figures.items() if k not in _WRITTEN})
        shown = {k: v for k, v in row.items() if k != "voices"}
        print(f"{kind} {name}: {json.dumps(shown)}", flush=True)


_WRITTEN = ("date", "commit", "machine")


def named(given: Sequence[str], prefix: str = "") -> dict[str, str]:
    """LABEL=NAME, or a name that is its own label → names by label."""
    found = {}
    for one in given:
        label, equals, name = one.partition("=")
        name = name if equals else label
        found[label] = name if name.startswith(prefix) else prefix + name
    return found


def precisions(
    results: Results, folder: Path, spoken: Sequence[Original], sounds: Path, out: Path
) -> None:
    """The rows of a vocoder's graph at other precisions."""
    plain: list[Audio] = []
    mels = [mel_spectrogram(one.audio.samples, MEL_22K) for one in spoken]
    # Scales are fixed by sentences that are not judged, where there are any.
    for name, place in variants(folder, out, mels[TIMED : 2 * TIMED] or mels).items():
        try:
            made, _ = copied(str(place), spoken[:TIMED], out)
            row = in_own_process(str(place), sounds, out)
        # A processor or a runtime may lack an operation at a precision; that is a result.
        except Exception as error:
            results.keep("precisions", name, {"failed": str(error).splitlines()[0][:160]})
            continue
        plain = plain or made
        row |= differences(made, plain)
        near = [closeness(m, one.audio) for m, one in zip(made, spoken, strict=False)]
        for key in ("mel_l1", "stft_distance", "pitch_cents"):
            row[key] = round(float(np.mean([each[key] for each in near])), 4)
        row["dnsmos"] = round(float(np.mean([dnsmos(audio) for audio in made])), 3)
        row["stream_difference"] = round(stream_difference(place, mels[:TIMED]), 6)
        row["shipped"] = name == SHIPPED
        results.keep("precisions", name, row)


def main() -> None:
    """Measure what is not measured yet; write and print every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocoders", nargs="*", default=["griffin-lim", "universal"])
    parser.add_argument("--codecs", nargs="*", default=[])
    parser.add_argument("--untrained", nargs="*", default=list(UNTRAINED))
    parser.add_argument(
        "--precise", help="the vocoder to put into other precisions, a run's in 32 bits"
    )
    parser.add_argument("--voices", nargs="*", default=["flite:rms", "flite:slt", "flite:awb"])
    parser.add_argument("--unseen", nargs="*", default=["flite:kal16"])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--each", action="store_true", help="every voice speaks all sentences")
    parser.add_argument("--again", nargs="*", default=[], help="rows to measure anew")
    parser.add_argument(
        "--retime", action="store_true", help="every row's speed anew, of all in a row"
    )
    parser.add_argument("--name", default="sound")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # The quantiser recommends what changes nothing here.

    everyone = [*options.voices, *options.unseen]
    about = {"sentences": options.count, "voices": options.voices, "unseen": options.unseen}
    results = Results(options.name, about | {"each": options.each})
    if options.each:
        spoken = in_turn([_all_by(voice, options.count) for voice in everyone])
    else:
        spoken = originals(everyone, options.count)
    judges = Judges(spoken)
    systems = named(options.vocoders) | named(options.codecs, "codec:")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sounds = folder / "sounds.npz"
        np.savez(sounds, **{str(i): one.audio.samples for i, one in enumerate(spoken[:TIMED])})

        def due(kind: str, name: str) -> bool:
            return not results.has(kind, name) or name in options.again

        if options.retime:
            for label in filter(lambda label: results.has("rows", label), systems):
                speed = in_own_process(systems[label], sounds, folder)
                results.keep("rows", label, results.figures["rows"][label] | speed)
        for name in options.untrained:
            if due("speeds", name) or options.retime:
                parameters = opened(name, folder).parameters
                row = {"parameters": parameters, **in_own_process(name, sounds, folder)}
                results.keep("speeds", name, row)
        if due("rows", ORIGINAL):
            results.keep("rows", ORIGINAL, judges.row([one.audio for one in spoken], copies=False))
        for label, name in systems.items():
            if due("rows", label):
                made, about_it = copied(name, spoken, folder)
                speed = in_own_process(name, sounds, folder)
                row = {**about_it, **speed, **judges.row(made, copies=True)}
                if "codebook_use" in row:
                    row["codebook_use_of_all"] = codebook_use(name, folder)
                results.keep("rows", label, row)
        if options.precise and due("precisions", SHIPPED):
            graphs = opened(options.precise, folder).files
            precisions(results, graphs[0].parent, spoken, sounds, folder / "precisions")


if __name__ == "__main__":
    main()
