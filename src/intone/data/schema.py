"""What a prepared corpus holds: the columns of its shards, and its index."""

from __future__ import annotations

import pyarrow as pa

SHARDS = "shards"
DURATIONS = "durations"
CODES_FOLDER = "codes"
CORPUS_FILE = "corpus.json"
INDEX_FILE = "index.parquet"
SPEAKER_VECTORS_FILE = "speaker_vectors.json"
SET_ASIDE_FILE = "set_aside.jsonl"
VERSION = 2
READABLE = (1, 2)
"""Shards of version 1 lack `start_seconds` and nothing else."""

ROWS_IN_GROUP = 8
"""Few, so that fetching one utterance of a corpus too large for memory reads little else."""

UTTERANCES_IN_SHARD = 128
"""Bounds the memory of preparation, and the work that a kill can lose."""

SHARD = pa.schema(
    [
        ("id", pa.string()),
        ("speaker", pa.string()),
        ("language", pa.string()),
        ("text", pa.string()),
        ("symbols", pa.list_(pa.int32())),
        (
            "words",
            pa.list_(
                pa.struct([("text", pa.string()), ("start", pa.int32()), ("end", pa.int32())])
            ),
        ),
        ("frames", pa.int32()),
        ("mel", pa.list_(pa.float32())),
        ("pitch_hz", pa.list_(pa.float32())),
        ("energy", pa.list_(pa.float32())),
        ("samples", pa.list_(pa.int16())),
        (
            "phones",
            pa.list_(pa.struct([("symbol", pa.string()), ("end_seconds", pa.float32())])),
        ),
        ("start_seconds", pa.float64()),
        ("fingerprint", pa.string()),
        ("voiced_frames", pa.int32()),
        ("pitch_sum", pa.float64()),
        ("pitch_squares", pa.float64()),
        ("energy_sum", pa.float64()),
        ("energy_squares", pa.float64()),
    ],
    metadata={
        "mel": "natural-log mel (frames, bands), row by row",
        "pitch_hz": "(frames), 0 where unvoiced",
        "energy": "(frames), log loudness",
        "samples": "sound (T) at the format's sample rate, T = frames * hop",
        "symbols": "ids of the frontend in corpus.json",
        "start_seconds": "of the first frame in the original recording, whose silence was cut off",
        "phones": "what a teacher spoke, ends in seconds of the trimmed sound",
        "fingerprint": "of file, text and measures; index.parquet names the row that is valid",
        "pitch_sum": "of log Hz over voiced frames",
    },
)

INDEX = pa.schema(
    [
        ("id", pa.string()),
        ("speaker", pa.string()),
        ("frames", pa.int32()),
        ("symbols", pa.int32()),
        ("shard", pa.string()),
        ("row", pa.int32()),
        ("fingerprint", pa.string()),
    ]
)

STATISTICS = (
    "frames",
    "voiced_frames",
    "pitch_sum",
    "pitch_squares",
    "energy_sum",
    "energy_squares",
)
"""Columns whose sums over a speaker's rows give that speaker's scales."""

DURATION = pa.schema(
    [
        ("id", pa.string()),
        ("durations", pa.list_(pa.int32())),
        ("score", pa.float32()),
        ("fingerprint", pa.string()),
    ]
)

CODES = pa.schema(
    [
        ("id", pa.string()),
        ("fingerprint", pa.string()),
        ("codes", pa.list_(pa.int32())),
        ("voice", pa.list_(pa.float32())),
    ],
    metadata={
        "codes": "of a codec (frames, codebooks), row by row; the folder names its weights",
        "voice": "whose voice it is, where the codec keeps that beside the codes",
    },
)
