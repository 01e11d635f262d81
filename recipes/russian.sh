#!/usr/bin/env bash
# Makes the shipped Russian voice: 2,000 sentences by festival's voice, our frontend and aligner,
# Kokoro-LSTM of preset laptop; FastSpeech 2 on the same corpus, to compare; and the recogniser
# that reads them. Needs festival, festvox-ru and fortunes-ru
# (apt install festival festvox-ru fortunes-ru).
set -euo pipefail
work=${1:-russian-voice}
mkdir -p "$work"
here=$(dirname "$0")
python "$here/fortune_sentences.py" russian > "$work/sentences.txt"
intone corpus make "$work/corpus" --teacher festival --voice msu_ru_nsh_clunits --count 2000 \
    --sentences "$work/sentences.txt"
intone prepare "$work/corpus" -o "$work/prepared" --language ru
intone align "$work/prepared" --from-scratch
for family in kokoro-lstm fastspeech2; do
    intone train "$family" --corpus "$work/prepared" --preset laptop -o "$work/runs" \
        --run "$family" --resume auto train.max_minutes=40 train.steps=100000 \
        train.learning_rate=2e-3 data.max_frames=5000 train.validate_every=1000 \
        train.samples_every=0 train.voice_from=last
done
intone speak "Это мой голос." --voice "$work/runs/kokoro-lstm" -o "$work/hello.wav"
# The recogniser: the same recordings, and espeak-ng's voices reading other sentences.
tail -n +3000 "$work/sentences.txt" | head -1200 > "$work/others.txt"
intone corpus make "$work/espeak" --teacher espeak --voice ru --voice ru+m2 --voice ru+f3 \
    --count 250 --sentences "$work/others.txt"
intone prepare "$work/espeak" -o "$work/espeak-prepared" --frontend characters --language ru
python "$here/../benchmarks/recogniser.py" "$work/prepared" "$work/espeak-prepared"
