"""The committed figures as one page: python benchmarks/tables.py > docs/results.md."""

from __future__ import annotations

import json
from typing import Any

from report import RESULTS
from tables_markdown import percent, table
from tables_of_codes import echolancer, echolancer_speed, mamba_conv, selective_scan


def figures(name: str) -> dict[str, Any] | None:
    """The results called `name`, None if they were never measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def section(title: str, script: str, found: dict[str, Any], text: str) -> None:
    """Print one part of the page."""
    machine = found.get("machine", "the same machine")
    when = f"{found.get('date', '')} {found.get('commit', '')}".strip()
    print(f"\n## {title}\n\n{text}\n\n`python benchmarks/{script}`; {when}, {machine}.")


def voice(found: dict[str, Any]) -> str:
    """Voices beside their teachers."""
    rows = []
    for speaker, kinds in found["rows"].items():
        for kind, r in kinds.items():
            low, high = r["character_error_interval"]
            rows.append(
                [
                    speaker,
                    kind,
                    f"{percent(r['character_error'])} ({100 * low:.1f} to {100 * high:.1f})",
                    percent(r["word_error"]),
                    f"{r['words_skipped']} / {r['words_added']}",
                    r["dnsmos"],
                    r["similarity"],
                ]
            )
    heads = ["speaker", "who", "character error", "word error", "skipped / added"]
    return table([*heads, "DNSMOS", "similarity"], rows)


def minutes(found: dict[str, Any]) -> str:
    """Character error against minutes of training."""
    rows = [[r["minutes"], r["step"], percent(r["cer"]), percent(r["wer"])] for r in found["rows"]]
    own = found["teacher_figures"]
    rows.append([f"teacher ({found['teacher']})", "", percent(own["cer"]), percent(own["wer"])])
    return table(["minutes", "steps", "character error", "word error"], rows)


def alignment(found: dict[str, Any]) -> str:
    """Boundaries and wrong texts."""
    rows = [
        [
            r["voice"],
            r["clips"],
            r["from"],
            f"{r['mean_ms']} / {r['held_out']['mean_ms']}",
            f"{percent(r['within_50_ms'])} / {percent(r['held_out']['within_50_ms'])}",
            f"{percent(r['found'])} of {r['wrong_texts']}",
            percent(r["false"]),
        ]
        for r in found["rows"]
    ]
    heads = ["voice", "clips", "from", "mean error ms, own / held out", "within 50 ms"]
    return table([*heads, "wrong texts found", "falsely suspected"], rows)


def speed(found: dict[str, Any]) -> str:
    """Ours beside what people use."""
    rows = []
    for name in ("intone", "espeak-ng", "flite"):
        own = found[name]
        if isinstance(own, str):
            rows.append([name, own, "", "", ""])
            continue
        rows.append(
            [
                name,
                own.get("real_time_factor", ""),
                own.get("processor_time_factor", ""),
                own.get("cold_start_seconds", ""),
                own.get("peak_megabytes", ""),
            ]
        )
    heads = ["", "real-time factor", "processor-time factor", "cold start s", "peak MB"]
    shares = ", ".join(f"{k} {percent(v)}" for k, v in found["intone"].get("shares", {}).items())
    return table(heads, rows) + f"\n\nShares of intone's time: {shares}."


def prepare(found: dict[str, Any]) -> str:
    """Time and memory of preparation."""
    rows = [
        [r["utterances"], r["hours"], r["core_seconds_an_hour"], r["peak_megabytes"]]
        for r in found["rows"]
    ]
    return table(["utterances", "hours", "core-seconds an hour", "peak MB, all processes"], rows)


def training(found: dict[str, Any]) -> str:
    """Where a step's time goes."""
    rows = [[name, percent(share)] for name, share in found["shares"].items()]
    return (
        f"{found['frames_per_second']} frames/s ({found['times_real_time']} times real time) on "
        f"{found['threads']} thread(s); {percent(found['padding'])} of the frames are padding.\n\n"
        + table(["part of a step", "share"], rows)
    )


