#!/usr/bin/env bash
# Makes a voice of echolancer with three speakers: 1,300 sentences by each of three flite voices,
# our aligner, the codes of the mel-vq that comes with the package, then the model of preset laptop.
# Needs flite and fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-echolancer}
minutes=${2:-90}
mkdir -p "$work"
python "$(dirname "$0")/fortune_sentences.py" > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
intone prepare "$work/corpus" -o "$work/prepared"
intone align "$work/prepared" --from-scratch
intone train echolancer --corpus "$work/prepared" --preset laptop -o "$work/runs" \
    --run echolancer --resume auto data.codec=mel-vq train.max_minutes="$minutes" \
    train.steps=100000 train.validate_every=1000 train.samples_every=0 train.voice_from=last
intone speak "This is a voice that speaks in codes." --voice "$work/runs/echolancer" \
    --speaker slt -o "$work/hello.wav"
