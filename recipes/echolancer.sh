#!/usr/bin/env bash
# Makes a voice of echolancer: 1,300 sentences by each of three flite voices, 540 by each of three of
# eSpeak NG's, calm, excited and sad; our aligner, the codes of the mel-vq that comes with the
# package, then the model of preset laptop. Needs flite and fortunes (apt install flite fortunes).
set -euo pipefail
work=${1:-echolancer}
minutes=${2:-60}
here=$(dirname "$0")
mkdir -p "$work"
python "$here/fortune_sentences.py" > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher flite --voice rms --voice slt --voice awb \
    --count 1300 --sentences "$work/sentences.txt"
python "$here/emotional_corpus.py" "$work/moods" 540
python "$here/join_corpora.py" "$work/all" "$work/corpus" "$work/moods"
sed 's/^/moods-/' "$work/moods/labels.tsv" > "$work/labels.tsv"
grep -o '"id": "corpus-[^"]*' "$work/all/manifest.jsonl" | cut -d '"' -f 4 |
    sed 's/$/\tneutral/' >> "$work/labels.tsv"
intone prepare "$work/all" -o "$work/prepared"
intone align "$work/prepared"
intone emotions "$work/prepared" "$work/labels.tsv"
intone train echolancer --corpus "$work/prepared" --preset laptop -o "$work/runs" \
    --run echolancer --resume auto data.codec=mel-vq data.codebooks=2 data.max_frames=2500 \
    model.emotion=true model.emotion_dropout=0.3 train.max_minutes="$minutes" train.steps=100000 \
    train.validate_every=1000 train.samples_every=0 train.voice_from=last
intone speak "This is a voice that speaks in codes." --voice "$work/runs/echolancer" \
    --speaker slt --emotion neutral -o "$work/hello.wav"