def busy_machine(found: dict[str, Any]) -> str:
    """Training beside other programs."""
    rows = [
        [r["other_programs"], r["threads"], round(r["turning"]), round(r["sleeping"])]
        for r in found["rows"]
    ]
    heads = ["other programs", "threads", "frames a second", "with threads that soon sleep"]
    return table(heads, rows)


def _sound_row(name: str, r: dict[str, Any]) -> list[Any]:
    """One vocoder, codec or the original; what a row has not is left empty."""
    low, high = r["character_error_interval"]
    parameters = r.get("parameters")
    return [
        name,
        f"{parameters / 1e6:.2f} M" if parameters else "",
        r.get("real_time_factor", ""),
        r.get("peak_megabytes", ""),
        r.get("mel_l1", ""),
        r.get("stft_distance", ""),
        r["dnsmos"],
        r.get("similarity", ""),
        f"{r['pitch_cents']:.1f}" if "pitch_cents" in r else "",
        f"{percent(r['character_error'])} ({100 * low:.1f} to {100 * high:.1f})",
        _above(r),
    ]


def _above(r: dict[str, Any]) -> str:
    """How many points a copy's error lies above its original's."""
    if "above_original" not in r:
        return ""
    low, high = r["above_original_interval"]
    return f"{100 * r['above_original']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _speeds(rows: dict[str, Any], first: str) -> str:
    """How fast each is, and how many times as fast as the `first`."""
    slowest = rows[first]["processor_time_factor"]
    heads = ["", "parameters", "real-time factor", "processor-time factor"]
    return table(
        [*heads, f"times as fast as {first}", "peak MB"],
        [
            [
                name,
                f"{r['parameters'] / 1e6:.2f} M" if r.get("parameters") else "",
                r["real_time_factor"],
                r["processor_time_factor"],
                f"{slowest / r['processor_time_factor']:.1f}",
                r["peak_megabytes"],
            ]
            for name, r in rows.items()
            if "processor_time_factor" in r
        ],
    )


def _precisions(rows: dict[str, Any]) -> str:
    """A graph's files at several precisions."""
    wanted = ("file_megabytes", "processor_time_factor", "peak_megabytes", "noise_db")
    wanted += ("mel_l1", "stft_distance", "pitch_cents", "dnsmos", "stream_difference")
    heads = ["", "file MB", "processor-time factor", "peak MB", "noise against 32 bits, dB"]
    return table(
        [*heads, "mel L1", "STFT distance", "pitch, cents", "DNSMOS", "stream from whole, at most"],
        [
            [
                f"**{name}**" if r.get("shipped") else name,
                *(r.get(key, r.get("failed", "")) for key in wanted),
            ]
            for name, r in rows.items()
        ],
    )


def sound(found: dict[str, Any]) -> str:
    """Vocoders and codecs: quality, the voice that none has heard, speed, precisions."""
    heads = ["", "parameters", "real-time factor", "peak MB", "mel L1", "STFT distance", "DNSMOS"]
    heads += ["similarity", "pitch, cents", "character error", "above the original's, points"]
    every = found["rows"]
    unheard = [v for v in every["original"]["voices"] if v not in found["voices"]]
    parts = [
        f"{found['sentences']} sentences {'by each of' if found.get('each') else 'by'} "
        f"{', '.join([*found['voices'], *unheard])}; "
        f"never heard in training: {', '.join(unheard)}. One thread.",
        table(heads, [_sound_row(name, r) for name, r in every.items()]),
    ]
    for voice in unheard if found["voices"] else ():
        parts.append(f"Of these, {voice} alone:")
        own = {name: r["voices"][voice] for name, r in every.items() if voice in r["voices"]}
        few = ["", "mel L1", "STFT distance", "DNSMOS", "similarity", "pitch, cents"]
        rows = [_sound_row(name, r) for name, r in own.items()]
        parts.append(table([*few, *heads[-2:]], [[r[0], *r[4:]] for r in rows]))
    if speeds := found.get("speeds"):
        parts.append("Speed of generators whose weights are random, and of those above:")
        parts.append(_speeds(speeds | every, next(iter(speeds))))
    if "precisions" in found:
        parts.append("The default vocoder's graph at other precisions; what is shipped is bold:")
        parts.append(_precisions(found["precisions"]))
    used = [
        [name, r["bits_per_second"], *map(percent, [min(use), max(use), min(wide), max(wide)])]
        for name, r in every.items()
        if (use := r.get("codebook_use")) and (wide := r["codebook_use_of_all"])
    ]
    if used:
        parts.append(
            "Codes that occur in these, and in 20 sentences by each of the 33 teachers that "
            "small-codec learned from (mel-vq: from those of the five Russian ones not), of the "
            "least and the most used codebook:"
        )
        parts.append(table(["", "bits a second", "least", "most", "of all: least", "most"], used))
    return "\n\n".join(parts)


