#!/usr/bin/env bash
# Makes the shipped English voice: 1,300 sentences by each of three flite voices, our aligner,
# FastSpeech 2 of preset laptop. Needs flite and fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-english-voice}
mkdir -p "$work"
python "$(dirname "$0")/fortune_sentences.py" > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
intone prepare "$work/corpus" -o "$work/prepared"
intone align "$work/prepared" --from-scratch
intone train fastspeech2 --corpus "$work/prepared" --preset laptop -o "$work/runs" --run english \
    --resume auto train.max_minutes=52 train.steps=100000 train.learning_rate=2e-3 \
    data.max_frames=5000 train.validate_every=1000 train.samples_every=0
intone speak "This is the voice." --voice "$work/runs/english/voice" -o "$work/hello.wav"
