#!/usr/bin/env bash
# Makes a voice of gpt2-mel that speaks like a clip: 1,300 sentences by each of three flite voices,
# our aligner, GPT-2 of preset laptop. Needs flite and fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-gpt2-mel}
minutes=${2:-50}
mkdir -p "$work"
python "$(dirname "$0")/fortune_sentences.py" > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
intone prepare "$work/corpus" -o "$work/prepared"
intone align "$work/prepared" --from-scratch
intone train gpt2-mel --corpus "$work/prepared" --preset laptop -o "$work/runs" --run gpt2-mel \
    --resume auto model.weight_speaker=0.1 train.max_minutes="$minutes" train.steps=100000 \
    train.learning_rate=1.5e-3 train.validate_every=1000 train.samples_every=0 \
    train.voice_from=last data.max_frames=2500
flite -voice slt -t "This clip says whose voice it is, and nothing more." "$work/clip.wav"
intone speak "This is the voice of the clip." --voice "$work/runs/gpt2-mel" \
    --reference "$work/clip.wav" -o "$work/hello.wav"