HEARD = ("character error", "phoneme error", "skipped / added / repeated", "runaway s", "DNSMOS")


def heard(row: dict[str, Any]) -> list[Any]:
    """The cells of `HEARD`."""
    low, high = row["character_error_interval"]
    return [
        f"{percent(row['character_error'])} ({100 * low:.1f} to {100 * high:.1f})",
        percent(row["phoneme_error"]),
        f"{row['words_skipped']} / {row['words_added']} / {row['words_repeated']}",
        row["runaway_seconds"],
        row["dnsmos"],
    ]


def peers(found: dict[str, Any]) -> str:
    """Our voices and what people take instead, set by set."""
    heads = ["who", *HEARD, "real-time factor", "cold start s", "peak MB", "disk MB"]
    parts = []
    for name, kinds in found["rows"].items():
        rows = []
        for who, r in kinds.items():
            rows.append(
                [
                    who,
                    *heard(r),
                    r["real_time_factor"],
                    r["cold_start_seconds"],
                    r["peak_megabytes"],
                    r["disk_megabytes"],
                ]
            )
        parts.append(f"`{name}`, {found['sentences']} sentences:\n\n{table(heads, rows)}")
    how = {who: r["how"] for kinds in found["rows"].values() for who, r in kinds.items()}
    parts.append("Times: " + "; ".join(f"{who}: {text}" for who, text in how.items()) + ".")
    return "\n\n".join(parts)


