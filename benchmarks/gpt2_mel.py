"""Does `gpt2-mel` say whole sentences, in the voice of a clip, and how fast?

    bash recipes/gpt2-mel.sh gpt2-mel
    python benchmarks/gpt2_mel.py --voice gpt2-mel/runs/gpt2-mel

A clip of each flite voice, of a sentence that is not judged, says whose voice to speak in.
Writes `benchmarks/results/gpt2_mel.json`: pocketsphinx' character error beside the teacher's
and the copy-synthesis', sentences that fail (eight letters in a row lost or won, or half a
second of speech behind the last word), lengths beside the teacher's, whose centroid each
sentence is nearest to, and the frames a second with and without the cache.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from reliability import failures
from report import write_report
from voice import copied, teacher

from intone.core.types import Audio, Conditions, Controls
from intone.evaluate.figures import readings, summary
from intone.evaluate.quality import dnsmos, speaker_vector
from intone.evaluate.recogniser import PocketSphinx
from intone.evaluate.sentences import sentences
from intone.evaluate.text import comparable
from intone.speech import Voice

LISTENED = 20
"""Sentences that the slower judges hear."""


def centroid(spoken: Sequence[Audio]) -> Any:
    """The mean direction of who speaks."""
    mean = np.mean([speaker_vector(audio) for audio in spoken], axis=0)
    return mean / np.linalg.norm(mean)


def rows_of(
    voice: Voice, speaker: str, texts: Sequence[str], spare: Sequence[str], centroids: Any
) -> dict[str, Any]:
    """The figures of one speaker whose voice is taken from clips of `spare` sentences."""
    taught = teacher(speaker, texts)
    clips = teacher(speaker, spare)
    said = [
        voice.speak(text, Conditions(reference=clips[number % len(clips)])).audio
        for number, text in enumerate(texts)
    ]
    recogniser = PocketSphinx()
    rows: dict[str, Any] = {}
    kinds = (("teacher", taught), ("copy-synthesis", copied(taught, voice)), ("voice", said))
    for kind, spoken in kinds:
        found = readings(spoken, texts, recogniser)
        rows[kind] = summary(found)
        ratios = [
            one.seconds / (other.seconds or 1) for one, other in zip(spoken, taught, strict=True)
        ]
        rows[kind]["failures"] = failures(found, texts)
        rows[kind]["dnsmos"] = round(float(np.mean([dnsmos(a) for a in spoken[:LISTENED]])), 3)
        if kind == "voice":
            rows[kind]["length_beside_teacher"] = round(float(np.mean(ratios)), 3)
            rows[kind]["lengths_within_15_percent"] = round(
                float(np.mean(np.abs(np.array(ratios) - 1) <= 0.15)), 3
            )
    vectors = np.stack([speaker_vector(a) for a in said[:LISTENED]])
    names = list(centroids)
    nearest = [names[i] for i in (vectors @ np.stack(list(centroids.values())).T).argmax(axis=1)]
    rows["voice"]["nearest"] = {name: nearest.count(name) for name in names}
    if speaker in centroids:
        rows["voice"]["similarity"] = round(float((vectors @ centroids[speaker]).mean()), 3)
    return rows


def stranger(voice: Voice, speaker: str, texts: Sequence[str], spare: Sequence[str]) -> Any:
    """How like its clips the voice is in the voice of somebody it never heard."""
    clips = teacher(speaker, spare)
    said = [voice.speak(t, Conditions(reference=clips[0])).audio for t in texts]
    figures = summary(readings(said, texts, PocketSphinx()))
    likeness = float(np.mean([speaker_vector(a) @ centroid(clips) for a in said]))
    return {"character_error": figures["character_error"], "similarity": round(likeness, 3)}


def odd_lengths(voice: Voice, texts: Sequence[str]) -> dict[str, Any]:
    """One word and forty words: seconds a word, and what was read of the long ones."""
    words = comparable(" ".join(texts)).split()
    short = [f"{word.capitalize()}." for word in dict.fromkeys(words) if len(word) > 4][:20]
    long = [
        " ".join(words[start : start + 40]).capitalize() + "."
        for start in range(0, min(len(words), 400) - 40, 40)
    ]
    seconds = [voice.speak(text).audio.seconds for text in short]
    recogniser = PocketSphinx()
    said = [voice.speak(text).audio for text in long]
    found = readings(said, long, recogniser)
    return {
        "one_word_seconds": [round(min(seconds), 2), round(max(seconds), 2)],
        "forty_words": summary(found),
        "forty_words_seconds": [
            round(min(a.seconds for a in said), 1),
            round(max(a.seconds for a in said), 1),
        ],
        "forty_words_failures": failures(found, long),
    }


def real_time(voice: Voice, texts: Sequence[str]) -> dict[str, float]:
    """Seconds of work for a second of speech, and to the first sound of a sentence."""
    voice.speak(texts[0])
    begun = time.perf_counter()
    seconds = sum(voice.speak(text).audio.seconds for text in texts)
    took = time.perf_counter() - begun
    firsts = []
    for text in texts[:10]:
        begun = time.perf_counter()
        next(voice.stream(text))
        firsts.append(time.perf_counter() - begun)
    processed = time.process_time()
    again = sum(voice.speak(text).audio.seconds for text in texts[:10])
    return {
        "real_time_factor": round(took / seconds, 4),
        "processor_seconds_a_second": round((time.process_time() - processed) / again, 4),
        "first_sound_seconds": round(float(np.median(firsts)), 3),
    }


def cache_gain(run: Path) -> dict[str, float]:
    """Coarse frames a second of one core, by steps with the cache and by none."""
    import torch

    from intone.train.recipes import read_recipe, resolve
    from intone.train.run_folder import RunFolder
    from intone.train.runs import trained_model

    torch.set_num_threads(1)
    folder = RunFolder(run)
    recipe = resolve(read_recipe(folder.config))
    weights = folder.find(recipe.train.voice_from)
    assert weights is not None
    model: Any = trained_model(recipe, weights)
    frontend = Voice.load(run).frontend
    symbols = torch.from_numpy(frontend.symbols(sentences("english_plain")[3]).ids)[None]
    rates = {}
    with torch.no_grad():
        controls = Controls(temperature=0.0)
        length, speaker = torch.tensor([symbols.shape[1]]), torch.tensor([0])
        spoken = model.generate(symbols, length, speaker, controls)
        one, zero = torch.ones(1), torch.zeros(1)
        still = torch.zeros(*symbols.shape, 2)
        plan = model.plan(symbols, length, model.table[:1], one, zero, zero, still)
        frames = int(spoken.lengths[0])
        steps = -(-frames // model.settings.reduction)
        begun = time.process_time()
        for _ in range(3):
            cached = torch.cat([group for group, _ in model.groups(plan, steps=steps)], dim=1)
        rates["with_cache"] = 3 * frames / (time.process_time() - begun)
        begun = time.process_time()
        plain = torch.cat(list(model.groups_without_cache(plan, steps=steps)), dim=1)
        rates["without_cache"] = frames / (time.process_time() - begun)
        assert torch.allclose(cached, plain, atol=1e-3)
    return {name: round(rate, 1) for name, rate in rates.items()} | {"frames": frames}


def main() -> None:
    """Judge a trained run; print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", type=Path, required=True, help="a run of gpt2-mel")
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--speakers", nargs="*", default=["rms", "slt", "awb"])
    parser.add_argument("--stranger", default="kal")
    parser.add_argument("--name", default="gpt2_mel")
    options = parser.parse_args()
    every = sentences("english_plain")
    texts, spare = every[: options.sentences], every[-10:]
    voice = Voice.load(options.voice, threads=1)
    centroids = {s: centroid(teacher(s, every[-30:-10])) for s in options.speakers}
    figures: dict[str, Any] = {
        "sentences": len(texts),
        "card": dict(voice.manifest.card),
        "speed": real_time(voice, texts[:20]) | {"frames_a_second": cache_gain(options.voice)},
        "rows": {},
    }
    for speaker in options.speakers:
        figures["rows"][speaker] = rows_of(voice, speaker, texts, spare, centroids)
        for kind, row in figures["rows"][speaker].items():
            print(speaker, kind, row, flush=True)
    figures["stranger"] = {options.stranger: stranger(voice, options.stranger, texts[:20], spare)}
    figures["odd_lengths"] = odd_lengths(voice, texts)
    for name in ("speed", "stranger", "odd_lengths"):
        print(name, figures[name])
    write_report(options.name, figures)


if __name__ == "__main__":
    main()
