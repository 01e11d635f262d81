#!/usr/bin/env bash
# Makes a vocoder like the shipped one: vocos-hn of preset laptop on flite's three voices,
# festival's Russian one and six of espeak-ng's. Needs flite, festival, festvox-ru, fortunes and fortunes-ru.
set -euo pipefail
work=${1:-vocoder}
mkdir -p "$work"
python "$(dirname "$0")/fortune_sentences.py" > "$work/english.txt"
python "$(dirname "$0")/fortune_sentences.py" russian > "$work/russian.txt"
intone corpus make "$work/corpus/flite" --teacher flite --voice rms --voice slt --voice awb \
    --count 1250 --sentences "$work/english.txt"
intone corpus make "$work/corpus/festival" --teacher festival --voice msu_ru_nsh_clunits \
    --count 450 --sentences "$work/russian.txt"
for voice in en-us+f3 en-gb+m3 en-us+f5 ru+m2 en-us+klatt2 de+f2; do
    intone corpus make "$work/corpus/$voice" --teacher espeak --voice "$voice" --count 120 \
        --sentences "$work/english.txt"
done
python "$(dirname "$0")/join_corpora.py" "$work/all" "$work"/corpus/*
intone prepare "$work/all" -o "$work/prepared" --frontend characters
intone train vocoder --corpus "$work/prepared" --preset laptop -o "$work/runs" \
    --run universal --resume auto train.max_minutes=100 train.steps=1000000