def families(found: dict[str, Any]) -> str:
    """Every family beside its teacher."""
    heads = ["who", *HEARD, "processor seconds a second", "disk MB"]
    parts = []
    for language, kinds in found["rows"].items():
        rows = []
        for who, r in kinds.items():
            rows.append(
                [
                    who,
                    *heard(r),
                    r["processor_time_factor"] or "",
                    r["disk_megabytes"] or "",
                ]
            )
        parts.append(f"{language.capitalize()}:\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


def gpt2_mel(found: dict[str, Any]) -> str:
    """GPT-2 in the voice of clips, a row a speaker."""
    heads = ["speaker", "who", "character error", "skipped / added / repeated", "DNSMOS"]
    heads += ["length beside the teacher's", "nearest centroid", "similarity"]
    rows = []
    for speaker, kinds in found["rows"].items():
        for kind, r in kinds.items():
            low, high = r["character_error_interval"]
            nearest = r.get("nearest", {})
            rows.append(
                [
                    speaker,
                    kind,
                    f"{percent(r['character_error'])} ({100 * low:.1f} to {100 * high:.1f})",
                    f"{r['words_skipped']} / {r['words_added']} / {r['words_repeated']}",
                    r["dnsmos"],
                    r.get("length_beside_teacher", ""),
                    f"{nearest[speaker]} of {sum(nearest.values())}" if nearest else "",
                    r.get("similarity", ""),
                ]
            )
    speed = found["speed"]["frames_a_second"]
    return (
        f"{table(heads, rows)}\n\nGPT-2 makes {speed['with_cache']:.0f} frames a second with its "
        f"cache and {speed['without_cache']:.0f} without."
    )


def gpt2_mel_ablation(found: dict[str, Any]) -> str:
    """What each cure of GPT-2 does."""
    rows = [
        [name, percent(r["character_error"]), f"{r['failed_sentences']} of {found['sentences']}"]
        for name, r in found["rows"].items()
    ]
    return table([f"after {found['steps']} steps", "character error", "failed sentences"], rows)


def reliability(found: dict[str, Any]) -> str:
    """How many of 200 sentences lost or won something, or lasted too long."""
    rows = [
        [language, who, f"{r['failed']} of {found['sentences']}", percent(r["character_error"])]
        for language, kinds in found["rows"].items()
        for who, r in kinds.items()
    ]
    return table(["language", "who", "failed", "character error"], rows)


def recogniser(found: dict[str, Any]) -> str:
    """Our recognisers' own error, on recordings that they never heard."""
    rows = [
        [language, name, r["utterances"], percent(r["character_error"]), percent(r["word_error"])]
        for language, one in found["languages"].items()
        for name, r in one["rows"].items()
    ]
    return table(["language", "recordings", "utterances", "character error", "word error"], rows)


def russian_frontend(found: dict[str, Any]) -> str:
    """The speed of the Russian frontend beside espeak-ng's."""
    rows = [
        [name, r["cold_milliseconds"], r["first"], r["warm"]]
        for name, r in found["words_a_second"].items()
    ]
    return table(["frontend", "cold, ms", "words/s, new words", "words/s, warm"], rows)


def agreement(found: dict[str, Any]) -> str:
    """Two runs of `intone evaluate` and a third with another seed."""
    rows = [
        [
            voice,
            "the same" if r["two_agree"] else "differ",
            figure.replace("_", " "),
            f"{percent(f['first'])} ({100 * f['interval'][0]:.1f} to {100 * f['interval'][1]:.1f})",
            percent(f["third"]),
        ]
        for voice, r in found["rows"].items()
        for figure, f in r["figures"].items()
    ]
    return table(["voice", "two runs", "figure", "the first, with interval", "another seed"], rows)


CODECS = "--codecs small4=small-codec@4 small8=small-codec@8 mel-vq"
PERSON = (
    "--voices --unseen recordings:people/never_heard --count 40 --untrained --vocoders universal"
)
COMMANDS = {
    "sound": f"sound.py --each --precise RUN {CODECS}",
    "sound_person": f"sound.py --name sound_person {PERSON} {CODECS} mel-vq2=mel-vq@2",
}
"""Of results that take more than the name of their script."""


def main() -> None:
    """Print the page."""
    print("# Results\n\nMade by `python benchmarks/tables.py` from `benchmarks/results/`.")
    parts = (
        ("voice", "Is the shipped voice understood?", voice),
        ("families", "All families", families),
        ("gpt2_mel", "GPT-2 over mel frames, in the voice of clips", gpt2_mel),
        ("gpt2_mel_ablation", "What each cure of GPT-2 does", gpt2_mel_ablation),
        ("echolancer", "Echolancer", echolancer),
        ("echolancer_speed", "Echolancer's speed", echolancer_speed),
        ("mamba_conv", "Mamba-conv", mamba_conv),
        ("selective_scan", "The selective scan", selective_scan),
        ("reliability", "Does a voice skip, repeat or run on?", reliability),
        ("agreement", "Do two evaluations agree, and do their intervals cover a third?", agreement),
        ("peers", "Beside what else can be installed", peers),
        ("recogniser", "Our recognisers", recogniser),
        ("russian_frontend", "The Russian frontend", russian_frontend),
        ("minutes", "A voice in minutes", minutes),
        ("speed", "Speed", speed),
        ("sound", "Vocoders and codecs", sound),
        ("sound_person", "Vocoders and codecs of a person whom none of them heard", sound),
        ("alignment", "Alignment", alignment),
        ("prepare", "Preparation", prepare),
        ("training_speed", "Training speed", training),
        ("busy_machine", "Training beside other programs", busy_machine),
    )
    for name, title, show in parts:
        found = figures(name)
        if found is not None:
            section(title, COMMANDS.get(name, f"{name}.py"), found, show(found))


if __name__ == "__main__":
    main()
