"""`intone evaluate`: how well a voice is understood, how clean it sounds, how fast it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from intone.core.types import Audio

_JUDGED = 20
"""Sentences that the slower judges hear."""
_TIMED = 10
"""Sentences whose cost is measured."""


def evaluate(
    voice: Annotated[str, typer.Argument(help="a voice's name or folder")],
    speaker: Annotated[str | None, typer.Option(help="who of the voice speaks")] = None,
    sentence_set: Annotated[
        str | None,
        typer.Option("--sentences", help="a set of ours, or a text file, a sentence a line"),
    ] = None,
    count: Annotated[int | None, typer.Option("--count", "-n", min=1, help="only so many")] = None,
    recogniser_name: Annotated[
        str | None,
        typer.Option(
            "--recogniser", help="pocketsphinx, ctc, whisper:MODEL, ctc:MODEL (a name or folder)"
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="write figures and readings as JSON")
    ] = None,
    opinion: Annotated[
        str | None,
        typer.Option(help="another judge beside DNSMOS: utmos, or utmos:FILE, a scripted one"),
    ] = None,
    like: Annotated[
        Path | None, typer.Option(help="recordings (a folder, or one) that it should sound like")
    ] = None,
    likeness_judge: Annotated[
        str, typer.Option("--likeness", help="who compares: resemblyzer or ecapa:MODEL")
    ] = "resemblyzer",
    cost: Annotated[
        bool, typer.Option("--cost", help="also time, memory, disk and a cold start; takes longer")
    ] = False,
    worst: Annotated[int, typer.Option(min=0, help="sentences to show, the worst first")] = 3,
) -> None:
    """Let a voice speak sentences that no corpus contains, and a recogniser read them."""
    from dataclasses import asdict

    from intone.cli.corridor import shown
    from intone.core.errors import SettingsError
    from intone.core.files import write_json
    from intone.core.types import Conditions
    from intone.evaluate.cost import cost_lines, cost_of
    from intone.evaluate.figures import readings, summary
    from intone.evaluate.opinions import opinion_judge
    from intone.evaluate.quality import dnsmos
    from intone.evaluate.recogniser import named_recogniser, usual_recogniser
    from intone.evaluate.sentences import PLAIN, sentences_of
    from intone.evaluate.speakers import likeness, speaker_judge
    from intone.speech import Voice

    chosen = Voice.load(voice, threads=1)
    heard_by = recogniser_name or usual_recogniser(chosen.language)
    if heard_by is None:
        raise SettingsError(
            f"no recogniser of {chosen.language!r} is installed; English needs: "
            "pip install 'intone[eval]'"
        )
    recogniser = named_recogniser(heard_by, chosen.language)
    sentence_set = sentence_set or PLAIN.get(chosen.language.split("-")[0])
    if sentence_set is None:
        raise SettingsError(f"there are no sentences in {chosen.language!r}; give --sentences FILE")
    texts = sentences_of(sentence_set)[:count]
    extra_opinion = opinion_judge(opinion) if opinion else None
    portrait = speaker_judge(likeness_judge) if like else None
    recordings = _recordings(like) if like else []
    spoken = []
    begun = time.perf_counter()
    with shown("speaking") as progress:
        for number, text in enumerate(texts, start=1):
            spoken.append(chosen.speak(text, Conditions(speaker=speaker)).audio)
            progress(number, len(texts))
    took = time.perf_counter() - begun
    found = []
    with shown("reading") as progress:
        for number, (audio, text) in enumerate(zip(spoken, texts, strict=True), start=1):
            found += readings([audio], [text], recogniser)
            progress(number, len(texts))
    figures = summary(found)
    figures["real_time_factor"] = round(took / figures["seconds"], 4)
    heard = spoken[:_JUDGED]
    figures["dnsmos"] = round(sum(map(dnsmos, heard)) / len(heard), 2)
    if extra_opinion is not None:
        figures["utmos"] = round(sum(map(extra_opinion, heard)) / len(heard), 2)
    if portrait is not None:
        figures["similarity"] = round(likeness(heard, recordings, portrait), 3)
    if cost:
        figures["cost"] = cost_of(voice, texts[:_TIMED], speaker=speaker)
    low, high = figures["character_error_interval"]
    typer.echo(f"{chosen.name}: {len(texts)} sentences, {figures['seconds']:.0f} s of speech")
    typer.echo(
        f"  character error {100 * figures['character_error']:.1f} % "
        f"({100 * low:.1f} to {100 * high:.1f}), word error {100 * figures['word_error']:.1f} %, "
        f"phoneme error {100 * figures['phoneme_error']:.1f} %"
    )
    typer.echo(
        f"  words skipped {figures['words_skipped']}, added {figures['words_added']}, "
        f"repeated {figures['words_repeated']} of {figures['words']}; "
        f"runaway {figures['runaway_seconds']:.1f} s"
    )
    typer.echo(
        f"  DNSMOS {figures['dnsmos']:.2f}, real-time factor {figures['real_time_factor']:.4f} "
        "on one thread"
    )
    for key, name in (("utmos", "UTMOS"), ("similarity", "likeness")):
        if key in figures:
            typer.echo(f"  {name} {figures[key]}")
    for line in cost_lines(figures["cost"]) if cost else ():
        typer.echo(f"  {line}")
    for reading in sorted(found, key=lambda r: -r.characters.rate)[:worst]:
        typer.echo(f"  {100 * reading.characters.rate:3.0f} %  {reading.text}")
        typer.echo(f"         {reading.read or '(nothing)'}")
    if output is not None:
        about = {"voice": chosen.name, "recogniser": heard_by}
        write_json(output, {**about, **figures, "readings": list(map(asdict, found))})


def _recordings(path: Path) -> list[Audio]:
    from intone.audio.files import read_audio
    from intone.core.errors import AudioError

    endings = {".wav", ".flac", ".ogg", ".mp3"}
    files = (
        sorted(f for f in path.rglob("*") if f.suffix.lower() in endings)
        if path.is_dir()
        else [path]
    )
    if not files:
        raise AudioError(f"{path} holds no recording; give a folder of .wav or .flac files")
    return [read_audio(file) for file in files[:_JUDGED]]
