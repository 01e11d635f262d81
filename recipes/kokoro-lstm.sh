#!/usr/bin/env bash
# Makes a Russian voice of kokoro-lstm: 2,000 sentences by festival's voice, our frontend and
# aligner. Needs festival, festvox-ru and fortunes-ru (apt install festival festvox-ru fortunes-ru).
set -euo pipefail
work=${1:-kokoro-lstm}
minutes=${2:-40}
mkdir -p "$work"
python "$(dirname "$0")/fortune_sentences.py" russian > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher festival --voice msu_ru_nsh_clunits --count 2000 \
    --sentences "$work/sentences.txt"
intone prepare "$work/corpus" -o "$work/prepared" --language ru
intone align "$work/prepared" --from-scratch
intone train kokoro-lstm --corpus "$work/prepared" --preset laptop -o "$work/runs" \
    --run kokoro-lstm --resume auto train.max_minutes="$minutes" train.steps=100000 \
    train.learning_rate=2e-3 train.validate_every=1000 train.samples_every=0 \
    train.voice_from=last data.max_frames=5000
intone speak "Это мой голос." --voice "$work/runs/kokoro-lstm" -o "$work/hello.wav"
