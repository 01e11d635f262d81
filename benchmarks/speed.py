"""How fast a voice speaks on one thread, beside espeak-ng and flite on the same machine.

    python benchmarks/speed.py --voice english

writes `benchmarks/results/speed.json`: the real-time factor (seconds of work for a second of
speech, lower is better) from text to waveform, the shares of frontend, acoustic model and
vocoder, the wait for the first sound, peak memory, and a cold start of the command line.
What is not installed is left out of the comparison and said so.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from importlib.metadata import version
from pathlib import Path
from typing import Any

from report import write_report

from intone.evaluate.cost import as_process, disk_megabytes, factors, seconds_of

SENTENCES = (
    "The next train leaves at seven.",
    "She put the kettle on and looked out of the window for a while.",
    "Nobody in the village could remember a colder spring.",
    "Please leave your coats with the porter at the entrance.",
    "He had walked eleven miles before he noticed that the map was upside down.",
    "What would you do with a whole day and nothing to repair?",
    "The orchestra tuned, the lights went down, and somebody dropped a coin.",
    "Two thirds of the bridge had been painted when the money ran out.",
    "It is easier to lend a book than to get it back.",
    "By the time the fog lifted, the harbour was full of small white boats.",
)
HELLO = "Hello."


def in_process(voice_name: str, repeats: int) -> dict[str, Any]:
    """Text to waveform in this process, on one thread, its parts apart."""
    from intone.core.types import Controls
    from intone.speech import Voice

    begin = time.perf_counter()
    voice = Voice.load(voice_name, threads=1)
    load_seconds = time.perf_counter() - begin
    controls = Controls()
    speaker = voice.speakers.index(voice.manifest.default_speaker)
    rounds: list[dict[str, float]] = []
    spoken = sum(voice.speak(sentence).audio.seconds for sentence in SENTENCES)
    for _ in range(repeats):
        spent = {"frontend": 0.0, "acoustic": 0.0, "vocoder": 0.0}
        for sentence in SENTENCES:
            start = time.perf_counter()
            symbols = voice.frontend.symbols(sentence)
            read = time.perf_counter()
            frames, _ = voice.engine.frames(symbols.ids, speaker, controls)
            predicted = time.perf_counter()
            voice.renderer.render(frames)
            spent["frontend"] += read - start
            spent["acoustic"] += predicted - read
            spent["vocoder"] += time.perf_counter() - predicted
        rounds.append(spent)
    firsts = [
        seconds_of(lambda s=sentence: next(iter(voice.stream(s))))  # type: ignore[misc]
        for sentence in SENTENCES
    ]
    middle = {part: statistics.median(r[part] for r in rounds) for part in rounds[0]}
    together = sum(middle.values())
    return {
        "voice": voice.name,
        **factors(lambda: [voice.speak(s) for s in SENTENCES], spoken, repeats),
        "shares": {part: round(value / together, 4) for part, value in middle.items()},
        "first_sound_seconds": round(statistics.median(firsts), 4),
        "load_seconds": round(load_seconds, 3),
        "speech_seconds": round(spoken, 2),
    }


def espeak(repeats: int) -> dict[str, Any] | None:
    """espeak-ng through its library; None where it is not installed."""
    try:
        import espeakng_loader
    except ImportError:
        return None
    library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
    synchronous, characters, utf8 = 2, 1, 1
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(synchronous, 0, data, 0)
    if rate <= 0:
        return None
    counted = 0
    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )

    def take(samples: Any, count: int, events: Any) -> int:
        nonlocal counted
        counted += count
        return 0

    callback = kind(take)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(b"en-us")

    def say_all() -> None:
        for sentence in SENTENCES:
            text = sentence.encode() + b"\0"
            library.espeak_Synth(text, len(text), 0, characters, 0, utf8, None, None)

    say_all()
    spoken = counted / rate
    return {
        **factors(say_all, spoken, repeats),
        "speech_seconds": round(spoken, 2),
        "how": "espeak_Synth of the library espeakng-loader carries, voice en-us",
    }


def flite(folder: Path, repeats: int) -> dict[str, Any] | None:
    """flite as a process, its start included, all sentences in one run; None where absent."""
    program = shutil.which("flite")
    if program is None:
        return None
    text, sound = folder / "text.txt", folder / "flite.wav"
    text.write_text("\n\n".join(SENTENCES), encoding="utf-8")
    command = [program, "-voice", "slt", "-f", str(text), "-o", str(sound)]

    def say_all() -> None:
        subprocess.run(command, check=True, capture_output=True)

    say_all()
    with wave.open(str(sound)) as read:
        spoken = read.getnframes() / read.getframerate()
    hello = as_process([program, "-voice", "slt", "-t", HELLO, "-o", str(sound)], repeats)
    return {
        **factors(say_all, spoken, repeats),
        "speech_seconds": round(spoken, 2),
        "how": "the program flite, voice slt, its start included",
        **hello,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--voice", required=True, help="a voice's name or folder")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    # Before any library reads them.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", INTONE_THREADS="1")

    ours = in_process(options.voice, options.repeats)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speak = [sys.executable, "-m", "intone", "speak", "--voice", options.voice, "--no-play"]
        speak += ["-o", str(folder / "out.wav")]
        ours |= as_process([*speak, HELLO], options.repeats)
        long_text = " ".join(SENTENCES)
        ours["disk_megabytes"] = disk_megabytes(options.voice)
        ours["peak_megabytes_long"] = as_process([*speak, long_text], 1)["peak_megabytes"]
        figures = {
            "onnxruntime": version("onnxruntime"),
            "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
            "threads": 1,
            "sentences": len(SENTENCES),
            "repeats": options.repeats,
            "intone": ours,
            "espeak-ng": espeak(options.repeats) or "not installed",
            "flite": flite(folder, options.repeats) or "not installed",
        }
    path = write_report("speed", figures)
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
