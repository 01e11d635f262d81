#!/usr/bin/env bash
# Makes a voice of gpt2-mel that speaks like a clip: 1,300 sentences by each of three flite voices,
# 120 by each of six of espeak-ng for variety, our aligner, GPT-2 of preset laptop. Needs flite and
# fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-gpt2-mel}
minutes=${2:-65}
mkdir -p "$work"
here=$(dirname "$0")
python "$here/fortune_sentences.py" > "$work/sentences.txt"
tail -n +1400 "$work/sentences.txt" | head -900 > "$work/others.txt"
intone corpus make "$work/flite" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
intone corpus make "$work/espeak" --teacher espeak --voice en-us+m1 --voice en-us+f2 \
    --voice en-gb+m3 --voice en-us+f4 --voice en-us+m7 --voice en-gb+f5 \
    --count 120 --sentences "$work/others.txt"
python "$here/join_corpora.py" "$work/corpus" "$work/flite" "$work/espeak"
intone prepare "$work/corpus" -o "$work/prepared"
intone align "$work/prepared"
intone train gpt2-mel --corpus "$work/prepared" --preset laptop -o "$work/runs" --run gpt2-mel \
    --resume auto model.weight_speaker=0.1 train.max_minutes="$minutes" train.steps=100000 \
    train.learning_rate=1.5e-3 train.validate_every=1000 train.samples_every=0 \
    train.voice_from=last data.max_frames=2500
flite -voice slt -t "This clip says whose voice it is, and nothing more." "$work/clip.wav"
intone speak "This is the voice of the clip." --voice "$work/runs/gpt2-mel" \
    --reference "$work/clip.wav" -o "$work/hello.wav"
