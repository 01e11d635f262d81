#!/usr/bin/env bash
# Makes two voices of mamba-conv, on the small-codec that comes with the package. One of a single
# recording: 20 minutes of flite's rms, read as one mp3 file, with a text without times. One of a
# corpus of three flite voices, 1,300 sentences each, which also speaks like a reference. Needs flite
# and fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-mamba-conv}
minutes=${2:-110}
mkdir -p "$work"
here=$(dirname "$0")
python "$here/fortune_sentences.py" > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
python "$here/one_recording.py" "$work/corpus" "$work/recording" rms 20
intone pipeline mamba-conv --audio "$work/recording/speech.mp3" \
    --transcription "$work/recording/speech.json" -o "$work/runs" --run story \
    --minutes "$minutes" train.validate_every=1000 train.samples_every=0
intone prepare "$work/corpus" -o "$work/prepared"
intone align "$work/prepared"
intone train mamba-conv --corpus "$work/prepared" --preset laptop -o "$work/runs" --run three \
    --resume auto data.codec=small-codec data.codebooks=4 data.max_frames=2000 \
    train.max_minutes="$minutes" train.steps=100000 train.validate_every=1000 \
    train.samples_every=0 train.voice_from=last
intone speak "This is a voice that speaks in codes." --voice "$work/runs/three" \
    --speaker slt -o "$work/hello.wav"
python "$here/../benchmarks/mamba_conv.py" --voice "$work/runs/three" \
    --ablation "$work/prepared" small-codec
